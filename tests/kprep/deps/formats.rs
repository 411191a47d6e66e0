//! One sentence, in any format and container.

use std::fs;
use std::io::Write;
use std::path::Path;

use kprep_schemas::{DependencyExample, Words, hex};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::{DATA, large_file, rows};
use crate::needs::real;

#[test]
fn the_formats_of_one_sentence_give_one_row() {
    let read = |name: &str| {
        let mut rows = rows(&Path::new(DATA).join(name), &[]);
        assert_eq!((rows.len(), rows[0].doc_id.as_str()), (1, name));
        rows[0].id.clear();
        rows[0].doc_id.clear();
        rows.remove(0)
    };
    let expected = DependencyExample {
        id: String::new(),
        doc_id: String::new(),
        sent_id: None,
        text: None,
        token: Words::from(["The", "Aare", "flows", "."]),
        head: vec![2, 3, 0, -1],
        deprel: Words::from(["det", "nsubj", "ROOT", ""]),
        upos: None,
        xpos: Some(Words::from(["DT", "NNP", "VBZ", "."])),
    };
    assert_eq!(read("sentence.conllx"), expected);
    for name in ["conll", "conll2008", "conll2009", "xml", "json", "stp"] {
        assert_eq!(read(&format!("sentence.{name}")), expected, "{name}");
    }
    // CoreNLP's text has the raw sentence, too.
    let text = Some("The Aare flows.".to_owned());
    assert_eq!(read("sentence.out"), DependencyExample { text, ..expected });
}

#[test]
fn a_treebank_reads_as_python_reads_it() {
    let Some(input) = real("deps/conllu/en_ewt-ud-dev.conllu") else {
        return;
    };
    let rows = rows(&input, &["--keep-duplicates"]);
    let mut digest = Sha256::new();
    for row in &rows {
        let heads: Vec<_> = row.head.iter().map(i32::to_string).collect();
        let id = row.sent_id.as_deref().unwrap_or("_");
        let columns = [
            id,
            &row.token.join(" "),
            &heads.join(" "),
            &row.deprel.join(" "),
        ];
        digest.update(columns.join("\t") + "\n");
    }
    let expected = fs::read_to_string(Path::new(DATA).join("expected.tsv")).unwrap();
    let expected = expected
        .lines()
        .find(|line| line.contains("en_ewt-ud-dev"))
        .unwrap();
    let expected: Vec<_> = expected.split('\t').collect();
    let words: usize = rows.iter().map(|row| row.token.len()).sum();
    assert_eq!(expected[2..4], [rows.len().to_string(), words.to_string()]);
    assert_eq!(expected[6], hex(&digest.finalize()));
}

#[test]
fn compression_archive_and_line_ends_do_not_change_the_rows() {
    let dir = TempDir::new().unwrap();
    let text = large_file();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("large.conllu"), &text).unwrap();
    let crlf = path("crlf/large.conllu");
    fs::create_dir(crlf.parent().unwrap()).unwrap();
    fs::write(&crlf, text.replace('\n', "\r\n")).unwrap();
    fs::write(
        path("large.conllu.zst"),
        zstd::encode_all(text.as_bytes(), 1).unwrap(),
    )
    .unwrap();
    let mut archive = zip::ZipWriter::new(fs::File::create(path("large.zip")).unwrap());
    for (name, content) in [("large.conllu", text.as_str()), ("README.md", "no parses")] {
        archive
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let plain = rows(&path("large.conllu"), &[]);
    assert_eq!(plain.len(), 12_000 - 1715);
    assert_eq!(plain[0].doc_id, "d0");
    assert_eq!(plain[plain.len() - 1].doc_id, "d11990");
    for other in [crlf, path("large.conllu.zst"), path("large.zip")] {
        assert!(rows(&other, &[]) == plain, "{}", other.display());
    }
}
