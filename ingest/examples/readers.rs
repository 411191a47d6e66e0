//! Reads files of `WordNet` (`data.*`, `index.*`), of UMLS (`MRCONSO.RRF`, `MRREL.RRF`) and priors of mentions (any other
//! name) with their readers, each once, on one thread, and does nothing else with the records. `make bench` calls it.

#![allow(clippy::print_stdout)] // an example talks

use std::fs::File;
use std::io::BufReader;
use std::path::PathBuf;
use std::time::Instant;

use kprep_ingest::graph::{mrconso, mrrel};
use kprep_ingest::mention_priors;
use kprep_ingest::wordnet::{data_synsets, index_entries, sense_index};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let start = Instant::now();
    let (mut records, mut bytes) = (0, 0);
    for path in std::env::args_os().skip(1).map(PathBuf::from) {
        let file = File::open(&path)?;
        bytes += file.metadata()?.len();
        let content = BufReader::with_capacity(1 << 16, file);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        records += if name.starts_with("data.") {
            count(data_synsets(content))?
        } else if name == "index.sense" {
            count(sense_index(content))?
        } else if name.starts_with("index.") {
            count(index_entries(content))?
        } else if name == "MRCONSO.RRF" {
            count(mrconso(content))?
        } else if name == "MRREL.RRF" {
            count(mrrel(content))?
        } else {
            count(mention_priors(content))?
        };
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{records} records, {bytes} bytes, {seconds:.3} s");
    Ok(())
}

/// How many records there are; the first error ends the count.
fn count<T, E: Into<Error>>(records: impl Iterator<Item = Result<T, E>>) -> Result<u64, Error> {
    let mut count = 0;
    for record in records {
        record.map_err(Into::into)?;
        count += 1;
    }
    Ok(count)
}
