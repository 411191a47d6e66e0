//! Documents to facts: each way to keep a triple and each way to lose one.

#![allow(clippy::unwrap_used)] // a test may panic

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

/// A document about Anna (Q1) and Oslo (Q2), who both stand in its text.
fn anna(text: &str, sentences: &str, words: &str, [anna, oslo]: [&str; 2]) -> String {
    let (anna, oslo) = (
        mention("Q1", anna, "\"Anna\""),
        mention("Q2", oslo, "\"Oslo\""),
    );
    format!(
        r#"{{"docid": "Q1", "text": "{text}", "sentences_boundaries": {sentences},
            "words_boundaries": {words}, "triples": [{}]}}"#,
        triple(&anna, "P19", &oslo, "x")
    )
}

/// Text and words of the only row, or why there is none.
fn row_or_loss(json: &str) -> Result<(String, Vec<String>), (Loss, String)> {
    let snap = Options {
        snap: true,
        ..Options::default()
    };
    let [plain, snapped] = [Options::default(), snap].map(|options| {
        with(json, &options, |aligned| match aligned.facts.first() {
            Some(fact) => {
                let row = fact.to_row(&aligned.doc, None);
                assert_eq!(row.check(&Rules::default()), Ok(()));
                Ok((row.text, row.token.iter().map(str::to_owned).collect()))
            }
            None => Err((aligned.lost[0].loss, aligned.lost[0].detail.clone())),
        })
    });
    assert_eq!(plain, snapped);
    plain
}

#[test]
fn words_and_sentences_in_utf16_units_are_repaired_where_they_fit() {
    let kept = |json: &str| {
        let (text, words) = row_or_loss(json).unwrap();
        assert_eq!(words.concat(), text.replace(' ', ""));
        text
    };
    let words = "[[0, 1], [2, 6], [7, 10], [11, 15], [15, 16]]";
    let points = anna(
        "😀 Anna saw Oslo.",
        "[[0, 16]]",
        words,
        ["[2, 6]", "[11, 15]"],
    );
    let words = "[[0, 2], [3, 7], [8, 11], [12, 16], [16, 17]]";
    let units = anna(
        "😀 Anna saw Oslo.",
        "[[0, 17]]",
        words,
        ["[3, 7]", "[12, 16]"],
    );
    assert_eq!(kept(&units), kept(&points));
    // Behind the mentions, which say nothing then.
    let words = "[[0, 4], [5, 8], [9, 13], [14, 16], [17, 20]]";
    let behind = anna(
        "Anna saw Oslo 😀 too",
        "[[0, 20]]",
        words,
        ["[0, 4]", "[9, 13]"],
    );
    assert_eq!(kept(&behind), "Anna saw Oslo 😀 too");
    // A sentence that fits in either unit, and words that begin with a blank in one of them.
    let words = "[[0, 2], [2, 3], [4, 8], [9, 12], [13, 17], [17, 18]]";
    let second = anna(
        "😀. Anna saw Oslo. X",
        "[[0, 3], [4, 18]]",
        words,
        ["[4, 8]", "[13, 17]"],
    );
    assert_eq!(kept(&second), "Anna saw Oslo.");
}

#[test]
fn boundaries_that_do_not_fit_lose_their_facts() {
    let good = "[[0, 4], [5, 8], [9, 13], [13, 14]]";
    let lost = |sentences: &str, words: &str| {
        let json = anna("Anna saw Oslo.", sentences, words, ["[0, 4]", "[9, 13]"]);
        row_or_loss(&json).unwrap_err()
    };
    for sentences in [
        "[[0, 15]]",
        "[[14, 0]]",
        "[[0, 14], [2, 14]]",
        "[[-1, 14]]",
        "[[0, 0]]",
    ] {
        assert_eq!(
            lost(sentences, good).0,
            Loss::SentenceBoundaries,
            "{sentences}"
        );
    }
    for words in [
        "[[0, 4], [8, 5], [9, 13], [13, 14]]",
        "[[0, 4], [5, 13], [9, 13], [13, 14]]",
        "[[0, 4], [4, 8], [9, 13], [13, 14]]",
        "[[0, 4], [9, 13], [13, 14], [5, 5]]",
        "[[0, 4], [5, 8], [9, 13], [13, 99]]",
    ] {
        assert_eq!(lost("[[0, 14]]", words).0, Loss::WordBoundaries, "{words}");
    }
    let (loss, detail) = lost("[[0, 13]]", "[[0, 4], [5, 8], [9, 14]]");
    assert_eq!(loss, Loss::WordBoundaries);
    assert_eq!(detail, "the word \"Oslo.\" is not wholly in its sentence");
    // Another sentence's word costs this one nothing.
    let words = "[[0, 4], [5, 8], [9, 13], [13, 14], [15, 17], [18, 16], [19, 20]]";
    let json = anna(
        "Anna saw Oslo. It is.",
        "[[0, 14], [15, 21]]",
        words,
        ["[0, 4]", "[9, 13]"],
    );
    assert_eq!(row_or_loss(&json).unwrap().1.len(), 4);
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
