//! The figures of a dependency dataset as tables.

use std::fmt::{self, Write};

use kprep_parse::HeadSummary;
use kprep_report::{clean, figures};
use kprep_schemas::{Overlap, Share, Spread, thousands};

use super::head_report::Report;

/// Characters of the longest bar.
const BAR_WIDTH: u64 = 40;

/// Labels listed.
const LABELS: usize = 30;

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
        "{}: {} sentences, {} words (train {}, validation {}, test {})",
        report.dataset,
        thousands(summary.sentences),
        thousands(summary.words),
        thousands(rows.train),
        thousands(rows.validation),
        thousands(rows.test)
    )?;
    histogram(out, "words a sentence", &summary.sentence_length, 20)?;
    histogram(
        out,
        "arc length, from word to head",
        &summary.arcs.length,
        25,
    )?;
    histogram(
        out,
        "tree depth, from root to deepest word",
        &summary.trees.depth,
        20,
    )?;
    shares(out, summary)?;
    labels(out, summary)?;
    overlap(out, &report.overlap)
}

/// What the splits have in common, where there are several.
pub(crate) fn overlap(out: &mut String, overlaps: &[Overlap]) -> fmt::Result {
    if overlaps.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n{:<27} {:>11} {:>11} {:>11}   in train and: {:>10} {:>10}",
        "distinct in", "train", "validation", "test", "validation", "test"
    )?;
    for o in overlaps {
        let [train, validation, test, with_validation, with_test] = [
            o.train,
            o.validation,
            o.test,
            o.train_validation,
            o.train_test,
        ]
        .map(thousands);
        writeln!(
            out,
            "  {:<25} {train:>11} {validation:>11} {test:>11} {with_validation:>26} {with_test:>10}",
            o.of
        )?;
    }
    Ok(())
}

/// Figures and a line for each of at most `bars` bins and the rest.
pub(crate) fn histogram(out: &mut String, title: &str, spread: &Spread, bars: u64) -> fmt::Result {
    write!(out, "\n{title}")?;
    let total = spread.counts.total();
    if total == 0 {
        return writeln!(out, ": none");
    }
    writeln!(out, ": {}", figures(spread))?;
    let bins = spread.counts.bins(bars);
    let top = bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    for bin in bins {
        let values = match bin.to {
            Some(to) if to == bin.from => bin.from.to_string(),
            Some(to) => format!("{}-{to}", bin.from),
            None => format!("{}+", bin.from),
        };
        let line = format!(
            "  {values:>9} {:>13} {}  {}",
            thousands(bin.count),
            percent(Share::new(bin.count, total)),
            bar(bin.count, top)
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn shares(out: &mut String, summary: &HeadSummary) -> fmt::Result {
    let (arcs, trees) = (&summary.arcs, &summary.trees);
    let sections = [
        (
            "arcs",
            vec![
                ("of length 1", arcs.neighbour),
                ("head is the right neighbour", arcs.right_neighbour),
                ("head is the left neighbour", arcs.left_neighbour),
                ("head is on the right", arcs.head_right),
                ("head is on the left", arcs.head_left),
            ],
        ),
        (
            "words",
            vec![
                ("without a head", summary.headless_words),
                (
                    "right neighbour guessed right",
                    summary.right_neighbour_baseline,
                ),
            ],
        ),
        (
            "trees",
            vec![
                ("not projective", trees.non_projective),
                ("arcs that are not projective", trees.non_projective_arcs),
                ("sentences that are no tree", trees.not_trees),
            ],
        ),
    ];
    for (title, lines) in sections {
        writeln!(out, "\n{title}")?;
        for (name, share) in lines {
            writeln!(
                out,
                "  {name:<31} {:>13} {}  of {}",
                thousands(share.count),
                percent(share),
                thousands(share.of)
            )?;
        }
    }
    Ok(())
}

fn labels(out: &mut String, summary: &HeadSummary) -> fmt::Result {
    let labels = &summary.labels;
    writeln!(
        out,
        "\n{:<33} {:>13} {:>6}  mean arc length",
        "labels", "words", "share"
    )?;
    for label in labels.iter().take(LABELS) {
        let length = label
            .mean_arc_length
            .map_or_else(|| "-".into(), |length| format!("{length:.1}"));
        writeln!(
            out,
            "  {:<31} {:>13} {}  {length:>15}",
            clean(&label.label, 31),
            thousands(label.words.count),
            percent(label.words)
        )?;
    }
    match labels.len().saturating_sub(LABELS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more: --json has all"),
    }
}

/// `12.3%`, 6 wide.
pub(crate) fn percent(share: Share) -> String {
    match share.share {
        Some(share) => format!("{:>5.1}%", share * 100.0),
        None => format!("{:>6}", "-"),
    }
}

/// A bar of eighths of a character; anything that occurs shows.
fn bar(count: u64, top: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (count * BAR_WIDTH * 8).div_ceil(top.max(1)) as usize;
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}
