//! What a run came to, as the command line prints it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use crate::data::examples::Counts;
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;

/// What a run came to.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The dataset's name.
    pub dataset: String,
    /// The adapter's folder.
    pub out: PathBuf,
    /// The run's seed.
    pub seed: u64,
    /// Steps done.
    pub steps: u64,
    /// Numbers trained.
    pub parameters: usize,
    /// What became of each split's rows.
    pub rows: BTreeMap<&'static str, Counts>,
    /// The best weights' scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
    /// Those of the task that took turns with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<SecondSummary>,
}

/// What a run came to in its second task.
#[derive(Debug, Clone, Serialize)]
pub struct SecondSummary {
    /// The dataset's name.
    pub dataset: String,
    /// Scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
}
