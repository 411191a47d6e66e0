//! The floor under `kprep trex`: reads T-REx files, cuts them into documents and parses each one,
//! once, on one thread, and does nothing else. `make bench` measures against it.

#![allow(clippy::print_stdout)] // an example talks

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use kprep_ingest::{Error, Found, JsonDocuments, parse_document};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let read = Arc::new(AtomicU64::new(0));
    let (mut documents, mut triples) = (0, 0);
    for input in Found::at(&paths, &[".json", ".jsonl", ".zip"], None)?.inputs {
        input.visit(
            &read,
            |_, content| -> Result<(), Box<dyn std::error::Error>> {
                for (batch, error) in JsonDocuments::new(content) {
                    for (_, document) in batch.documents() {
                        triples += parse_document(document?)?.triples.len();
                        documents += 1;
                    }
                    error.map_or(Ok::<(), Error>(()), Err)?;
                }
                Ok(())
            },
        )?;
    }
    let seconds = start.elapsed().as_secs_f64();
    let bytes = read.load(Ordering::Relaxed);
    println!("{documents} documents, {triples} triples, {bytes} bytes, {seconds:.3} s");
    Ok(())
}
