//! Boundaries of words and sentences, in either unit.

use kprep_align::{Loss, Options};
use kprep_schemas::{Record as _, Rules};

use super::{mention, triple, with};

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
    let (reason, detail) = lost("[[0, 13]]", "[[0, 4], [5, 8], [9, 14]]");
    assert_eq!(reason, Loss::WordBoundaries);
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
