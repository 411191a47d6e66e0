//! Writes the seeds of each target into a folder of its own below the given one, and prints their
//! names.
//!
//! It is a fuzz target that never starts: the instrumented readers do not link without libFuzzer.
#![no_main]

use std::path::Path;
use std::{env, fs, process};

libfuzzer_sys::fuzz_target!(init: write(), |_input: &[u8]| {});

fn write() {
    let root = env::args_os().nth(1).expect("a folder");
    for target in kprep_fuzz::targets() {
        let folder = Path::new(&root).join(target.name);
        fs::create_dir_all(&folder).expect("a folder");
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), seed).expect("a file");
        }
        println!("{}", target.name);
    }
    process::exit(0);
}
