//! The test sets of `--exclude`, whatever form they have.

use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::slice;
use std::str;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use kprep_align::TestSets;
use kprep_ingest::{Found, Input, JsonDocuments, LineBlocks, TestItem, parse_test_item};
use kprep_schemas::{
    Dataset, DependencyExample, InputFile, MANIFEST, Record, RelationExample, Split, is_dataset,
};

use crate::build::inputs::{self, Wanted};

/// Names of test sets in a folder.
const SUFFIXES: [&str; 4] = [".json", ".jsonl", ".tsv", ".txt"];

/// What is read.
const WANTED: Wanted = Wanted {
    command: "exclude",
    formats: "a test set: JSON, pairs Q1<TAB>Q2, or a sentence a line",
};

/// Pairs and sentences of the test sets at these paths: files, folders of files, or datasets. With
/// the name, size and checksum of each file for the manifest; a dataset stands with its own
/// manifest, which has the checksums of all its files.
pub(crate) fn read(paths: &[PathBuf]) -> Result<(TestSets, Vec<InputFile>)> {
    let mut tests = TestSets::default();
    let mut files = Vec::new();
    for path in paths {
        if is_dataset(path) {
            let manifest = Input::new(&path.join(MANIFEST))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = inputs::describe(&manifest, true)?;
            read_dataset(path, &mut tests).with_context(|| path.display().to_string())?;
            files.push(InputFile {
                name: format!("{name}/{}", file.name),
                ..file
            });
            continue;
        }
        let found = Found::at(slice::from_ref(path), &SUFFIXES, None)?;
        if let Some((inside, what)) = found.not_read.first() {
            bail!(
                "--exclude {}: {} is {what}: name it, too, or take it out of the folder",
                path.display(),
                inside.display()
            );
        }
        for input in found.inputs {
            ensure!(
                !input.is_stream(),
                "--exclude {}: expected a file or folder, found a pipe",
                path.display()
            );
            // Nobody waits for the bytes: a test set is small.
            input.visit(&Arc::default(), |name, content| -> Result<()> {
                read_file(content, &mut tests).with_context(|| format!("--exclude {name}"))
            })?;
            files.push(inputs::describe(&input, true)?);
        }
    }
    Ok((tests, files))
}

/// All splits of a set that kprep made.
fn read_dataset(dir: &Path, tests: &mut TestSets) -> Result<()> {
    let dataset = Dataset::open(dir)?;
    for split in Split::ALL {
        match dataset.manifest.record.as_str() {
            RelationExample::NAME => {
                for row in dataset.rows::<RelationExample>(split)? {
                    let row = row?;
                    tests.add_pair(&row.subj_id, &row.obj_id);
                    tests.add_sentence(&row.text);
                }
            }
            DependencyExample::NAME => {
                for row in dataset.rows::<DependencyExample>(split)? {
                    tests.add_sentence(&row?.token.join(" "));
                }
            }
            other => bail!("it holds {other}, expected relations or heads"),
        }
    }
    Ok(())
}

/// A file: JSON if it begins like an object or an array of objects, else lines.
fn read_file(content: &mut dyn BufRead, tests: &mut TestSets) -> Result<()> {
    if let Some(other) = inputs::refused(content, &WANTED) {
        bail!(other);
    }
    let start = String::from_utf8_lossy(content.fill_buf()?);
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let array = start.strip_prefix('[').map(str::trim_start);
    if start.starts_with('{') || array.is_some_and(|rest| rest.starts_with(['{', ']'])) {
        read_json(content, tests)
    } else {
        read_lines(content, tests)
    }
}

fn read_json(content: &mut dyn BufRead, tests: &mut TestSets) -> Result<()> {
    for (batch, error) in JsonDocuments::new(content) {
        for (position, json) in batch.documents() {
            let item = json
                .map_err(|e| anyhow!(e))
                .and_then(|json| Ok(parse_test_item(json)?));
            let place = || format!("record {} at byte {}", position.record, position.byte);
            let TestItem { pair, sentences } = item.with_context(place)?;
            if let Some((one, other)) = pair {
                tests.add_pair(&one, &other);
            }
            for sentence in &sentences {
                tests.add_sentence(sentence);
            }
        }
        if let Some(error) = error {
            return Err(error.into());
        }
    }
    Ok(())
}

/// A longer line is no sentence.
const MAX_LINE: usize = 1 << 20;

/// Lines `Q1<TAB>Q2`, if the first one is such a line, else a sentence a line.
fn read_lines(content: &mut dyn BufRead, tests: &mut TestSets) -> Result<()> {
    let mut are_pairs = None;
    for block in LineBlocks::of_text(content, MAX_LINE) {
        let block = block?;
        if block.too_long.is_some() {
            let line = block.start.line;
            bail!("line {line}: expected a line of at most {MAX_LINE} bytes");
        }
        for (at, line) in block.lines() {
            let number = at.line;
            let line = str::from_utf8(line).map_err(|_| {
                anyhow!("line {number}: expected text in UTF-8, JSON, or a folder that kprep made")
            })?;
            let line = line.trim_start_matches('\u{feff}').trim();
            if line.is_empty() {
                continue;
            }
            let pair = pair(line);
            match (*are_pairs.get_or_insert(pair.is_some()), pair) {
                (true, Some((one, other))) => tests.add_pair(one, other),
                (true, None) => {
                    bail!("line {number}: expected a pair, as Q1<TAB>Q2, found {line:?}")
                }
                (false, _) => tests.add_sentence(line),
            }
        }
    }
    Ok(())
}

/// An item and another item or a literal, with a tab between. Further columns do not count.
fn pair(line: &str) -> Option<(&str, &str)> {
    let mut columns = line.split('\t').map(str::trim);
    let (one, other) = (columns.next()?, columns.next()?);
    let item = kprep_align::object(one).kind == "item";
    (item && !other.is_empty()).then_some((one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests_of(text: &str) -> Result<TestSets> {
        let mut tests = TestSets::default();
        read_file(&mut text.as_bytes(), &mut tests)?;
        Ok(tests)
    }

    #[test]
    fn the_form_is_told_by_the_content() {
        for end in ["\n", "\r\n"] {
            let lines = |lines: &[&str]| tests_of(&lines.join(end)).unwrap();
            let pairs = lines(&["Q1\tQ2", "", "Q3\tQ4\tP36"]);
            assert_eq!((pairs.pair_count(), pairs.sentence_count()), (2, 0));
            assert!(pairs.has_pair("Q4", "Q3"));
            let text = lines(&["[He] was born.", "Q1 is an id\tQ2"]);
            assert_eq!((text.pair_count(), text.sentence_count()), (0, 2));
            let json = [r#"{"text": "A."}"#, r#"{"subj_id": "Q1", "obj_id": "Q2"}"#];
            let found = lines(&json);
            assert_eq!((found.pair_count(), found.sentence_count()), (1, 1));
            let array = tests_of(&format!("[{end}{}]", json.join(","))).unwrap();
            assert_eq!(array, found);
        }
    }

    #[test]
    fn one_bad_line_between_two_good_ones_is_named() {
        let error = |text| format!("{:#}", tests_of(text).unwrap_err());
        assert_eq!(
            error("Q1\tQ2\nQ3 Q4\nQ5\tQ6\n"),
            "line 2: expected a pair, as Q1<TAB>Q2, found \"Q3 Q4\""
        );
        let bad = error("{\"text\": \"A.\"}\n{\"x\": 1}\n{\"text\": \"B.\"}\n");
        assert!(
            bad.starts_with("record 2 at byte 15: expected sub_uri"),
            "{bad}"
        );
    }
}
