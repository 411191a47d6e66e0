#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| kprep_fuzz::read("graph_obo", input));
