//! The figures of a benchmark's dataset: mentions with types, questions, facts with a gap.

use std::collections::BTreeMap;

use anyhow::Result;
use kprep_align::Named;
use kprep_schemas::{Dataset, EntityId, Share, Split};

use super::benchmark_report::{Majority, Report};
use super::count::{self, Rows};
use super::counted::Counted;
use super::guess::guesses;
use super::tally::Tally;
use super::{Forms, benchmark_page, benchmark_text, class_table, write};
use crate::console::{show, show_json};
use crate::datasets::labels;

pub(crate) fn run<R: Counted>(forms: &Forms, dataset: &Dataset) -> Result<()> {
    let mut report = report::<R>(dataset)?;
    label(&mut report.names, dataset)?;
    if let Some(path) = &forms.html {
        write(path, &benchmark_page::of(&report, dataset)?)?;
    }
    if forms.json {
        show_json(&report)
    } else {
        show(&benchmark_text::of(&report))
    }
}

fn report<R: Counted>(dataset: &Dataset) -> Result<Report> {
    dataset.manifest.expect_record::<R>(&dataset.dir)?;
    let count = |split| {
        let add = |tally: &mut Tally, row: &R| {
            tally.rows += 1;
            row.count(tally);
        };
        count::split(dataset, split, add, Tally::merge)
    };
    let [train, validation, test] = Split::ALL.map(count);
    let (train, validation, test) = (train?, validation?, test?);
    let splits = [&train, &validation, &test];
    let mut all = Tally::default();
    for split in splits {
        all.merge(split);
    }
    let guesses = guesses(splits, &all);
    Ok(Report {
        dataset: dataset.manifest.name.clone(),
        record: R::NAME,
        unit: R::ROWS,
        rows: Rows {
            train: train.rows,
            validation: validation.rows,
            test: test.rows,
        },
        shares: shares(&all),
        names: names(&all),
        lengths: all
            .lengths
            .into_iter()
            .map(|(of, n)| (of, n.into()))
            .collect(),
        majority: (!guesses.is_empty()).then(|| Majority::of(guesses)),
        baselines: Vec::new(),
        tables: class_table::tables::<R>(dataset)?,
    })
}

/// Puts labels before the ids of Wikidata among the most frequent names, as far as they lie beside the dataset.
fn label(names: &mut BTreeMap<&'static str, Vec<Named>>, dataset: &Dataset) -> Result<()> {
    const FEW: usize = 200;
    let mut frequent: Vec<&mut Named> = names
        .values_mut()
        .flat_map(|names| names.iter_mut().take(FEW))
        .filter(|named| named.name.parse::<EntityId>().is_ok())
        .collect();
    if frequent.is_empty() {
        return Ok(());
    }
    let ids = frequent.iter().map(|named| named.name.clone());
    let labels = labels::beside(dataset, &ids.collect())?;
    for named in &mut frequent {
        named.name = labels::called(&named.name, &labels);
    }
    Ok(())
}

fn shares(all: &Tally) -> BTreeMap<&'static str, Share> {
    let shares = all.shares.iter();
    shares
        .map(|(of, &(yes, all))| (*of, Share::new(yes, all)))
        .collect()
}

fn names(all: &Tally) -> BTreeMap<&'static str, Vec<Named>> {
    let sorted = |names: &BTreeMap<String, u64>| {
        let named = names.iter().map(|(name, &rows)| Named {
            name: name.clone(),
            rows: Share::new(rows, all.rows),
        });
        let mut named: Vec<Named> = named.collect();
        named.sort_by_key(|named| std::cmp::Reverse(named.rows.count));
        named
    };
    all.names
        .iter()
        .map(|(of, names)| (*of, sorted(names)))
        .collect()
}
