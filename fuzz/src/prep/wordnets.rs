//! WordNet's files and WN-LMF.

use std::fmt::Debug;
use std::io::BufReader;

use kprep_ingest::decompress;
use kprep_ingest::wordnet::{
    LmfReader, WordNetError, WordNetResult, cntlist, cntlist_rev, data_synsets, exceptions,
    index_entries, notice_lines, sense_index,
};

use crate::target::{Target, beginning, ending, file};

pub(super) const TARGETS: [Target; 2] = [
    Target {
        name: "wordnet",
        read: wordnet,
        seeds: files,
    },
    Target {
        name: "wordnet_lmf",
        read: lmf,
        seeds: lmf_files,
    },
];

const FILES: [&str; 7] = [
    "data.noun",
    "data.verb",
    "data.adj",
    "index.noun",
    "index.sense",
    "cntlist.rev",
    "verb.exc",
];

/// The start of a file of the sample.
fn short(name: &str) -> Vec<u8> {
    beginning(file(&format!("data/sample/wordnet/{name}")), 4096, b"\n")
}

fn files() -> Vec<Vec<u8>> {
    FILES.map(short).into()
}

/// The start of a file of WN-LMF, and one whose synsets come at its start.
fn lmf_files() -> Vec<Vec<u8>> {
    let packed = file("data/sample/wordnet/sample.xml.gz");
    let mut text = Vec::new();
    let mut unpacked = decompress(packed.as_slice()).expect("gzip");
    std::io::Read::read_to_end(&mut unpacked, &mut text).expect("gzip");
    let of = |mark: &[u8]| text.windows(mark.len()).position(|window| window == mark);
    let (head, synsets) = (of(b"<LexicalEntry"), of(b"<Synset"));
    let head = &text[..head.unwrap_or_default()];
    let synsets = beginning(
        text[synsets.unwrap_or_default()..].to_vec(),
        2048,
        b"</Synset>\n",
    );
    let short = [head, &synsets, b"</Lexicon>\n</LexicalResource>\n"].concat();
    vec![beginning(text.clone(), 4096, b"\n"), short]
}

/// The same records and faults whatever the buffer is; nothing behind a failing input.
fn records<'a, T: Debug, I: Iterator<Item = WordNetResult<T>> + 'a>(
    input: &'a [u8],
    read: impl Fn(BufReader<&'a [u8]>) -> I,
) {
    let read = |buffer| -> Vec<String> {
        let records = ending(read(BufReader::with_capacity(buffer, input)));
        let shown = records.map(|record| match record {
            Ok(record) => format!("{record:?}"),
            Err(WordNetError::Syntax { position, .. }) => position.to_string(),
            Err(other) => other.to_string(),
        });
        shown.collect()
    };
    assert_eq!(read(1 << 16), read(7));
}

fn wordnet(input: &[u8]) {
    let _ = notice_lines(input);
    records(input, data_synsets);
    records(input, index_entries);
    records(input, sense_index);
    records(input, cntlist);
    records(input, cntlist_rev);
    records(input, exceptions);
}

fn lmf(input: &[u8]) {
    records(input, LmfReader::new);
}
