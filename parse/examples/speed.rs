//! How fast a file is read, on one core: `cargo run --release -p kprep-parse --example speed --
//! FILE`.
//!
//! This is the floor of `make bench`: every sentence is read, parsed and dropped, in the memory of
//! one sentence and a buffer.

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Write, stdout};
use std::ops::ControlFlow;
use std::time::Instant;
use std::{env, hint};

use kprep_parse::{Chunks, Structure, read_sentences};

const BUFFER: usize = 256 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: speed FILE")?;
    let open = || File::open(&path).map(|file| BufReader::with_capacity(BUFFER, file));
    let format = Chunks::new(open()?).sniff()?;

    let start = Instant::now();
    let (mut words, mut sentences, mut errors) = (0, 0, 0);
    let _ = read_sentences(open()?, format, Structure::Tree, &mut |sentence| {
        match hint::black_box(sentence) {
            Ok(sentence) => {
                words += sentence.token.len();
                sentences += 1;
            }
            Err(_) => errors += 1,
        }
        ControlFlow::Continue(())
    });
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        stdout(),
        "{format}: {sentences} sentences, {words} words, {errors} errors in {seconds:.2} s: {:.1} M words/s",
        words as f64 / 1e6 / seconds,
    )?;
    Ok(())
}
