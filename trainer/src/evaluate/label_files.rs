//! Labels and predictions in the files that the benchmarks' own scorers read.
//!
//! Lines may end in LF or CRLF. A file is in memory as a whole: the longest published one has 15,509 lines.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::evaluate::scoring::classes::OTHER;
use crate::{Error, Result};

pub mod entities;

/// The largest file that is read. Of longer ones something else is meant.
const MOST_BYTES: u64 = 1 << 30;

/// The nine relations of SemEval-2010 Task 8, each of which has two directions.
const SEMEVAL: [&str; 9] = [
    "Cause-Effect",
    "Component-Whole",
    "Content-Container",
    "Entity-Destination",
    "Entity-Origin",
    "Instrument-Agency",
    "Member-Collection",
    "Message-Topic",
    "Product-Producer",
];

/// A text file, and where its errors are.
pub struct AnswerFile {
    path: PathBuf,
    text: String,
}

impl AnswerFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Line`] for one that is not UTF-8; [`Error::Unfit`] for one of more than 1 GiB.
    pub fn read(path: &Path) -> Result<Self> {
        let size = fs::metadata(path).map_err(Error::io(path))?.len();
        if size > MOST_BYTES {
            return Err(Error::Unfit {
                path: path.to_owned(),
                reason: format!(
                    "{size} bytes: expected a file of labels, at most {MOST_BYTES} bytes"
                ),
            });
        }
        let bytes = fs::read(path).map_err(Error::io(path))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match String::from_utf8(bytes.to_vec()) {
            Ok(text) => Ok(Self {
                path: path.to_owned(),
                text,
            }),
            Err(error) => {
                let valid = &bytes[..error.utf8_error().valid_up_to()];
                let line = valid.split(|&byte| byte == b'\n').count() as u64;
                Err(Error::Line {
                    path: path.to_owned(),
                    line,
                    reason: "no UTF-8".to_owned(),
                })
            }
        }
    }

    /// Its lines with their numbers, from 1.
    fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (1..).zip(self.text.lines())
    }

    /// An error in a line.
    fn wrong(&self, line: u64, reason: impl Into<String>) -> Error {
        Error::Line {
            path: self.path.clone(),
            line,
            reason: reason.into(),
        }
    }

    /// A label a line, as TACRED's `scorer.py` and CosmosQA's leaderboard read them. Empty lines may stand at the end
    /// alone.
    ///
    /// # Errors
    /// [`Error::Line`].
    pub fn labels(&self) -> Result<Vec<&str>> {
        let mut labels = Vec::new();
        let mut empty = None;
        for (number, line) in self.lines() {
            let label = line.trim();
            if label.is_empty() {
                empty.get_or_insert(number);
                continue;
            }
            if let Some(number) = empty {
                return Err(self.wrong(number, "expected a label, found an empty line"));
            }
            if label.contains('\t') {
                return Err(self.wrong(number, "expected one label, found a tab"));
            }
            labels.push(label);
        }
        if labels.is_empty() {
            return Err(self.wrong(1, "expected a label, found the end of the file"));
        }
        Ok(labels)
    }

    /// `ID<TAB>RELATION` lines in any order, as SemEval-2010 Task 8's scorer reads them, with the number of each line.
    ///
    /// # Errors
    /// [`Error::Line`] for another form, an id that is there already, or a relation that the task does not have.
    pub fn numbered(&self) -> Result<BTreeMap<u64, (u64, &str)>> {
        let mut all = BTreeMap::new();
        for (number, line) in self.lines() {
            let form = || self.wrong(number, format!("expected ID<TAB>RELATION, found {line:?}"));
            let (id, relation) = line.split_once('\t').ok_or_else(form)?;
            let id: u64 = id.parse().map_err(|_| form())?;
            if !is_semeval(relation) {
                let reason = format!(
                    "{relation:?} is no relation of SemEval-2010 Task 8: expected one such as Cause-Effect(e1,e2), or Other"
                );
                return Err(self.wrong(number, reason));
            }
            if let Some((first, _)) = all.insert(id, (number, relation)) {
                return Err(self.wrong(number, format!("the id {id} is in line {first}, too")));
            }
        }
        if all.is_empty() {
            return Err(self.wrong(1, "expected ID<TAB>RELATION, found the end of the file"));
        }
        Ok(all)
    }
}

fn is_semeval(relation: &str) -> bool {
    let undirected = relation.strip_suffix("(e1,e2)");
    let undirected = undirected.or_else(|| relation.strip_suffix("(e2,e1)"));
    relation == OTHER || undirected.is_some_and(|name| SEMEVAL.contains(&name))
}

/// Labels and predictions side by side, both of which stand a line each.
///
/// # Errors
/// [`Error::Line`] for files of different lengths.
pub fn paired<'a>(
    gold: &'a AnswerFile,
    predicted: &'a AnswerFile,
) -> Result<Vec<(&'a str, &'a str)>> {
    let (labels, guesses) = (gold.labels()?, predicted.labels()?);
    same_length(gold, labels.len(), predicted, guesses.len())?;
    Ok(labels.into_iter().zip(guesses).collect())
}

/// Refuses predictions that are not one a label.
fn same_length(
    gold: &AnswerFile,
    labels: usize,
    predicted: &AnswerFile,
    guesses: usize,
) -> Result<()> {
    if labels == guesses {
        return Ok(());
    }
    let line = labels.min(guesses) as u64 + 1;
    let (path, what) = (
        gold.path.display(),
        if guesses < labels {
            "a prediction is missing"
        } else {
            "no label is left"
        },
    );
    Err(predicted.wrong(
        line,
        format!("{what}: there are {guesses} predictions, and {labels} labels in {path}"),
    ))
}

/// Labels and predictions by their ids: `None` where there is no prediction.
///
/// # Errors
/// [`Error::Line`] for a prediction whose id has no label.
pub fn by_id<'a>(
    gold: &'a AnswerFile,
    predicted: &'a AnswerFile,
) -> Result<Vec<(&'a str, Option<&'a str>)>> {
    let (labels, guesses) = (gold.numbered()?, predicted.numbered()?);
    if let Some((id, (line, _))) = guesses.iter().find(|(id, _)| !labels.contains_key(id)) {
        let reason = format!("no label for the id {id} in {}", gold.path.display());
        return Err(predicted.wrong(*line, reason));
    }
    let pair = |(id, (_, label)): (&u64, &(u64, &'a str))| {
        (*label, guesses.get(id).map(|(_, guess)| *guess))
    };
    Ok(labels.iter().map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> AnswerFile {
        AnswerFile {
            path: name.into(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn labels_are_paired_by_line() {
        let (gold, guess) = (file("g", "a\r\nb\r\n\r\n"), file("p", "b\nb"));
        assert_eq!(paired(&gold, &guess).unwrap(), [("a", "b"), ("b", "b")]);
        let message = |gold: &str, guess: &str| {
            let (gold, guess) = (file("g", gold), file("p", guess));
            paired(&gold, &guess).unwrap_err().to_string()
        };
        assert_eq!(
            message("a\n\nb\n", "a\nb\n"),
            "g: line 2: expected a label, found an empty line"
        );
        assert_eq!(
            message("a\n", "a\t0.5\n"),
            "p: line 1: expected one label, found a tab"
        );
        assert_eq!(
            message("a\n", "\n"),
            "p: line 1: expected a label, found the end of the file"
        );
        assert_eq!(
            message("a\nb\n", "a\n"),
            "p: line 2: a prediction is missing: there are 1 predictions, and 2 labels in g"
        );
        assert_eq!(
            message("a\n", "a\nb\n"),
            "p: line 2: no label is left: there are 2 predictions, and 1 labels in g"
        );
    }

    #[test]
    fn relations_are_paired_by_id() {
        let gold = file("g", "2\tOther\r\n1\tCause-Effect(e2,e1)\r\n");
        let one = file("p", "1\tCause-Effect(e1,e2)\n");
        assert_eq!(
            by_id(&gold, &one).unwrap(),
            [
                ("Cause-Effect(e2,e1)", Some("Cause-Effect(e1,e2)")),
                ("Other", None)
            ]
        );
        let message = |guess: &str| {
            let guess = file("p", guess);
            by_id(&gold, &guess).unwrap_err().to_string()
        };
        assert_eq!(
            message("1\tOther\n2 Other\n"),
            "p: line 2: expected ID<TAB>RELATION, found \"2 Other\""
        );
        assert_eq!(
            message("1\tOther\n1\tOther\n"),
            "p: line 2: the id 1 is in line 1, too"
        );
        assert_eq!(
            message("1\tOther\n3\tOther\n"),
            "p: line 2: no label for the id 3 in g"
        );
        for wrong in [
            "Cause-Effect",
            "Cause-Effect(e1,e1)",
            "Effect-Cause(e1,e2)",
            "other",
        ] {
            let message = message(&format!("1\t{wrong}\n"));
            assert!(
                message.starts_with(&format!("p: line 1: {wrong:?} is no relation of")),
                "{message}"
            );
        }
    }
}
