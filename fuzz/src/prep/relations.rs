//! What `kprep import` reads, and the files beside T-REx: `--exclude`, `--labels` and
//! `--property-labels`.

use kprep::formats::find_head::read_find_head;
use kprep::formats::kadapter::from_kadapter;
use kprep::formats::tacred::from_tacred;
use kprep::formats::trex::{document, write_document};
use kprep_align::{PropertyLabels, TestSets};
use kprep_ingest::{JsonDocuments, LineBlocks, SideFile, class_names, parse_test_item};
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, DependencyExample, Entity, Fact, Page, Property,
    QuestionExample, Record, Redirect, RelationExample, Rules, Synset, Triple, TypingExample,
    rows_from_json,
};

use crate::target::{Target, chosen, ending, file, with_folder};

pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "import",
        read: import,
        seeds: rows,
    },
    Target {
        name: "exclude",
        read: exclude,
        seeds: test_sets,
    },
    Target {
        name: "labels",
        read: labels,
        seeds: || LABELS.map(|text| text.as_bytes().to_vec()).into(),
    },
];

const LABELS: [&str; 6] = [
    "P17\r\n\r\nP19\r\nP36",
    r#"["P17", "P19", "P36"]"#,
    "['P17',\n 'P19', 'P36',\n]\n",
    r#"{"P36": 2, "P17": 0, "P19": 1}"#,
    "import json\ntrex_relations = ['P17',\n    'P19', 'P36']\n\nother = ['Q1']\n",
    "P36\tcapital\nP17\tcountry\n",
];

const TACRED: &str = r#"[{"id": "e1", "docid": "d", "relation": "org:founded_by",
    "token": ["Ann", "founded", "Acme", "."], "subj_start": 2, "subj_end": 2, "obj_start": 0,
    "obj_end": 0, "subj_type": "ORGANIZATION", "obj_type": "PERSON",
    "stanford_pos": ["NNP", "VBD", "NNP", "."]}]"#;

const KADAPTER: &str = r#"[{"docid": "d", "relation": "P112", "token": ["Ann", "founded", "Acme"],
    "subj_start": 2, "subj_end": 2, "obj_start": 0, "obj_end": 0, "subj_label": "Q1",
    "obj_label": "2001-01-01T00:00:00Z"}]"#;

const FIND_HEAD: &str = r#"[{"sent": "Birds sing",
    "tokens": [{"1": {"start": 0, "end": 5}}, {"2": {"start": 6, "end": 10}}],
    "pairs": [{"dependent_index": 1, "governor_index": 2},
              {"dependent_index": 2, "governor_index": 0}]}]"#;

fn rows() -> Vec<Vec<u8>> {
    let own = [(0, TACRED), (1, KADAPTER), (2, FIND_HEAD)];
    let texts = own.map(|(choice, text)| [&[choice], text.as_bytes()].concat());
    let mut seeds = chosen([(0, "tests/data/tasks/tacred_train.json")]);
    seeds.extend(texts);
    let lines = (3u8..).zip(super::datasets::json_lines());
    seeds.extend(lines.map(|(choice, lines)| [&[choice], lines].concat()));
    seeds
}

fn test_sets() -> Vec<Vec<u8>> {
    let texts = [
        "Q1\tQ2\r\n\r\nQ3\tQ4\tP36\n",
        "[He] was born.\nQ1 is an id\tQ2\n",
        "{\"text\": \"A.\"}\n{\"subj_id\": \"Q1\", \"obj_id\": \"Q2\"}\n",
        "[{\"sub_uri\": \"Q1\", \"obj_uri\": \"Q2\", \"evidences\": [{\"masked_sentence\": \"A [MASK].\"}]}]",
    ];
    let mut seeds = texts.map(|text| text.as_bytes().to_vec()).to_vec();
    seeds.push(file("tests/data/tasks/lama/P19.jsonl"));
    seeds
}

/// The first byte of the input chooses the format, and of JSON Lines the record type.
fn import(input: &[u8]) {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    for (batch, _) in ending(JsonDocuments::new(text)) {
        let objects: Vec<&[u8]> = batch
            .documents()
            .filter_map(|(_, json)| json.ok())
            .collect();
        let each = objects.iter().copied();
        match choice % 17 {
            0 => each
                .filter_map(|json| from_tacred(json).ok())
                .for_each(|row| check(&row)),
            1 => each
                .filter_map(|json| from_kadapter(json).ok())
                .for_each(|row| check(&row)),
            2 => each.for_each(|json| drop(read_find_head(json, "input", 0))),
            3 => lines::<RelationExample>(&objects),
            4 => lines::<DependencyExample>(&objects),
            5 => pages(&objects),
            6 => lines::<Entity>(&objects),
            7 => lines::<Property>(&objects),
            8 => lines::<Triple>(&objects),
            9 => lines::<Page>(&objects),
            10 => lines::<Redirect>(&objects),
            11 => lines::<TypingExample>(&objects),
            12 => lines::<ChoiceExample>(&objects),
            13 => lines::<QuestionExample>(&objects),
            14 => lines::<ClozeExample>(&objects),
            15 => lines::<Synset>(&objects),
            _ => lines::<Fact>(&objects),
        }
    }
}

/// A row is checked as `kprep import` does it: any may break the rules, none may break the check.
fn check<R: Record>(row: &R) {
    let _ = (row.check(&Rules::default()), row.id(), row.shareable());
}

fn lines<R: Record>(objects: &[&[u8]]) {
    rows_from_json::<R>(objects)
        .into_iter()
        .flatten()
        .for_each(|row| check(&row));
}

/// Aligned pages are documents of T-REx, too.
fn pages(objects: &[&[u8]]) {
    for page in rows_from_json::<AlignedPage>(objects).into_iter().flatten() {
        if page.check(&Rules::default()).is_ok() {
            let mut json = Vec::new();
            write_document(&page, &mut json).expect("memory");
            let back = kprep_ingest::parse_document(&json);
            assert!(back.is_ok(), "{back:?}");
            let _ = document(&page).triples.len();
        }
    }
}

/// Test sets in JSON, and as pairs or sentences a line.
fn exclude(input: &[u8]) {
    let mut tests = TestSets::default();
    for (batch, _) in ending(JsonDocuments::new(input)) {
        let objects = batch.documents().filter_map(|(_, json)| json.ok());
        for item in objects.filter_map(|json| parse_test_item(json).ok()) {
            if let Some((one, other)) = item.pair {
                tests.add_pair(&one, &other);
            }
            item.sentences
                .iter()
                .for_each(|text| tests.add_sentence(text));
        }
    }
    for block in ending(LineBlocks::of_text(input, 1 << 20)).flatten() {
        for (_, line) in block.lines() {
            let line = String::from_utf8_lossy(line);
            match line.split_once('\t') {
                Some((one, other)) => tests.add_pair(one, other),
                None => tests.add_sentence(&line),
            }
        }
    }
}

/// Names of classes, and of properties.
fn labels(input: &[u8]) {
    with_folder(&[("labels", input)], |dir| {
        let side = SideFile::read(&dir.join("labels"));
        let Some(text) = side.as_ref().ok().and_then(|side| side.text().ok()) else {
            return;
        };
        let _ = class_names(text);
        let _ = PropertyLabels::bundled().extend(text);
    });
}
