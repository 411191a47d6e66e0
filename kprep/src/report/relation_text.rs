//! The figures of a relation dataset as tables.

use std::fmt::{self, Write};

use kprep_align::Named;
use kprep_schemas::{Share, thousands};

use super::relation_report::Report;
use super::text::{histogram, overlap, percent};
use kprep_report::clean;

/// Relations listed.
const RELATIONS: usize = 30;

/// The report for people to read.
pub(crate) fn of(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    let (rows, summary) = (&report.rows, &report.summary);
    writeln!(
        out,
        "{}: {} rows, {} relations, {} pairs (train {}, validation {}, test {})",
        report.dataset,
        thousands(rows.train + rows.validation + rows.test),
        thousands(summary.relations.len() as u64),
        thousands(summary.pairs_with_several_relations.of),
        thousands(rows.train),
        thousands(rows.validation),
        thousands(rows.test)
    )?;
    histogram(out, "words a sentence", &summary.sentence_length, 20)?;
    let distance = &summary.mention_distance;
    histogram(out, "words between the mentions", distance, 20)?;
    histogram(out, "words a subject", &summary.subject_length, 10)?;
    histogram(out, "words an object", &summary.object_length, 10)?;
    shares(out, report)?;
    names(out, "objects", &summary.object_types)?;
    names(out, "aligners", &summary.aligners)?;
    relations(out, report)?;
    overlap(out, &report.overlap)
}

/// A name and how many of how many.
pub(crate) fn line(out: &mut String, name: &str, share: Share) -> fmt::Result {
    let (count, of) = (thousands(share.count), thousands(share.of));
    writeln!(out, "  {name:<39} {count:>11} {}  of {of}", percent(share))
}

fn shares(out: &mut String, report: &Report) -> fmt::Result {
    let (summary, majority) = (&report.summary, &report.majority);
    writeln!(out, "\nrows and pairs")?;
    line(out, "subject before object", summary.subject_first)?;
    line(out, "mentions overlap", summary.overlapping_mentions)?;
    let several = summary.pairs_with_several_relations;
    line(out, "pairs with several relations", several)?;
    if let Some(relation) = &majority.relation {
        writeln!(
            out,
            "\nmajority: always {relation}, the most frequent in train"
        )?;
        line(out, "right in train", majority.train)?;
        line(out, "right in validation", majority.validation)?;
        line(out, "right in test", majority.test)?;
    }
    Ok(())
}

fn names(out: &mut String, title: &str, names: &[Named]) -> fmt::Result {
    writeln!(out, "\n{title}")?;
    for named in names {
        line(out, &clean(&named.name, 39), named.rows)?;
    }
    Ok(())
}

fn relations(out: &mut String, report: &Report) -> fmt::Result {
    let all = report.rows.train + report.rows.validation + report.rows.test;
    let [relations, pairs, rows] = ["relations", "pairs", "rows"];
    writeln!(out, "\n{relations:<41} {pairs:>11} {rows:>11}  share")?;
    for relation in report.table.iter().take(RELATIONS) {
        writeln!(
            out,
            "  {:<39} {:>11} {:>11} {}",
            clean(&relation.title(), 39),
            thousands(relation.pairs as u64),
            thousands(relation.rows()),
            percent(Share::new(relation.rows(), all))
        )?;
    }
    match report.table.len().saturating_sub(RELATIONS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more: --json has all"),
    }
}
