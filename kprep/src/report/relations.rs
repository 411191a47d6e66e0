//! The figures of a relation dataset.

use anyhow::Result;
use kprep_align::RelationStats;
use kprep_schemas::{Dataset, Record, RelationCount, RelationExample, Split};

use super::count::{self, Rows};
use super::relation_report::{Majority, Relation, Report};
use super::{Forms, relation_page, relation_text, write};
use crate::console::{show, show_json};
use crate::datasets::relation_table::RELATIONS;

pub(crate) fn run(forms: &Forms, dataset: &Dataset) -> Result<()> {
    let report = report(dataset)?;
    if let Some(path) = &forms.html {
        write(path, &relation_page::of(&report, dataset)?)?;
    }
    if forms.json {
        show_json(&report)
    } else {
        show(&relation_text::of(&report))
    }
}

fn report(dataset: &Dataset) -> Result<Report> {
    let manifest = &dataset.manifest;
    manifest.expect_record::<RelationExample>(&dataset.dir)?;
    let count = |split| {
        let add = |stats: &mut RelationStats, row: &RelationExample| stats.add(row);
        count::split(dataset, split, add, RelationStats::merge)
    };
    let [train, validation, test] = Split::ALL.map(count);
    let (mut all, validation, test) = (train?, validation?, test?);
    let rows = Rows {
        train: all.rows,
        validation: validation.rows,
        test: test.rows,
    };
    let majority = Majority::of(&all, &validation, &test);
    all.merge(&validation);
    all.merge(&test);
    Ok(Report {
        dataset: manifest.name.clone(),
        record: RelationExample::NAME,
        rows,
        majority,
        summary: all.into(),
        table: table(dataset)?,
        overlap: manifest.overlap.clone(),
    })
}

/// The relations, the most frequent first.
fn table(dataset: &Dataset) -> Result<Vec<Relation>> {
    let rows = dataset.table::<RelationCount>(RELATIONS)?;
    let relation = |row: RelationCount| Relation {
        property: row.relation,
        name: row.name,
        pairs: row.pairs,
        train: row.train,
        validation: row.validation,
        test: row.test,
    };
    let mut table: Vec<_> = rows.into_iter().map(relation).collect();
    table.sort_by_key(|row| std::cmp::Reverse(row.rows()));
    Ok(table)
}
