//! What `kprep stats` tells of a benchmark's dataset.

use std::collections::BTreeMap;

use kprep_align::Named;
use kprep_schemas::{Share, Spread};
use serde::Serialize;

use super::class_table::ClassTable;
use super::count::Rows;
use super::guess::Guess;

/// What is told of a benchmark's dataset; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The dataset's name.
    pub(crate) dataset: String,
    pub(crate) record: &'static str,
    /// What a row is called, in the plural.
    #[serde(skip)]
    pub(crate) unit: &'static str,
    pub(crate) rows: Rows,
    pub(crate) lengths: BTreeMap<&'static str, Spread>,
    pub(crate) shares: BTreeMap<&'static str, Share>,
    /// The most frequent first, as shares of all rows.
    pub(crate) names: BTreeMap<&'static str, Vec<Named>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) majority: Option<Majority>,
    /// What one value of a row gives away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tables: Vec<ClassTable>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) baselines: Vec<Baseline>,
}

/// How often an answer is right that needs no model.
#[derive(Debug, Serialize)]
pub(crate) struct Baseline {
    pub(crate) name: &'static str,
    pub(crate) train: Share,
    pub(crate) validation: Share,
    pub(crate) test: Share,
}

/// Always the most frequent answer.
#[derive(Debug, Serialize)]
pub(crate) struct Majority {
    pub(crate) guesses: Vec<Guess>,
    /// The mean over `guesses` of how often each is right (LAMA's P@1 is such a mean); none of a
    /// split without rows.
    pub(crate) mean: Means,
}

#[derive(Debug, Serialize)]
pub(crate) struct Means {
    pub(crate) train: Option<f64>,
    pub(crate) validation: Option<f64>,
    pub(crate) test: Option<f64>,
}

impl Majority {
    pub(super) fn of(guesses: Vec<Guess>) -> Self {
        let mean = |split: fn(&Guess) -> Share| {
            let right: Vec<f64> = guesses
                .iter()
                .filter_map(|guess| split(guess).share)
                .collect();
            (!right.is_empty()).then(|| right.iter().sum::<f64>() / right.len() as f64)
        };
        Self {
            mean: Means {
                train: mean(|guess| guess.train),
                validation: mean(|guess| guess.validation),
                test: mean(|guess| guess.test),
            },
            guesses,
        }
    }
}
