//! What `kprep stats` tells of a dependency dataset.

use kprep_parse::HeadSummary;
use kprep_schemas::Overlap;
use serde::Serialize;

use super::count::Rows;

/// What is told of a dependency dataset; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The dataset's name.
    pub(crate) dataset: String,
    pub(super) record: &'static str,
    pub(crate) rows: Rows,
    #[serde(flatten)]
    pub(crate) summary: HeadSummary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) overlap: Vec<Overlap>,
}
