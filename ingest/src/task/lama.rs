//! LAMA (Petroni et al., 2019): facts of T-REx and Google-RE as sentences with a gap.

use std::borrow::Cow;

use kprep_schemas::ClozeExample;
use serde::Deserialize;

use super::Fault;

/// A relation and its template, as `relations.jsonl` has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LamaRelation {
    /// The property, e.g. `P19`.
    pub relation: String,
    /// A sentence with `[X]` for the subject and `[Y]` for the object.
    pub template: String,
}

/// The templates that LAMA's code has for the relations of Google-RE.
pub fn google_re_template(relation: &str) -> Option<&'static str> {
    match relation {
        "place_of_birth" => Some("[X] was born in [Y] ."),
        "date_of_birth" => Some("[X] (born [Y])."),
        "place_of_death" => Some("[X] died in [Y] ."),
        _ => None,
    }
}

/// A fact of either part with the sentences that tell it.
#[derive(Debug, Deserialize)]
pub struct LamaFact<'a> {
    #[serde(borrow)]
    uuid: Cow<'a, str>,
    #[serde(borrow, alias = "pred")]
    predicate_id: Cow<'a, str>,
    #[serde(borrow, alias = "sub")]
    sub_uri: Option<Cow<'a, str>>,
    #[serde(borrow, alias = "obj")]
    obj_uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sub_label: Option<Cow<'a, str>>,
    #[serde(borrow)]
    obj_label: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    evidences: Vec<Evidence<'a>>,
    /// Google-RE has the sentences here.
    #[serde(borrow, default)]
    masked_sentences: Option<Vec<Option<Cow<'a, str>>>>,
}

#[derive(Debug, Deserialize)]
struct Evidence<'a> {
    #[serde(borrow)]
    masked_sentence: Option<Cow<'a, str>>,
}

impl<'a> LamaFact<'a> {
    /// Parses a line.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser found.
    pub fn parse(json: &'a [u8]) -> Result<Self, Fault> {
        serde_json::from_slice(json).map_err(Fault::malformed)
    }

    /// The relation: the property, or the last part of Google-RE's path.
    pub fn relation(&self) -> &str {
        self.predicate_id.rsplit('/').next().unwrap_or_default()
    }

    /// Name of the object.
    pub fn object(&self) -> &str {
        self.obj_label.as_deref().unwrap_or_default()
    }

    /// Whether the object's name stands in the subject's, in lower case: the string match of
    /// LAMA-UHN (Poerner et al., 2020), as its script applies it to all relations.
    pub fn tells_itself(&self) -> bool {
        let subject = self.sub_label.as_deref().unwrap_or_default();
        subject
            .to_lowercase()
            .contains(&self.object().to_lowercase())
    }

    /// Sentences of documents.
    fn sentences(&self) -> impl Iterator<Item = &str> {
        let google = self.masked_sentences.iter().flatten().map(Option::as_deref);
        // Google-RE has evidences, too, but without the gap.
        let trex = self
            .evidences
            .iter()
            .filter(|_| self.masked_sentences.is_none());
        let trex = trex.map(|evidence| evidence.masked_sentence.as_deref());
        google.chain(trex).map(Option::unwrap_or_default)
    }

    /// The ids of its questions: one by the template, one a sentence.
    pub fn ids(&self) -> Vec<String> {
        let sentences = self
            .sentences()
            .enumerate()
            .map(|(number, _)| format!("{}#{number}", self.uuid));
        std::iter::once(self.uuid.to_string())
            .chain(sentences)
            .collect()
    }

    /// The rows, or why there is none, one a question.
    pub fn rows(&self, template: Option<&str>) -> Vec<Result<ClozeExample, Fault>> {
        let mask = ClozeExample::MASK;
        let asked = template.ok_or_else(|| {
            let detail = format!("fact {}: relation {}", self.uuid, self.relation());
            Fault::new("no template for the relation", detail)
        });
        let subject = self.sub_label.as_deref().unwrap_or_default();
        let asked = asked.and_then(|template| {
            let text = template.replace("[Y]", mask).replace("[X]", subject);
            self.row(self.uuid.to_string(), text, "template")
        });
        let told = (0..).zip(self.sentences()).map(|(number, sentence)| {
            let id = format!("{}#{number}", self.uuid);
            self.row(id, sentence.to_owned(), "evidence")
        });
        std::iter::once(asked).chain(told).collect()
    }

    fn row(&self, id: String, text: String, source: &str) -> Result<ClozeExample, Fault> {
        let reason = match text.matches(ClozeExample::MASK).count() {
            1 => None,
            0 => Some("no [MASK] in the sentence"),
            _ => Some("several [MASK] in the sentence"),
        };
        let unnamed =
            self.object().is_empty() || self.sub_label.as_deref().is_none_or(str::is_empty);
        let reason = reason.or(unnamed.then_some("subject or object without a name"));
        if let Some(reason) = reason {
            return Err(Fault::new(reason, format!("{id}: {text}")));
        }
        let or_empty = |text: &Option<Cow<'_, str>>| text.as_deref().unwrap_or_default().to_owned();
        Ok(ClozeExample {
            id,
            relation: self.relation().to_owned(),
            subj_id: or_empty(&self.sub_uri),
            obj_id: or_empty(&self.obj_uri),
            subj_label: or_empty(&self.sub_label),
            obj_label: or_empty(&self.obj_label),
            text,
            source: source.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_both_parts() {
        let trex = r#"{"uuid": "u", "obj_uri": "Q2", "obj_label": "Paris", "sub_uri": "Q1", "sub_label": "Zo\u00eb", "predicate_id": "P19",
            "evidences": [{"sub_surface": "Zo\u00eb", "masked_sentence": "Zo\u00eb is from [MASK]."}, {"masked_sentence": "[MASK] or [MASK]"}]}"#;
        let fact = LamaFact::parse(trex.as_bytes()).unwrap();
        assert_eq!(fact.ids(), ["u", "u#0", "u#1"]);
        assert!(!fact.tells_itself());
        let rows = fact.rows(Some("[X] was born in [Y] ."));
        let row = rows[0].clone().unwrap();
        assert_eq!(
            (row.text.as_str(), row.id.as_str()),
            ("Zoë was born in [MASK] .", "u")
        );
        let row = rows[1].clone().unwrap();
        assert_eq!((row.id.as_str(), row.source.as_str()), ("u#0", "evidence"));
        assert_eq!(
            rows[2].clone().unwrap_err().reason,
            "several [MASK] in the sentence"
        );
        assert_eq!(
            fact.rows(None)[0].clone().unwrap_err().reason,
            "no template for the relation"
        );
        let google = r#"{"pred": "/people/person/place_of_birth", "sub": "/m/1", "obj": "/m/2", "evidences": [{"url": "x"}],
            "sub_label": "Paris Li", "obj_label": "paris", "uuid": "v", "masked_sentences": ["Born in", null]}"#;
        let fact = LamaFact::parse(google.as_bytes()).unwrap();
        assert!(fact.tells_itself());
        let rows = fact.rows(google_re_template(fact.relation()));
        assert_eq!(rows[0].clone().unwrap().subj_id, "/m/1");
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[2].clone().unwrap_err().reason,
            "no [MASK] in the sentence"
        );
    }
}
