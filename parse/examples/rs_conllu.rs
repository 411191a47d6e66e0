//! How fast the crate rs-conllu reads a CoNLL-U file, for `make bench` to compare with:
//! `cargo run --release -p kprep-parse --example rs_conllu -- FILE`.
//!
//! As its `parse_file` does, this holds the whole file and parses sentence after sentence; unlike
//! that, it keeps no sentence, which for a gigabyte would take ten.

use std::error::Error;
use std::io::{Write, stdout};
use std::time::Instant;
use std::{env, fs, hint};

use rs_conllu::{TokenID, parse_sentence};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: rs_conllu FILE")?;
    let start = Instant::now();
    let text = fs::read_to_string(path)?;
    let (mut words, mut sentences) = (0, 0);
    for block in text.split("\n\n").filter(|block| !block.is_empty()) {
        let sentence = hint::black_box(parse_sentence(block)?);
        words += sentence
            .iter()
            .filter(|token| matches!(token.id, TokenID::Single(_)))
            .count();
        sentences += 1;
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        stdout(),
        "{sentences} sentences, {words} words in {seconds:.2} s: {:.1} M words/s",
        words as f64 / 1e6 / seconds,
    )?;
    Ok(())
}
