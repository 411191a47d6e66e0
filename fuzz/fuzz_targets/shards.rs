#![no_main]
libfuzzer_sys::fuzz_target!(
    init: kprep_fuzz::leave_parquet_to_the_reader(),
    |input: &[u8]| kprep_fuzz::read("shards", input)
);
