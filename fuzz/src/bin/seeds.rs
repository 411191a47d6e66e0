//! Writes the seeds of each target into a folder of its own below the given one, and prints their
//! names.

use std::path::Path;
use std::{env, fs};

fn main() {
    let root = env::args_os().nth(1).expect("a folder");
    for target in kprep_fuzz::targets() {
        let folder = Path::new(&root).join(target.name);
        fs::create_dir_all(&folder).expect("a folder");
        for (number, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:02}")), seed).expect("a file");
        }
        println!("{}", target.name);
    }
}
