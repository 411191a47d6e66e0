//! Benchmarks' files, as `kprep task` reads them.

use kprep_ingest::JsonDocuments;
use kprep_ingest::task::{
    Blocks, Classes, CosmosQa, CosmosQaRows, Fault, FigerMentions, FigerSentence, LamaFact,
    LamaRelation, Patch, QuasarContexts, QuasarQuestion, SearchQa, SemEval, TacredExample, Typing,
    google_re_template,
};
use kprep_schemas::{Record, Rules};

use crate::target::{Target, chosen, ending, file};

pub(super) const TARGETS: [Target; 4] = [
    Target {
        name: "task_csv",
        read: csv,
        seeds: || vec![file("tests/data/tasks/cosmosqa_valid.csv")],
    },
    Target {
        name: "task_json",
        read: json,
        seeds: json_files,
    },
    Target {
        name: "task_protobuf",
        read: protobuf,
        seeds: || vec![file("tests/data/tasks/figer_train.data")],
    },
    Target {
        name: "task_text",
        read: text,
        seeds: text_files,
    },
];

/// A row that is made keeps the rules of rows; `kprep task` checks it no more.
fn check<R: Record>(row: Result<R, Fault>) {
    if let Ok(row) = row {
        assert_eq!(row.check(&Rules::default()), Ok(()));
    }
}

/// The same for a row with a label, whose rules hold with the class names of its benchmark.
fn check_labelled<R: Record>(row: Result<R, Fault>, names: &[String]) {
    let rules = Rules {
        class_names: names,
        ..Rules::default()
    };
    if let Ok(row) = row {
        assert_eq!(row.check(&rules), Ok(()));
    }
}

fn csv(input: &[u8]) {
    let Ok(rows) = CosmosQaRows::new(input) else {
        return;
    };
    for (_, question) in ending(rows).flatten() {
        check(question.and_then(CosmosQa::row));
    }
}

const JSON_FILES: [(u8, &str); 13] = [
    (0, "tests/data/tasks/tacred_train.json"),
    (0, "tests/data/tasks/tacred_test.json"),
    (1, "tests/data/tasks/cosmosqa_test.jsonl"),
    (2, "tests/data/tasks/openentity_train.json"),
    (3, "tests/data/tasks/mrqa.jsonl"),
    (3, "tests/data/tasks/searchqa/train/000007.json"),
    (4, "tests/data/tasks/quasar_train_questions.json"),
    (4, "tests/data/tasks/quasar_train_contexts.json"),
    (5, "tests/data/tasks/lama/P19.jsonl"),
    (5, "tests/data/tasks/lama/place_of_birth_test.jsonl"),
    (5, "tests/data/tasks/lama/relations.jsonl"),
    (6, "tests/data/tasks/retacred.json"),
    (6, "tests/data/tasks/tacrev.json"),
];

fn json_files() -> Vec<Vec<u8>> {
    let mut files = chosen(JSON_FILES);
    files.push(file("tests/data/found/empty-word.bin"));
    files
}

/// The first byte of the input chooses the benchmark.
fn json(input: &[u8]) {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    if choice % 7 == 6 {
        patch(text);
        return;
    }
    for (batch, _) in ending(JsonDocuments::new(text)) {
        for (_, json) in batch.documents() {
            if let Ok(json) = json {
                object(choice % 7, json);
            }
        }
    }
}

fn object(choice: u8, json: &[u8]) {
    match choice {
        0 => {
            if let Ok(example) = serde_json::from_slice::<TacredExample>(json) {
                let relation = example.relation.to_string();
                check_labelled(example.row(&relation, 0), std::slice::from_ref(&relation));
            }
        }
        1 => check(CosmosQa::parse(json).and_then(CosmosQa::row)),
        2 => typing(Typing::parse(json)),
        3 => {
            if let Ok(read) = SearchQa::parse(json) {
                read.rows().into_iter().for_each(check);
                let _ = read.bare_hits();
            }
        }
        4 => {
            let question = QuasarQuestion {
                uid: "u".into(),
                question: "Who was it?".into(),
                answer: "the word".into(),
            };
            let _ = QuasarQuestion::parse(json);
            if QuasarContexts::is(json) {
                check(QuasarContexts::parse(json).map(|contexts| contexts.row(&question)));
            }
        }
        _ => {
            let _ = serde_json::from_slice::<LamaRelation>(json);
            if let Ok(fact) = LamaFact::parse(json) {
                let template = google_re_template(fact.relation()).unwrap_or("[X] is in [Y] .");
                fact.rows(Some(template)).into_iter().for_each(check);
                let _ = (fact.ids(), fact.tells_itself());
            }
        }
    }
}

fn patch(json: &[u8]) {
    if let Ok(patch) = Patch::parse(json) {
        let _ = patch.relation("id", "relation");
        let _ = patch.clone().join(patch);
    }
}

fn typing(read: Result<Typing, Fault>) {
    let Ok(read) = read else {
        return;
    };
    let classes = Classes::new(read.types.clone());
    let row = read.row([0, 0, 0], &classes).map(|(row, _)| row);
    check_labelled(row, classes.names());
}

fn protobuf(input: &[u8]) {
    let _ = FigerMentions::<&[u8]>::recognises(input);
    for (_, mention) in ending(FigerMentions::new(input)).flatten() {
        typing(mention);
    }
}

fn text_files() -> Vec<Vec<u8>> {
    let files = [
        "semeval_train.txt",
        "semeval_test.txt",
        "figer.label",
        "types.map",
    ];
    let mut seeds: Vec<_> = files
        .map(|name| file(&format!("tests/data/tasks/{name}")))
        .into();
    seeds.push(b"He\tO\nmet\tO\nAnn\tB-/person\nLee\tI-/person\n\n".to_vec());
    seeds
}

/// The lines of `SemEval` and FIGER, and lists of classes.
fn text(input: &[u8]) {
    for (_, lines) in ending(Blocks::new(input)).flatten() {
        let Ok(lines) = lines else {
            continue;
        };
        if let Ok(example) = SemEval::parse(&lines) {
            check_labelled(example.row(0), std::slice::from_ref(&example.relation));
        }
        if let Ok(sentence) = FigerSentence::parse(&lines) {
            sentence.typings().for_each(|read| typing(Ok(read)));
        }
    }
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = Classes::parse(text);
    }
}
