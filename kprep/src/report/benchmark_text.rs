//! The figures of a benchmark's dataset as tables.

use std::fmt::{self, Write};

use kprep_align::Named;
use kprep_schemas::{Share, thousands};

use super::benchmark_report::{Baseline, Majority, Report};
use super::class_table::ClassTable;
use super::relation_text::line;
use super::text::{histogram, percent};
use kprep_report::clean;

/// Names listed of each kind.
const NAMES: usize = 30;

/// Bars of a histogram.
const BARS: u64 = 10;

/// The report for people to read.
pub(crate) fn of(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let rows = &report.rows;
    writeln!(
        out,
        "{}: {} {} (train {}, validation {}, test {})",
        report.dataset,
        thousands(rows.train + rows.validation + rows.test),
        report.unit,
        thousands(rows.train),
        thousands(rows.validation),
        thousands(rows.test)
    )?;
    for (of, spread) in &report.lengths {
        histogram(out, &title(of), spread, BARS)?;
    }
    if !report.shares.is_empty() {
        writeln!(out, "\nshares")?;
    }
    for (of, share) in &report.shares {
        line(out, &title(of), *share)?;
    }
    for (of, named) in &report.names {
        names(out, &title(of), named)?;
    }
    if let Some(found) = &report.majority {
        majority(out, found)?;
    }
    tables(out, &report.tables)?;
    baselines(out, &report.baselines)
}

fn baselines(out: &mut String, baselines: &[Baseline]) -> fmt::Result {
    if baselines.is_empty() {
        return Ok(());
    }
    let [train, validation, test] = ["train", "validation", "test"];
    let name = "baselines: how often right";
    writeln!(
        out,
        "\n{name:<53} {train:>6} {validation:>10} {test:>6}  of"
    )?;
    for baseline in baselines {
        let splits = [baseline.train, baseline.validation, baseline.test];
        let [train, validation, test] = splits.map(percent);
        let of = splits.map(|share| thousands(share.of)).join(", ");
        let name = title(baseline.name);
        writeln!(out, "  {name:<51} {train} {validation:>10} {test}  {of}")?;
    }
    Ok(())
}

fn tables(out: &mut String, tables: &[ClassTable]) -> fmt::Result {
    if tables.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nthe class that one value had most often in train (the majority class where it is not in train)\n  \
         {:<27} {:>9} {:<31} {:>6} {:>10} {:>6}",
        "", "in train", "", "train", "validation", "test"
    )?;
    for table in tables {
        let [train, validation, test] = [table.train, table.validation, table.test].map(percent);
        let (by, values) = (table.by, thousands(table.values));
        writeln!(
            out,
            "  {by:<27} {values:>9} {:<31} {train} {validation:>10} {test}",
            ""
        )?;
    }
    Ok(())
}

/// A key as people write it.
pub(crate) fn title(key: &str) -> String {
    key.replace('_', " ")
}

fn names(out: &mut String, title: &str, names: &[Named]) -> fmt::Result {
    writeln!(out, "\n{title}")?;
    for named in names.iter().take(NAMES) {
        line(out, &clean(&named.name, 39), named.rows)?;
    }
    more(out, names.len())
}

fn majority(out: &mut String, majority: &Majority) -> fmt::Result {
    writeln!(
        out,
        "\nalways the most frequent answer of train (of all rows where train has none)\n  \
         {:<27} {:>9} {:>8}  {:<21} {:>6} {:>10} {:>6}",
        "", "asked", "answers", "most frequent", "train", "validation", "test"
    )?;
    for guess in majority.guesses.iter().take(NAMES) {
        let [train, validation, test] = [guess.train, guess.validation, guess.test].map(percent);
        writeln!(
            out,
            "  {:<27} {:>9} {:>8}  {:<21} {train} {validation:>10} {test}",
            clean(&guess.asked, 27),
            thousands(guess.asked()),
            thousands(guess.answers),
            clean(&guess.answer, 21),
        )?;
    }
    more(out, majority.guesses.len())?;
    if majority.guesses.len() < 2 {
        return Ok(());
    }
    let mean = &majority.mean;
    let [train, validation, test] = [mean.train, mean.validation, mean.test].map(|share| {
        percent(Share {
            share,
            ..Share::new(0, 0)
        })
    });
    writeln!(out, "  {:<69} {train} {validation:>10} {test}", "mean")
}

fn more(out: &mut String, all: usize) -> fmt::Result {
    match all.saturating_sub(NAMES) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more: --json has all"),
    }
}
