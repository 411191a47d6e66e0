//! The figures of a dependency set.

use anyhow::Result;
use kprep_parse::{HeadStats, HeadSummary};
use kprep_schemas::{Dataset, DependencyExample, Overlap, Record, Split};
use serde::Serialize;

use super::{Args, count, head_page, picture, text, write};
use crate::console::{show, show_json};

/// What is told of a dependency set; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The dataset's name.
    pub(super) dataset: String,
    record: &'static str,
    pub(super) rows: Rows,
    #[serde(flatten)]
    pub(super) summary: HeadSummary,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) overlap: Vec<Overlap>,
}

/// Rows a split.
#[derive(Debug, Serialize)]
pub(super) struct Rows {
    pub(super) train: u64,
    pub(super) validation: u64,
    pub(super) test: u64,
}

pub(super) fn run(args: &Args, dataset: &Dataset) -> Result<()> {
    let report = report(dataset)?;
    if let Some(path) = &args.svg {
        write(path, &picture::of(&report)?)?;
    }
    if let Some(path) = &args.html {
        write(path, &head_page::of(&report, &dataset.manifest)?)?;
    }
    if args.json {
        show_json(&report)
    } else {
        show(&text::of(&report))
    }
}

fn report(dataset: &Dataset) -> Result<Report> {
    dataset
        .manifest
        .expect_record::<DependencyExample>(&dataset.dir)?;
    let count = |split| {
        let add = |stats: &mut HeadStats, row: &DependencyExample| stats.add(row);
        count::split(dataset, split, add, HeadStats::merge)
    };
    let [train, validation, test] = Split::ALL.map(count);
    let (mut all, validation, test) = (train?, validation?, test?);
    let rows = Rows {
        train: all.sentence_lengths.total(),
        validation: validation.sentence_lengths.total(),
        test: test.sentence_lengths.total(),
    };
    all.merge(&validation);
    all.merge(&test);
    Ok(Report {
        dataset: dataset.manifest.name.clone(),
        record: DependencyExample::NAME,
        rows,
        summary: all.into(),
        overlap: dataset.manifest.overlap.clone(),
    })
}
