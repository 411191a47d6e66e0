//! Documents to facts: each way to keep a triple and each way to lose one.

#![allow(clippy::unwrap_used)] // a test may panic

mod boundaries;

use kprep_align::{Aligned, Loss, MultiLabel, Options, align};
use kprep_schemas::trex::Document;
use kprep_schemas::{Record as _, Rules};

/// "Bern is the capital of Switzerland. It lies on the Aare." with the given triples.
fn document(triples: &str) -> String {
    let text = "Bern is the capital of Switzerland. It lies on the Aare.";
    let mut words = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(' ') {
        let word = word.trim_end();
        let stem = word.trim_end_matches('.');
        words.push(format!("[{at}, {}]", at + stem.len()));
        if stem.len() < word.len() {
            words.push(format!("[{}, {}]", at + stem.len(), at + word.len()));
        }
        at += word.len() + 1;
    }
    format!(
        r#"{{"docid": "http://www.wikidata.org/entity/Q70", "title": "Bern", "text": "{text}",
            "sentences_boundaries": [[0, 35], [36, 56]], "words_boundaries": [{}],
            "triples": [{triples}]}}"#,
        words.join(", ")
    )
}

fn mention(uri: &str, boundaries: &str, surface: &str) -> String {
    format!(r#"{{"uri": "{uri}", "boundaries": {boundaries}, "surfaceform": {surface}}}"#)
}

fn triple(subject: &str, relation: &str, object: &str, annotator: &str) -> String {
    format!(
        r#"{{"subject": {subject}, "predicate": {{"uri": "{relation}"}}, "object": {object},
            "annotator": "{annotator}", "sentence_id": 0}}"#
    )
}

fn bern() -> String {
    mention("http://www.wikidata.org/entity/Q70", "[0, 4]", "\"Bern\"")
}

fn switzerland() -> String {
    mention(
        "http://www.wikidata.org/entity/Q39",
        "[23, 34]",
        "\"Switzerland\"",
    )
}

fn with<T>(json: &str, options: &Options, look: impl FnOnce(Aligned<'_>) -> T) -> T {
    let document: Document<'_> = serde_json::from_str(json).unwrap();
    look(align(&document, options))
}

fn losses(json: &str) -> Vec<Loss> {
    with(json, &Options::default(), |aligned| {
        aligned.lost.iter().map(|l| l.loss).collect()
    })
}

#[test]
fn one_fact_from_three_aligners_is_one_row() {
    let triples = ["Simple-Aligner", "SPOAligner", "Simple-Aligner"]
        .map(|aligner| triple(&bern(), "P1376", &switzerland(), aligner));
    with(
        &document(&triples.join(",")),
        &Options::default(),
        |aligned| {
            assert_eq!(aligned.facts.len(), 1);
            let row = aligned.facts[0].to_row(&aligned.doc, Some(0));
            let names = ["P1376".into()];
            let rules = Rules {
                class_names: &names,
                ..Rules::default()
            };
            assert_eq!(row.check(&rules), Ok(()));
            assert_eq!(row.text, "Bern is the capital of Switzerland.");
            assert_eq!(row.token.len(), 7);
            assert_eq!(
                (row.subj_start, row.subj_end, row.obj_start, row.obj_end),
                (0, 0, 5, 5)
            );
            assert_eq!((row.subj_id.as_str(), row.obj_id.as_str()), ("Q70", "Q39"));
            assert_eq!(row.aligners, ["SPOAligner", "Simple-Aligner"]);
            assert_eq!(
                aligned.lost.iter().map(|l| l.loss).collect::<Vec<_>>(),
                [Loss::Duplicate; 2]
            );
        },
    );
}

#[test]
fn every_loss_has_its_reason() {
    let lost = |subject: &str, relation: &str, object: &str| {
        losses(&document(&triple(subject, relation, object, "SPOAligner")))
    };
    let (bern, swiss) = (bern(), switzerland());
    let absent = mention("Q70", "null", "null");
    assert_eq!(lost(&absent, "P17", &swiss), [Loss::SubjectWithoutSpan]);
    assert_eq!(lost(&bern, "P17", &absent), [Loss::ObjectWithoutSpan]);
    for outside in ["[50, 99]", "[-1, 4]", "[4, 4]", "[9, 3]", "[99, 100]"] {
        let object = mention("Q39", outside, "\"x\"");
        assert_eq!(
            lost(&bern, "P17", &object),
            [Loss::SpanOutsideText],
            "{outside}"
        );
    }
    let other = mention("Q39", "[23, 34]", "\"Swiss\"");
    assert_eq!(lost(&bern, "P17", &other), [Loss::SurfaceFormDiffers]);
    assert_eq!(
        lost(&bern, "http://www.w3.org/2000/01/rdf-schema#label", &swiss),
        [Loss::NotAProperty]
    );
    let aare = mention("Q14274", "[51, 55]", "\"Aare\"");
    assert_eq!(lost(&bern, "P206", &aare), [Loss::DifferentSentences]);
    let switz = mention("Q39", "[23, 29]", "\"Switze\"");
    assert_eq!(lost(&bern, "P17", &switz), [Loss::ObjectOffWords]);
    assert_eq!(lost(&switz, "P17", &bern), [Loss::SubjectOffWords]);
    let bare = r#"{"docid": "Q70", "text": "Bern Switzerland", "triples": [{"subject":
        {"uri": "Q70", "boundaries": [0, 4]}, "predicate": {"uri": "P17"}, "object":
        {"uri": "Q39", "boundaries": [5, 16]}}]}"#;
    assert_eq!(losses(bare), [Loss::NoBoundaries]);
}

#[test]
fn snap_widens_a_mention_to_its_words() {
    let switz = mention("Q39", "[25, 29]", "\"itze\"");
    let json = document(&triple(&bern(), "P17", &switz, "SPOAligner"));
    let snap = Options {
        snap: true,
        ..Options::default()
    };
    with(&json, &snap, |aligned| {
        let row = aligned.facts[0].to_row(&aligned.doc, None);
        assert_eq!(
            (row.obj_char_start, row.obj_char_end, row.obj_start),
            (23, 34, 5)
        );
    });
}

#[test]
fn several_relations_of_one_pair() {
    let triples = ["P17", "P1376"].map(|p| triple(&bern(), p, &switzerland(), "SPOAligner"));
    let json = document(&triples.join(","));
    let relations = |multi_label| {
        let options = Options {
            multi_label,
            ..Options::default()
        };
        with(&json, &options, |aligned| {
            aligned
                .facts
                .iter()
                .map(|fact| fact.relation.to_owned())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(relations(MultiLabel::All), ["P17", "P1376"]);
    assert_eq!(relations(MultiLabel::First), ["P17"]);
    assert!(relations(MultiLabel::Drop).is_empty());
    let drop = Options {
        drop: ["P17".to_owned()].into_iter().collect(),
        ..Options::default()
    };
    with(&json, &drop, |aligned| {
        assert_eq!(aligned.facts[0].relation, "P1376");
        assert_eq!(aligned.lost[0].loss, Loss::RelationExcluded);
    });
}

#[test]
fn java_offsets_behind_an_emoji_are_understood() {
    // U+1D11E takes two UTF-16 units, so "Bern" is at code point 2 and unit 3.
    let json = r#"{"docid": "Q70", "text": "𝄞 Bern Switzerland", "triples": [{"subject":
        {"uri": "Q70", "boundaries": [3, 7], "surfaceform": "Bern"}, "predicate": {"uri": "P17"},
        "object": {"uri": "Q39", "boundaries": [7, 18], "surfaceform": "Switzerland"}}],
        "sentences_boundaries": [[0, 18]], "words_boundaries": [[0, 1], [2, 6], [7, 18]]}"#;
    with(json, &Options::default(), |aligned| {
        let row = aligned.facts[0].to_row(&aligned.doc, None);
        assert_eq!(
            (row.subj_char_start, row.subj_char_end, row.subj_start),
            (2, 6, 1)
        );
    });
}

#[test]
fn literals_keep_value_and_kind() {
    let date = mention(
        "1191-00-00T00:00:00Z^^http://www.w3.org/2001/XMLSchema#dateTime",
        "[23, 34]",
        "\"Switzerland\"",
    );
    with(
        &document(&triple(&bern(), "P571", &date, "x")),
        &Options::default(),
        |aligned| {
            let row = aligned.facts[0].to_row(&aligned.doc, None);
            assert_eq!(
                (row.obj_id.as_str(), row.obj_type.as_str()),
                ("1191-00-00T00:00:00Z", "time")
            );
        },
    );
}
