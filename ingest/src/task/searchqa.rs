//! `SearchQA` (Dunn et al., 2017): its own JSON, a file a question, or MRQA's JSON Lines.

use std::borrow::Cow;

use kprep_schemas::QuestionExample;
use serde::Deserialize;
use serde_json::Value;

use super::{Fault, Places, find_answers};

/// A question of Jeopardy! with what a search engine found on it.
#[derive(Debug, Deserialize)]
pub struct Jeopardy<'a> {
    id: Value,
    #[serde(borrow)]
    question: Option<Cow<'a, str>>,
    #[serde(borrow)]
    answer: Option<Cow<'a, str>>,
    #[serde(borrow)]
    search_results: Vec<Hit<'a>>,
}

#[derive(Debug, Deserialize)]
struct Hit<'a> {
    #[serde(borrow)]
    snippet: Option<Cow<'a, str>>,
}

/// A context of MRQA (Fisch et al., 2019) with its questions.
#[derive(Debug, Deserialize)]
pub struct Mrqa<'a> {
    #[serde(borrow)]
    context: Cow<'a, str>,
    #[serde(borrow)]
    qas: Vec<MrqaQuestion<'a>>,
}

#[derive(Debug, Deserialize)]
struct MrqaQuestion<'a> {
    #[serde(borrow)]
    qid: Cow<'a, str>,
    #[serde(borrow)]
    question: Cow<'a, str>,
    #[serde(borrow)]
    answers: Vec<Cow<'a, str>>,
}

/// A record of either form.
#[derive(Debug)]
pub enum SearchQa<'a> {
    /// MRQA's first line, which is no question.
    Header,
    /// A file of its own.
    Jeopardy(Jeopardy<'a>),
    /// A line of MRQA's.
    Mrqa(Mrqa<'a>),
}

/// What tells the forms apart.
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow)]
    header: Option<&'a serde_json::value::RawValue>,
    #[serde(borrow)]
    qas: Option<&'a serde_json::value::RawValue>,
}

impl<'a> SearchQa<'a> {
    /// Parses a record, told by its keys.
    ///
    /// # Errors
    /// A [`Fault`] with what the parser found.
    pub fn parse(json: &'a [u8]) -> Result<Self, Fault> {
        let keys: Keys<'a> = serde_json::from_slice(json).map_err(Fault::malformed)?;
        let parsed = match keys {
            Keys {
                header: Some(_), ..
            } => Ok(Self::Header),
            Keys { qas: Some(_), .. } => serde_json::from_slice(json).map(Self::Mrqa),
            Keys { .. } => serde_json::from_slice(json).map(Self::Jeopardy),
        };
        parsed.map_err(Fault::malformed)
    }

    /// The rows: paragraphs are the snippets, or what stands behind each `[PAR]` of MRQA's context
    /// (titles are left out, for the snippets have none).
    pub fn rows(&self) -> Vec<Result<QuestionExample, Fault>> {
        match self {
            Self::Header => Vec::new(),
            Self::Jeopardy(question) => vec![question.row()],
            Self::Mrqa(context) => context.rows(),
        }
    }

    /// Results of the search without a text.
    pub fn bare_hits(&self) -> u64 {
        let Self::Jeopardy(question) = self else {
            return 0;
        };
        let bare = question.search_results.iter();
        bare.filter(|hit| hit.snippet.is_none()).count() as u64
    }
}

impl Jeopardy<'_> {
    fn row(&self) -> Result<QuestionExample, Fault> {
        let id = match &self.id {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            other => {
                return Err(Fault::malformed(format!(
                    "id {other}: expected a number or text"
                )));
            }
        };
        let (Some(question), Some(answer)) = (&self.question, &self.answer) else {
            let detail = format!("id {id}: question or answer is null");
            return Err(Fault::new("no question or answer", detail));
        };
        let snippets = self
            .search_results
            .iter()
            .filter_map(|hit| hit.snippet.as_deref());
        Ok(row(
            id,
            question,
            std::slice::from_ref(answer),
            snippets.collect(),
        ))
    }
}

impl Mrqa<'_> {
    fn rows(&self) -> Vec<Result<QuestionExample, Fault>> {
        let paragraphs = self
            .context
            .split("[DOC]")
            .map(|document| match document.split_once("[PAR]") {
                Some((_, text)) => text.trim(),
                None => document.trim(),
            })
            .filter(|text| !text.is_empty());
        let paragraphs: Vec<&str> = paragraphs.collect();
        let questions = self.qas.iter();
        let rows = questions.map(|question| {
            let id = question.qid.clone().into_owned();
            if question.answers.is_empty() {
                let detail = format!("id {id}: no answer");
                return Err(Fault::new("no question or answer", detail));
            }
            Ok(row(
                id,
                &question.question,
                &question.answers,
                paragraphs.clone(),
            ))
        });
        rows.collect()
    }
}

/// A row with the places of its answers.
pub(super) fn row(
    id: String,
    question: &str,
    answers: &[Cow<'_, str>],
    paragraphs: Vec<&str>,
) -> QuestionExample {
    let answers = answers.iter().map(AsRef::as_ref);
    let Places {
        paragraph,
        start,
        end,
    } = find_answers(answers.clone(), paragraphs.iter().copied());
    QuestionExample {
        id,
        question: question.to_owned(),
        answers: answers.collect(),
        paragraphs: paragraphs.into_iter().collect(),
        answer_paragraph: paragraph,
        answer_start: start,
        answer_end: end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_paragraphs_and_places() {
        let own = r#"{"id": 7, "question": "Who ?", "answer": "(Zo\u00eb) Li", "category": "X",
            "search_results": [{"snippet": null, "title": "t"}, {"snippet": "It was Zo\u00eb Li."}]}"#;
        let parsed = SearchQa::parse(own.as_bytes()).unwrap();
        assert_eq!(parsed.bare_hits(), 1);
        let row = parsed.rows().remove(0).unwrap();
        assert_eq!((row.id.as_str(), row.paragraphs.len()), ("7", 1));
        assert_eq!((row.answer_start, row.answer_end), (vec![7], vec![13]));
        let mrqa = r#"{"id": "1", "context": "[DOC] [TLE] Li [PAR] Zo\u00eb Li sang [DOC] [TLE] t [PAR] no",
            "qas": [{"qid": "a", "question": "Who ?", "answers": ["Li"]}, {"qid": "b", "question": "?", "answers": []}]}"#;
        let mut rows = SearchQa::parse(mrqa.as_bytes()).unwrap().rows();
        let row = rows.remove(0).unwrap();
        assert_eq!(row.paragraphs.join("|"), "Zoë Li sang|no");
        assert_eq!((row.answer_paragraph, row.answer_start), (vec![0], vec![4]));
        assert_eq!(rows.remove(0).unwrap_err().reason, "no question or answer");
        let header = SearchQa::parse(br#"{"header": {"dataset": "SearchQA"}}"#).unwrap();
        assert!(header.rows().is_empty());
        let fault = SearchQa::parse(br#"{"id": 1, "question": "Q"}"#).unwrap_err();
        assert!(fault.detail.starts_with("missing field"), "{fault}");
    }
}
