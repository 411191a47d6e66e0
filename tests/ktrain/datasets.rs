//! Small datasets, made where a test needs them.

use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{
    Card, DatasetWriter, DependencyExample, Funnel, GroupBy, OutputDir, Provenance, Record,
    RelationExample, Split, Words, stable_id,
};

/// A folder of `tests/data/backbone`.
pub(crate) fn backbone(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data/backbone")
        .join(name)
}

/// Copies files of the backbone `bert-tiny` into a folder, and makes it if need be.
pub(crate) fn copy_backbone(to: &Path, files: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for file in files {
        fs::copy(backbone("bert-tiny").join(file), to.join(file)).unwrap();
    }
}

/// Rows of the training, validation and test split.
pub(crate) type Splits<R> = [Vec<R>; 3];

/// Writes a dataset at `dir`.
pub(crate) fn write<R: Record>(dir: &Path, class_names: &[&str], splits: Splits<R>) {
    write_for(None, dir, class_names, splits, |_| {});
}

/// The same for an objective, with what `more` adds.
pub(crate) fn write_for<R: Record>(
    objective: Option<&str>,
    dir: &Path,
    class_names: &[&str],
    splits: Splits<R>,
    more: impl FnOnce(&mut DatasetWriter<R>),
) {
    let names = class_names.iter().map(|name| (*name).to_owned()).collect();
    let mut writer = DatasetWriter::create(OutputDir::claim(dir, false).unwrap(), names).unwrap();
    for (split, rows) in Split::ALL.into_iter().zip(splits) {
        for row in rows {
            writer.push(split, row).unwrap();
        }
    }
    more(&mut writer);
    let provenance = Provenance {
        objective: objective.map(str::to_owned),
        command: "test",
        arguments: serde_json::Map::new(),
        seed: 1,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel: Funnel::new("rows", 0),
    };
    writer.finish(provenance, &Card::default()).unwrap();
}

/// A sentence with a subject and an object, by their first and last words.
pub(crate) fn relation(
    text: &str,
    subject: (i32, i32),
    object: (i32, i32),
    label: i64,
) -> RelationExample {
    let token: Words = text.split(' ').collect();
    let code_points = |(first, last): (i32, i32)| {
        let long = |words: std::ops::Range<i32>| -> i32 {
            let words = token.iter().skip(words.start as usize).take(words.len());
            words.map(|word| word.chars().count() as i32 + 1).sum()
        };
        (long(0..first), long(0..last + 1) - 1)
    };
    RelationExample {
        id: stable_id([
            text.as_bytes(),
            &subject.0.to_le_bytes(),
            &object.0.to_le_bytes(),
        ]),
        doc_id: "d".into(),
        title: String::new(),
        text: text.into(),
        subj_start: subject.0,
        subj_end: subject.1,
        obj_start: object.0,
        obj_end: object.1,
        subj_char_start: code_points(subject).0,
        subj_char_end: code_points(subject).1,
        obj_char_start: code_points(object).0,
        obj_char_end: code_points(object).1,
        subj_id: "Q1".into(),
        obj_id: "Q2".into(),
        obj_type: "item".into(),
        relation: format!("P{label}"),
        label: Some(label),
        aligners: ["test"].into(),
        token,
    }
}

/// A sentence with the head of each word (1-based, 0 = root).
pub(crate) fn heads(text: &str, head: &[i32]) -> DependencyExample {
    let token: Words = text.split(' ').collect();
    DependencyExample {
        id: stable_id([text.as_bytes()]),
        doc_id: "d".into(),
        sent_id: None,
        text: Some(text.into()),
        head: head.to_vec(),
        deprel: token.iter().map(|_| "dep").collect(),
        upos: None,
        xpos: None,
        token,
    }
}

/// The names of [`easy_relation`]'s labels.
pub(crate) const EASY_RELATIONS: [&str; 4] = ["P0", "P1", "P2", "P3"];

/// A relation that the subject's word gives away, in a sentence of 6 to 12 words and a number.
pub(crate) fn easy_relation(i: usize) -> RelationExample {
    let subjects = ["gold", "paris", "novel", "language"];
    let fillers = [
        "is", "the", "of", "in", "capital", "france", "river", "a", "b", "c", "d",
    ];
    let label = i * 7 % 4;
    let n = 5 + i % 7;
    let words: Vec<&str> = (0..n)
        .map(|j| fillers[(i * 3 + j * j + i / 11) % fillers.len()])
        .collect();
    let text = format!("{} {} {}", words[0], subjects[label], words[1..].join(" "));
    let last = n as i32;
    relation(&format!("{text} {i}"), (1, 1), (last, last), label as i64)
}

/// 600 of them to learn from, 100 to validate and 100 to test.
pub(crate) fn easy_relations(dir: &Path) {
    let rows = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    write(
        dir,
        &EASY_RELATIONS,
        [rows(0..600), rows(600..700), rows(700..800)],
    );
}

/// Sentences in which every word hangs on the second, which is the root. No test split.
pub(crate) fn easy_heads(dir: &Path) {
    let fillers = ["is", "the", "of", "in", "capital", "france", "river"];
    let row = |i: usize| {
        let n = 4 + i % 6;
        let words: Vec<&str> = (0..n)
            .map(|j| fillers[(i + j * j) % fillers.len()])
            .collect();
        let mut head = vec![2; n];
        head[1] = 0;
        heads(
            &format!("{} {i}", words.join(" ")),
            &[head, vec![2]].concat(),
        )
    };
    let rows = |range: std::ops::Range<usize>| range.map(row).collect();
    write(dir, &[], [rows(0..400), rows(400..480), Vec::new()]);
}
