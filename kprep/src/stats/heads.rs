//! The figures of a dependency set.

use std::fs;
use std::io::{Write, stdout};
use std::path::Path;

use anyhow::{Context, Result};
use kprep_parse::{HeadStats, HeadSummary};
use kprep_schemas::{Dataset, HeadExample, Record, ShardReader, Split};
use rayon::prelude::*;
use serde::Serialize;

use super::{Args, picture, text};

/// What is told of a dependency set; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// The dataset's name.
    pub(super) dataset: String,
    record: &'static str,
    pub(super) rows: Rows,
    #[serde(flatten)]
    pub(super) summary: HeadSummary,
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
        write(path, &picture::of(&report)?).with_context(|| format!("{}", path.display()))?;
    }
    let mut out = stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        write!(out, "{}", text::of(&report))?;
    }
    Ok(())
}

fn report(dataset: &Dataset) -> Result<Report> {
    dataset
        .manifest
        .expect_record::<HeadExample>(&dataset.dir)?;
    let [train, validation, test] = Split::ALL.map(|split| count(dataset, split));
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
        record: HeadExample::NAME,
        rows,
        summary: all.into(),
    })
}

/// Counts a split, its row groups in parallel. Of several errors, the first in the rows' order.
fn count(dataset: &Dataset, split: Split) -> kprep_schemas::Result<HeadStats> {
    let row_groups = dataset.row_groups(split)?;
    let counts = row_groups.par_iter().map(|(shard, row_group)| {
        let mut stats = HeadStats::default();
        for rows in ShardReader::<HeadExample>::open_row_group(shard, *row_group)? {
            for row in &rows? {
                stats.add(row);
            }
        }
        Ok(stats)
    });
    counts.reduce(
        || Ok(HeadStats::default()),
        |before, after| {
            let (mut all, after) = (before?, after?);
            all.merge(&after);
            Ok(all)
        },
    )
}

/// Writes beside the file and renames, so that it is never half there.
fn write(path: &Path, svg: &str) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    fs::write(&partial, svg)?;
    fs::rename(&partial, path)?;
    Ok(())
}
