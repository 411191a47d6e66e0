//! What `kprep import` reads, and the files beside T-REx: `--exclude`, `--relation-order` and
//! `--property-labels`.

use kprep_ingest::JsonDocuments;
use kprep_parse::read_find_head;
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Entity, HeadExample, Page, Property, QuestionExample,
    Record, Redirect, RelationExample, Rules, Triple, TypingExample, from_kadapter, from_tacred,
    rows_from_json, write_document,
};

use crate::target::{Target, chosen, ending, file, with_folder};

// They belong to the program, which is no library.
#[allow(dead_code)]
#[path = "../../../kprep/src/trex/exclude.rs"]
mod exclude;
#[allow(dead_code)]
#[path = "../../../kprep/src/trex/labels.rs"]
mod labels;

pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "import",
        read: import,
        seeds: rows,
    },
    Target {
        name: "exclude",
        read: |input| {
            with_folder(&[("tests.json", input)], |dir| {
                let _ = exclude::read(&[dir.join("tests.json")]);
            });
        },
        seeds: test_sets,
    },
    Target {
        name: "labels",
        read: |input| {
            with_folder(&[("labels", input)], |dir| {
                let _ = labels::order(&dir.join("labels"));
                let _ = labels::property_labels(Some(&dir.join("labels")));
            });
        },
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
        match choice % 16 {
            0 => each
                .filter_map(|json| from_tacred(json).ok())
                .for_each(check),
            1 => each
                .filter_map(|json| from_kadapter(json).ok())
                .for_each(check),
            2 => each.for_each(|json| drop(read_find_head(json, "input", 0))),
            3 => lines::<RelationExample>(&objects),
            4 => lines::<HeadExample>(&objects),
            5 => pages(&objects),
            6 => lines::<Entity>(&objects),
            7 => lines::<Property>(&objects),
            8 => lines::<Triple>(&objects),
            9 => lines::<Page>(&objects),
            10 => lines::<Redirect>(&objects),
            11 => lines::<TypingExample>(&objects),
            12 => lines::<ChoiceExample>(&objects),
            13 => lines::<QuestionExample>(&objects),
            _ => lines::<ClozeExample>(&objects),
        }
    }
}

/// A row is checked as `kprep import` does it: any may break the rules, none may break the check.
fn check<R: Record>(row: R) {
    let _ = (row.check(&Rules::default()), row.id(), row.shareable());
}

fn lines<R: Record>(objects: &[&[u8]]) {
    rows_from_json::<R>(objects)
        .into_iter()
        .flatten()
        .for_each(check);
}

/// Aligned pages are documents of T-REx, too.
fn pages(objects: &[&[u8]]) {
    for page in rows_from_json::<AlignedPage>(objects).into_iter().flatten() {
        if page.check(&Rules::default()).is_ok() {
            let mut json = Vec::new();
            write_document(&page, &mut json).expect("memory");
            let back = kprep_ingest::parse_document(&json);
            assert!(back.is_ok(), "{back:?}");
            let _ = page.document().triples.len();
        }
    }
}
