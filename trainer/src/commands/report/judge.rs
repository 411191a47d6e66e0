//! What a model says of rows of its dataset.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use kprep_schemas::{Dataset, PairExample, Record, RelationCount, RelationExample, Split};
use serde_json::Value;
use tch::Device;

use super::{Judged, Judgements};
use crate::data::entity_markers::Marked;
use crate::data::questions::NumberedQuestion;
use crate::files::identity::BackboneIdentity;
use crate::libtorch::device::Precision;
use crate::tasks::predictor::{self, AnyPredictor, Guess, Predict};

/// Rows that are computed together.
const BATCH: usize = 32;

/// The table of a relation dataset with the names of its relations.
const RELATIONS: &str = "relations.parquet";

/// The predictions for the first `most` rows of the test split, or of validation where there is none; `None` for models of
/// other tasks.
pub(super) fn judge(
    dir: &Path,
    dataset: &Dataset,
    backbone: impl FnOnce() -> crate::Result<(PathBuf, BackboneIdentity)>,
    (device, precision): (Device, Precision),
    most: usize,
) -> Result<Option<Judgements>> {
    let record = dataset.manifest.record.as_str();
    if record != RelationExample::NAME && record != PairExample::NAME {
        return Ok(None);
    }
    let has_rows = |split: &Split| dataset.manifest.rows(split.name()) > 0;
    let Some(split) = [Split::Test, Split::Validation].into_iter().find(has_rows) else {
        return Ok(None);
    };
    let rows = match predictor::load(dir, backbone, device, precision, BATCH)? {
        AnyPredictor::Sentences(2, model) => {
            let judge = Judge {
                model: &*model,
                read: marked,
                text: sentence,
                right: |row: &RelationExample, _| {
                    row.label.and_then(|label| usize::try_from(label).ok())
                },
            };
            judge.rows(dataset, split, most)?
        }
        AnyPredictor::Pairs(model) => {
            let judge = Judge {
                model: &*model,
                read: |row: &PairExample| NumberedQuestion {
                    number: 0,
                    id: Value::Null,
                    question: row.clone(),
                },
                text: phrases,
                right: |row: &PairExample, names| names.iter().position(|name| *name == row.class),
            };
            judge.rows(dataset, split, most)?
        }
        _ => return Ok(None),
    };
    Ok(Some(Judgements {
        split: split.name(),
        names: names(dataset),
        rows,
    }))
}

/// A model, and what of a row it reads, people read, and is right.
struct Judge<'a, R, I> {
    model: &'a dyn Predict<I, Guess>,
    read: fn(&R) -> I,
    text: fn(&R) -> String,
    right: fn(&R, &[String]) -> Option<usize>,
}

impl<R: Record, I> Judge<'_, R, I> {
    fn rows(&self, dataset: &Dataset, split: Split, most: usize) -> Result<Vec<Judged>> {
        let mut rows = dataset.rows::<R>(split)?.take(most);
        let mut judged = Vec::new();
        loop {
            let some = rows.by_ref().take(BATCH);
            let some = some.collect::<kprep_schemas::Result<Vec<R>>>()?;
            if some.is_empty() {
                return Ok(judged);
            }
            let inputs: Vec<I> = some.iter().map(self.read).collect();
            let said = self.model.predict(&inputs, 1)?;
            for (row, said) in some.iter().zip(said) {
                let guess = said.guesses.and_then(|guesses| guesses.first().copied());
                // A row that is too long was not scored either.
                if let (Some(guess), Some(right)) = (guess, (self.right)(row, self.model.names())) {
                    judged.push(Judged {
                        text: (self.text)(row),
                        right,
                        said: guess.class,
                        probability: guess.probability,
                    });
                }
            }
        }
    }
}

/// A sentence as `ktrain predict` reads it.
fn marked(row: &RelationExample) -> Marked {
    Marked {
        line: String::new(),
        number: 0,
        text: row.text.clone(),
        subject_chars: (row.subj_char_start, row.subj_char_end),
        words: row.token.iter().map(str::to_owned).collect(),
        subject: (row.subj_start, row.subj_end),
        object: Some((row.obj_start, row.obj_end)),
    }
}

/// The sentence with its entities in brackets.
fn sentence(row: &RelationExample) -> String {
    let mut text = String::new();
    for (i, word) in (0..).zip(row.token.iter()) {
        text += if i == 0 { "" } else { " " };
        for (start, name) in [(row.subj_start, "subject"), (row.obj_start, "object")] {
            if start == i {
                let _ = write!(text, "[{name} "); // writing to a String cannot fail
            }
        }
        text += word;
        for end in [row.subj_end, row.obj_end] {
            text += if end == i { "]" } else { "" };
        }
    }
    text
}

fn phrases(row: &PairExample) -> String {
    let between = match row.relation.as_str() {
        "" => "|",
        relation => relation,
    };
    format!("{} {between} {}", row.first, row.second)
}

/// The classes, with English names where the dataset has them: `capital (P36)`.
fn names(dataset: &Dataset) -> Vec<String> {
    let classes = &dataset.manifest.class_names;
    let relations = dataset
        .table::<RelationCount>(RELATIONS)
        .unwrap_or_default();
    let name = |class: &String| {
        let found = relations.iter().find(|row| row.relation == *class);
        match found.and_then(|row| row.name.as_ref()) {
            Some(name) => format!("{name} ({class})"),
            None => class.clone(),
        }
    };
    classes.iter().map(name).collect()
}
