//! Questions as JSON, one object a line, with the names that kprep's records have: with answers to choose from
//! ([`choice`]), or with paragraphs in which the answer may stand ([`in_paragraphs`]).
//!
//! Ids may be absent, and what only training and scores need; other fields are ignored.

use std::io::BufRead;
use std::path::Path;

use kprep_schemas::{ChoiceExample, PairExample, QuestionExample, Record, Rules, Words};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Result;
use crate::data::text_lines::{LONGEST_OBJECT, TextLines};

/// A question of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedQuestion<Q> {
    /// Its line, from 1.
    pub number: u64,
    /// Its id as it stands there; null if there is none.
    pub id: Value,
    /// The question, as a row without an id.
    pub question: Q,
}

/// How a line is read: its number is still to come. The error says what was expected.
pub type Parse<Q> = fn(&[u8]) -> std::result::Result<(Value, Q), String>;

/// The questions of a file. Empty lines are skipped. One line is in memory at a time.
///
/// Items are [`crate::Error::Line`] for a line that is no such question, behind which reading goes on. It ends behind one
/// that is longer than [`LONGEST_OBJECT`], and behind [`crate::Error::Io`].
pub fn read<Q>(
    input: impl BufRead,
    path: &Path,
    parse: Parse<Q>,
) -> impl Iterator<Item = Result<NumberedQuestion<Q>>> {
    let mut lines = TextLines::new(input, path, LONGEST_OBJECT);
    let mut is_broken = false;
    std::iter::from_fn(move || {
        if is_broken {
            return None;
        }
        let parsed = loop {
            match lines.next_line() {
                Ok(None) => return None,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => break parse(line.trim_ascii_end()),
                Err(error) => {
                    is_broken = true;
                    return Some(Err(error));
                }
            }
        };
        let question = parsed.map(|(id, question)| NumberedQuestion {
            number: lines.number(),
            id,
            question,
        });
        Some(question.map_err(|reason| lines.wrong(reason)))
    })
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    id: Value,
    context: String,
    question: String,
    answers: Vec<String>,
}

/// Reads a question with at least two answers to choose from. The label, which no model reads, is 0.
///
/// # Errors
/// What is wrong, and what was expected.
pub fn choice(line: &[u8]) -> std::result::Result<(Value, ChoiceExample), String> {
    let expected = r#"{"context": "...", "question": "...", "answers": ["...", "..."]}"#;
    let choice: Choice = object(line, expected)?;
    let row = ChoiceExample {
        id: String::new(),
        context: choice.context,
        question: choice.question,
        answers: choice.answers.iter().collect(),
        label: Some(0),
    };
    row.check(&Rules::default())?;
    Ok((choice.id, row))
}

#[derive(Deserialize)]
struct InParagraphs {
    #[serde(default)]
    id: Value,
    question: String,
    paragraphs: Vec<String>,
}

/// Reads a question with paragraphs. Its right answers, which no model reads, are none.
///
/// # Errors
/// What is wrong, and what was expected.
pub fn in_paragraphs(line: &[u8]) -> std::result::Result<(Value, QuestionExample), String> {
    let expected = r#"{"question": "...", "paragraphs": ["...", "..."]}"#;
    let found: InParagraphs = object(line, expected)?;
    let row = QuestionExample {
        id: String::new(),
        question: found.question,
        answers: Words::default(),
        paragraphs: found.paragraphs.iter().collect(),
        answer_paragraph: Vec::new(),
        answer_start: Vec::new(),
        answer_end: Vec::new(),
    };
    Ok((found.id, row))
}

#[derive(Deserialize)]
struct TwoPhrases {
    #[serde(default)]
    id: Value,
    first: String,
    second: String,
    #[serde(default)]
    relation: String,
}

/// Reads two phrases, and what the first is said to be to the second: an object, or `first<TAB>second` or
/// `first<TAB>relation<TAB>second`. The label, which no model reads, is 0.
///
/// # Errors
/// What is wrong, and what was expected.
pub fn pair(line: &[u8]) -> std::result::Result<(Value, PairExample), String> {
    let expected = r#"{"first": "...", "second": "..."}, or both phrases with a tab between them"#;
    let is_object = line.trim_ascii_start().first() == Some(&b'{');
    let found: TwoPhrases = if is_object {
        object(line, expected)?
    } else {
        let text = std::str::from_utf8(line).map_err(|e| e.to_string())?;
        let parts: Vec<&str> = text.split('\t').map(str::trim).collect();
        let (first, relation, second) = match parts[..] {
            [first, second] => (first, "", second),
            [first, relation, second] => (first, relation, second),
            _ => return Err(format!("expected {expected}")),
        };
        TwoPhrases {
            id: Value::Null,
            first: first.to_owned(),
            second: second.to_owned(),
            relation: relation.to_owned(),
        }
    };
    if [&found.first, &found.second]
        .iter()
        .any(|phrase| phrase.trim().is_empty())
    {
        return Err("one of the two phrases is empty".to_owned());
    }
    let row = PairExample {
        first: found.first,
        second: found.second,
        relation: found.relation,
        ..PairExample::default()
    };
    Ok((found.id, row))
}

fn object<T: DeserializeOwned>(line: &[u8], expected: &str) -> std::result::Result<T, String> {
    let parsed = serde_json::from_slice(line);
    parsed.map_err(|error| {
        // The line is that of the file.
        let error = error.to_string().replace(" at line 1 column", " at column");
        format!("{error}: expected {expected}")
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;
    use std::slice;

    use kprep_schemas::JsonLines;
    use serde_json::json;

    use super::*;

    const ONE: &str =
        r#"{"id": 7, "context": "c", "question": "q", "answers": ["a", "b"], "x": []}"#;

    fn choices(text: &str) -> Vec<Result<NumberedQuestion<ChoiceExample>>> {
        let input = BufReader::with_capacity(1, text.as_bytes());
        read(input, Path::new("f"), choice).collect()
    }

    #[test]
    fn what_kprep_writes_is_read() {
        let row = ChoiceExample {
            id: "1".into(),
            context: "It rained.".into(),
            question: "Why?".into(),
            answers: ["Zoë", "b"].into(),
            label: None,
        };
        let text = String::from_utf8(JsonLines::of(slice::from_ref(&row)).unwrap()).unwrap();
        let text = format!("\r\n{}\r\n\n{ONE}", text.trim_end());
        let all: Vec<_> = choices(&text).into_iter().map(Result::unwrap).collect();
        assert_eq!((all[0].number, &all[0].id), (2, &json!("1")));
        let read = ChoiceExample {
            id: String::new(),
            label: Some(0),
            ..row
        };
        assert_eq!(all[0].question, read);
        assert_eq!((all[1].number, &all[1].id), (4, &json!(7)));

        let row = QuestionExample {
            id: "1".into(),
            question: "Who?".into(),
            answers: ["Zoë"].into(),
            paragraphs: ["Zoë", ""].into(),
            answer_paragraph: vec![0],
            answer_start: vec![0],
            answer_end: vec![3],
        };
        let (id, read) = in_paragraphs(&JsonLines::of(slice::from_ref(&row)).unwrap()).unwrap();
        assert_eq!(id, json!("1"));
        assert_eq!(
            (read.question, read.paragraphs),
            (row.question, row.paragraphs)
        );
    }

    #[test]
    fn a_line_that_is_no_question_is_named_between_two_good_ones() {
        let expected = r#"{"context": "...", "question": "...", "answers": ["...", "..."]}"#;
        for (bad, reason) in [
            (
                r#"{"context": "c", "question": "q"}"#,
                format!("missing field `answers` at column 33: expected {expected}"),
            ),
            (
                "Why?",
                format!("expected value at column 1: expected {expected}"),
            ),
            (
                r#"{"context": "c", "question": "q", "answers": ["a"]}"#,
                "expected at least two answers, found 1".to_owned(),
            ),
        ] {
            let all = choices(&format!("{ONE}\n{bad}\n{ONE}\n"));
            assert!(all[0].is_ok() && all[2].is_ok() && all.len() == 3);
            let message = all[1].as_ref().unwrap_err().to_string();
            assert_eq!(message, format!("f: line 2: {reason}"));
        }
        let message = in_paragraphs(br#"{"question": "q", "paragraphs": "p"}"#).unwrap_err();
        assert_eq!(
            message,
            "invalid type: string \"p\", expected a sequence at column 35: expected {\"question\": \"...\", \
             \"paragraphs\": [\"...\", \"...\"]}"
        );
    }
}
