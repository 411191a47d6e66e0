//! Knowledge graphs: triples, `OpenKE`'s files, UMLS's RRF, OBO.

use std::fmt::Debug;
use std::io::BufReader;

use kprep_ingest::graph::{
    GraphResult, OboReader, mrconso, mrdoc_inverses, mrrel, mrsty, openke_names, openke_triples,
    triples,
};

use crate::target::{Target, ending, file};

pub(super) const TARGETS: [Target; 2] = [
    Target {
        name: "graph",
        read: lines,
        seeds: || FILES.map(sample).into(),
    },
    Target {
        name: "graph_obo",
        read: obo,
        seeds: || vec![sample("graph.obo"), COMMENTS.to_vec()],
    },
];

const FILES: [&str; 7] = [
    "triples/train.txt",
    "openke/entity2id.txt",
    "openke/train2id.txt",
    "umls/MRCONSO.RRF",
    "umls/MRREL.RRF",
    "umls/MRSTY.RRF",
    "umls/MRDOC.RRF",
];

/// What was found: the parser's crate panicked at lines that are comments.
const COMMENTS: &[u8] =
    b"! x\n[Term]\nid: X:1\n! a comment\nname: flu ! a name\n!\n\n[Typedef]\n! x\nid: y\n";

fn sample(name: &str) -> Vec<u8> {
    file(&format!("data/sample/graph/{name}"))
}

/// The same records and faults whatever the buffer is; nothing behind a failing input.
fn records<'a, T: Debug, I: Iterator<Item = GraphResult<T>> + 'a>(
    input: &'a [u8],
    read: impl Fn(BufReader<&'a [u8]>) -> I,
) {
    let read = |buffer| -> Vec<String> {
        let records = ending(read(BufReader::with_capacity(buffer, input)));
        let shown = records.map(|record| match record {
            Ok(record) => format!("{record:?}"),
            Err(error) => error.to_string(),
        });
        shown.collect()
    };
    assert_eq!(read(1 << 16), read(7));
}

fn lines(input: &[u8]) {
    records(input, triples);
    records(input, openke_names);
    records(input, openke_triples);
    records(input, mrconso);
    records(input, mrrel);
    records(input, mrsty);
    records(input, mrdoc_inverses);
}

fn obo(input: &[u8]) {
    records(input, OboReader::new);
}
