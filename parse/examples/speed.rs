//! How fast a file is read, on one core: `cargo run --release -p kprep-parse --example speed -- FILE`.

use std::error::Error;
use std::hint::black_box;
use std::io::{Write, stdout};
use std::time::Instant;
use std::{env, fs};

use kprep_parse::{Chunks, ConllReader, Format};

const AT_LEAST: usize = 200 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: speed FILE")?;
    let mut bytes = fs::read(path)?;
    let format = Format::sniff(&bytes)?;
    if !bytes.ends_with(b"\n\n") {
        bytes.extend(b"\n\n");
    }
    let bytes = bytes.repeat(AT_LEAST / bytes.len() + 1);

    let start = Instant::now();
    let (mut words, mut sentences, mut errors) = (0, 0, 0);
    for sentence in ConllReader::new(bytes.as_slice(), format) {
        match black_box(sentence) {
            Ok(sentence) => {
                words += sentence.token.len();
                sentences += 1;
            }
            Err(_) => errors += 1,
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = bytes.len() as f64 / 1e6;
    let mut out = stdout();
    writeln!(
        out,
        "{format}: {sentences} sentences, {words} words, {errors} errors in {seconds:.2} s: {:.1} M words/s, {:.0} MB/s",
        words as f64 / 1e6 / seconds,
        megabytes / seconds,
    )?;

    let start = Instant::now();
    let blocks = Chunks::new(bytes.as_slice()).map(black_box).count();
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        out,
        "{blocks} blocks in {seconds:.2} s: {:.0} MB/s",
        megabytes / seconds
    )?;
    Ok(())
}
