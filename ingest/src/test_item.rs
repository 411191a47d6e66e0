//! What records of test sets hold that training data may share with them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// A record's entities and sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestItem {
    /// Ids of subject and object, where the record has both.
    pub pair: Option<(String, String)>,
    /// Its sentences, with the object in the place of a mask. Of a mask that may stand for several
    /// words there is a sentence for each.
    pub sentences: Vec<String>,
}

/// Why something is no record of a test set.
#[derive(Debug, thiserror::Error)]
pub enum TestItemError {
    /// It is not JSON, or a field holds something else than it should.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// None of the fields is there.
    #[error(
        "expected sub_uri and obj_uri, masked_sentence or evidences (LAMA), token or text (TACRED, kprep export)"
    )]
    Unknown,
    /// It is a document of T-REx: a training set.
    #[error(
        "expected a record of a test set, found a document of T-REx; name the folder that kprep trex makes of it"
    )]
    Document,
}

/// The fields of LAMA's records (T-REx and Google-RE), of TACRED's and of what kprep exports.
#[derive(Deserialize)]
struct Record<'a> {
    /// LAMA T-REx; LAMA Google-RE; kprep's JSON Lines; K-Adapter's JSON, where labels are ids.
    sub_uri: Option<Cow<'a, str>>,
    obj_uri: Option<Cow<'a, str>>,
    sub_w: Option<Cow<'a, str>>,
    obj_w: Option<Cow<'a, str>>,
    subj_id: Option<Cow<'a, str>>,
    obj_id: Option<Cow<'a, str>>,
    subj_label: Option<Cow<'a, str>>,
    obj_label: Option<Cow<'a, str>>,
    evidences: Option<Vec<Evidence<'a>>>,
    masked_sentence: Option<Cow<'a, str>>,
    masked_sentences: Option<Vec<Cow<'a, str>>>,
    token: Option<Vec<Cow<'a, str>>>,
    text: Option<Cow<'a, str>>,
    triples: Option<IgnoredAny>,
}

/// Where a fact of LAMA is stated.
#[derive(Deserialize)]
struct Evidence<'a> {
    obj_surface: Option<Cow<'a, str>>,
    masked_sentence: Option<Cow<'a, str>>,
    #[serde(default)]
    considered_sentences: Vec<Cow<'a, str>>,
}

const MASK: &str = "[MASK]";

/// What the JSON of a record holds.
///
/// # Errors
/// [`TestItemError`] if it is no record of a form that is known.
pub fn parse_test_item(json: &[u8]) -> Result<TestItem, TestItemError> {
    let record: Record<'_> = serde_json::from_slice(json)?;
    if record.triples.is_some() {
        return Err(TestItemError::Document);
    }
    let pair = record.pair();
    let known = record.text.is_some()
        || record.token.is_some()
        || record.evidences.is_some()
        || record.masked_sentence.is_some()
        || record.masked_sentences.is_some();
    if pair.is_none() && !known {
        return Err(TestItemError::Unknown);
    }
    Ok(TestItem {
        pair,
        sentences: record.sentences(),
    })
}

impl Record<'_> {
    fn pair(&self) -> Option<(String, String)> {
        let pairs = [
            (&self.sub_uri, &self.obj_uri),
            (&self.sub_w, &self.obj_w),
            (&self.subj_id, &self.obj_id),
            (&self.subj_label, &self.obj_label),
        ];
        let mut both = pairs.into_iter().filter_map(|(one, other)| {
            let (one, other) = (one.as_deref()?, other.as_deref()?);
            Some((one.to_owned(), other.to_owned()))
        });
        both.next()
    }

    fn sentences(&self) -> Vec<String> {
        let label = self.obj_label.as_deref();
        let mut sentences = Vec::new();
        sentences.extend(self.text.as_deref().map(str::to_owned));
        sentences.extend(self.token.as_ref().map(|words| words.join(" ")));
        let masked = self.masked_sentences.iter().flatten();
        for masked in masked.chain(&self.masked_sentence) {
            fill(masked, [label], &mut sentences);
        }
        for evidence in self.evidences.iter().flatten() {
            let surface = evidence.obj_surface.as_deref();
            if let Some(masked) = &evidence.masked_sentence {
                fill(masked, [surface, label], &mut sentences);
            }
            let considered = evidence.considered_sentences.iter();
            sentences.extend(considered.map(|sentence| sentence.clone().into_owned()));
        }
        sentences
    }
}

/// Puts each of the words in the place of the mask; a sentence without one stays as it is.
fn fill<const N: usize>(masked: &str, words: [Option<&str>; N], sentences: &mut Vec<String>) {
    if !masked.contains(MASK) {
        sentences.push(masked.to_owned());
        return;
    }
    let mut last = None;
    for word in words.into_iter().flatten() {
        if last != Some(word) {
            sentences.push(masked.replace(MASK, word));
        }
        last = Some(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &str) -> (Option<(String, String)>, Vec<String>) {
        let item = parse_test_item(json.as_bytes()).unwrap();
        (item.pair, item.sentences)
    }

    fn pair(one: &str, other: &str) -> (String, String) {
        (one.to_owned(), other.to_owned())
    }

    #[test]
    fn lama_t_rex_fills_the_mask_with_surface_and_label() {
        let json = r#"{"uuid": "1", "sub_uri": "Q1", "obj_uri": "Q2", "sub_label": "Paul", "obj_label": "Scotland",
            "predicate_id": "P19", "evidences": [
            {"sub_surface": "Paul", "obj_surface": "Scottish", "masked_sentence": "A [MASK] musician."},
            {"sub_surface": "Paul", "obj_surface": "Scotland", "masked_sentence": "He is from [MASK]."}]}"#;
        let sentences = [
            "A Scottish musician.",
            "A Scotland musician.",
            "He is from Scotland.",
        ];
        assert_eq!(
            item(json),
            (
                Some(pair("Q1", "Q2")),
                sentences.map(str::to_owned).to_vec()
            )
        );
    }

    #[test]
    fn lama_google_re_may_lack_ids() {
        let json = r#"{"pred": "/p", "sub": "/m/1", "sub_w": null, "obj_w": "Q822", "obj_label": "Lebanon",
            "evidences": [{"snippet": "x", "considered_sentences": ["Born in Lebanon ."]}],
            "masked_sentences": ["Born in [MASK] .", "No mask ."]}"#;
        let sentences = ["Born in Lebanon .", "No mask .", "Born in Lebanon ."];
        assert_eq!(item(json), (None, sentences.map(str::to_owned).to_vec()));
    }

    #[test]
    fn tacred_and_exports() {
        let tacred = r#"{"id": "e7", "token": ["He", "-LRB-", "x"], "subj_start": 0, "relation": "no_relation"}"#;
        assert_eq!(item(tacred), (None, vec!["He -LRB- x".to_owned()]));
        let kadapter = r#"{"token": ["a"], "subj_label": "Q1", "obj_label": "Q2"}"#;
        assert_eq!(
            item(kadapter),
            (Some(pair("Q1", "Q2")), vec!["a".to_owned()])
        );
        let lines =
            r#"{"text": "A.", "token": null, "subj_id": "Q1", "obj_id": "1999-00-00T00:00:00Z"}"#;
        assert_eq!(
            item(lines),
            (
                Some(pair("Q1", "1999-00-00T00:00:00Z")),
                vec!["A.".to_owned()]
            )
        );
    }

    #[test]
    fn what_is_no_test_set_is_refused() {
        let error = |json: &str| parse_test_item(json.as_bytes()).unwrap_err().to_string();
        assert!(error(r#"{"question": "?"}"#).starts_with("expected sub_uri and obj_uri"));
        assert!(error(r#"{"docid": "Q1", "text": "x", "triples": []}"#).contains("kprep trex"));
        assert!(error(r#"{"text": 3}"#).contains("expected"));
    }
}
