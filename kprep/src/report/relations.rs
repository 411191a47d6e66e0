//! The figures of a relation dataset.

use anyhow::Result;
use kprep_align::{RelationStats, RelationSummary};
use kprep_schemas::{Dataset, Overlap, Record, RelationCount, RelationExample, Share, Split};
use serde::Serialize;

use super::heads::Rows;
use super::{Forms, count, relation_page, relation_text, write};
use crate::console::{show, show_json};
use crate::datasets::relation_table::RELATIONS;

/// What is told of a relation dataset; its JSON is what `--json` prints.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The dataset's name.
    pub(crate) dataset: String,
    record: &'static str,
    pub(crate) rows: Rows,
    /// Always the answer that is the most frequent in train.
    pub(crate) majority: Majority,
    #[serde(flatten)]
    pub(crate) summary: RelationSummary,
    /// The relations as the dataset lists them: names, pairs, rows a split.
    pub(crate) table: Vec<Relation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) overlap: Vec<Overlap>,
}

/// How often the most frequent relation of train is right.
#[derive(Debug, Serialize)]
pub(crate) struct Majority {
    pub(crate) relation: Option<String>,
    pub(crate) train: Share,
    pub(crate) validation: Share,
    pub(crate) test: Share,
}

/// A row of `relations.parquet`.
#[derive(Debug, Serialize)]
pub(crate) struct Relation {
    pub(crate) property: String,
    pub(crate) name: Option<String>,
    pub(crate) pairs: i64,
    pub(crate) train: i64,
    pub(crate) validation: i64,
    pub(crate) test: i64,
}

impl Relation {
    /// `capital (P36)`, or the property alone.
    pub(crate) fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.property),
            None => self.property.clone(),
        }
    }

    pub(crate) fn rows(&self) -> u64 {
        (self.train + self.validation + self.test) as u64
    }
}

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

impl Majority {
    fn of(train: &RelationStats, validation: &RelationStats, test: &RelationStats) -> Self {
        // Of several, the first by its name.
        let most = train.relations.iter().rev().max_by_key(|(_, rows)| **rows);
        let relation = most.map(|(relation, _)| relation.clone());
        let right = |stats: &RelationStats| {
            let count = relation.as_ref().and_then(|name| stats.relations.get(name));
            Share::new(count.copied().unwrap_or(0), stats.rows)
        };
        Self {
            train: right(train),
            validation: right(validation),
            test: right(test),
            relation,
        }
    }
}
