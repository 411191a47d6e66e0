//! Real files against what Python's `conllu` package reads: `tests/data/deps/expected.tsv` at the
//! root of the workspace, and the script that made it beside it.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use kprep_parse::{
    Chunks, ConllReader, Error, Fault, Format, Result, Sentence, Structure, read_sentences,
};
use kprep_schemas::hex;
use sha2::{Digest, Sha256};

#[allow(dead_code, clippy::unwrap_used)] // of other tests, too; a test may panic
#[path = "../../tests/shared/needs.rs"]
mod needs;

const EXPECTED: &str = include_str!("../../tests/data/deps/expected.tsv");

/// The folder of real files, where there is one.
fn real_files() -> Option<PathBuf> {
    needs::real("deps")
}

/// A line of `expected.tsv` for what was read.
fn describe(path: &str, format: Format, read: &[Result<Sentence>], words: usize) -> String {
    let no_heads = read
        .iter()
        .filter(|s| {
            matches!(
                s,
                Err(Error::Sentence {
                    fault: Fault::NoHeads,
                    ..
                })
            )
        })
        .count();
    let mut lines = String::new();
    let mut trees = 0;
    for s in read.iter().flatten() {
        trees += 1;
        let head: Vec<_> = s.head.iter().map(i32::to_string).collect();
        let deprel: Vec<_> = s
            .deprel
            .iter()
            .map(|d| if d.is_empty() { "_" } else { d })
            .collect();
        let id = s.sent_id.as_deref().unwrap_or("_");
        let columns = [id, &s.token.join(" "), &head.join(" "), &deprel.join(" ")];
        lines += &(columns.join("\t") + "\n");
    }
    let sha256 = hex(&Sha256::digest(lines));
    let sentences = read.len();
    format!("{path}\t{format}\t{sentences}\t{words}\t{no_heads}\t{trees}\t{sha256}")
}

/// Rows that are words, counted without the reader.
fn count_words(text: &str) -> usize {
    let ids = text.lines().filter_map(|line| line.split('\t').next());
    ids.filter(|id| id.parse::<u32>().is_ok()).count()
}

#[test]
fn files_read_as_python_reads_them() {
    let Some(folder) = real_files() else { return };
    for expected in EXPECTED.lines().skip(1) {
        let path = expected.split('\t').next().unwrap();
        let bytes = fs::read(folder.join(path)).unwrap();
        let format = Format::sniff(&bytes).unwrap();
        let read: Vec<_> = ConllReader::new(bytes.as_slice(), format).collect();
        let words = count_words(&String::from_utf8(bytes).unwrap());
        assert_eq!(describe(path, format, &read, words), expected);
    }
}

#[test]
fn blocks_of_a_real_file_read_as_the_whole() {
    let Some(folder) = real_files() else { return };
    let bytes = fs::read(folder.join("conllu/en_ewt-ud-dev.conllu")).unwrap();
    let whole: Vec<_> = ConllReader::new(bytes.as_slice(), Format::ConllU)
        .map(Result::unwrap)
        .collect();
    let mut blocks = Vec::new();
    let chunks = Chunks::new(bytes.as_slice());
    let _ = chunks.blocks(Format::ConllU, Structure::Tree, &mut |block| {
        let parsed = block.read(Structure::Tree);
        blocks.extend(parsed.sentences.into_iter().map(Result::unwrap));
        ControlFlow::Continue(())
    });
    for (sentence, number) in blocks.iter_mut().zip(1..) {
        sentence.position.record = number;
    }
    assert!(blocks == whole);
}

#[test]
fn shared_tasks_and_documents() {
    let Some(folder) = real_files() else { return };
    // Sentences that are trees, their words, and sentences that are none, as a count of rows by
    // Python has them (`re.split` at blank lines; one sentence of CoNLL-09 has two roots).
    for (path, format, trees, words, faults) in [
        (
            "conllx/CoNLL-08_trial.closed.sample.conll",
            "CoNLL-2008",
            2,
            40,
            0,
        ),
        ("conllx/2008/en-orig.conll", "CoNLL-2008", 2, 40, 0),
        ("conllx/CoNLL-09_example.conll", "CoNLL-2009", 1, 29, 1),
        ("conllx/2009/en-orig.conll", "CoNLL-2009", 2, 40, 0),
        ("corenlp/corenlp-doc.xml", "CoreNLP XML", 2, 17, 0),
        ("corenlp/collapsed-only.xml", "CoreNLP XML", 0, 0, 1),
    ] {
        let bytes = fs::read(folder.join(path)).unwrap();
        let found = Format::sniff(&bytes).unwrap();
        assert_eq!(found.to_string(), format, "{path}");
        let mut read = Vec::new();
        let _ = read_sentences(bytes.as_slice(), found, Structure::Tree, &mut |sentence| {
            read.push(sentence);
            ControlFlow::Continue(())
        });
        let sentences: Vec<_> = read.iter().flatten().collect();
        let count: usize = sentences.iter().map(|s| s.token.len()).sum();
        let counts = (sentences.len(), count, read.len() - sentences.len());
        assert_eq!(counts, (trees, words, faults), "{path}: {read:?}");
    }
}
