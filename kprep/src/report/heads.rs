//! The figures of a dependency dataset.

use anyhow::Result;
use kprep_parse::HeadStats;
use kprep_schemas::{Dataset, DependencyExample, Record, Split};

use super::count::{self, Rows};
use super::head_report::Report;
use super::{Forms, head_page, text, write};
use crate::console::{show, show_json};

pub(crate) fn run(forms: &Forms, dataset: &Dataset) -> Result<()> {
    let report = report(dataset)?;
    if let Some(path) = &forms.html {
        write(path, &head_page::of(&report, dataset)?)?;
    }
    if forms.json {
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
