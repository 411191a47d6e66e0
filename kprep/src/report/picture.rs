//! The figures of a dependency set as a picture: four panels, in SVG.

use anyhow::Result;
use kprep_schemas::thousands;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::chart::{self, AMBER, Area, BLUE, Bar, GREY, INK, TEAL, style};
use super::heads::Report;
use super::text::{clean, figures};

const SIZE: (u32, u32) = (1280, 960);
const HEADING: u32 = 76;

/// Labels shown.
const LABELS: usize = 15;

/// Draws the report.
pub(crate) fn of(report: &Report) -> Result<String> {
    let mut svg = String::new();
    {
        let page = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        page.fill(&WHITE)?;
        let (heading, panels) = page.split_vertically(HEADING);
        head(&heading, report)?;
        let panels = panels.margin(0, 12, 16, 24).split_evenly((2, 2));
        let summary = &report.summary;
        let lengths = [
            (
                "Sentence length",
                "words in the sentence",
                "% of sentences",
                &summary.sentence_length,
            ),
            (
                "Arc length",
                "words from a word to its head",
                "% of arcs",
                &summary.arcs.length,
            ),
        ];
        for (panel, (title, x, y, spread)) in panels.iter().zip(lengths) {
            let line = if spread.max.is_some() {
                figures(spread)
            } else {
                "none".to_owned()
            };
            let area = titled(panel, title, &line)?;
            chart::histogram(&area, x, y, spread, &chart::WIDE)?;
        }
        let count = format!("{} labels", thousands(summary.labels.len() as u64));
        let area = titled(&panels[2], "Most frequent labels", &count)?;
        chart::bars(
            &area,
            "% of words with a head",
            &labels(report),
            &chart::WIDE,
        )?;
        let depth = format!("tree depth: {}", figures(&summary.trees.depth));
        let area = titled(&panels[3], "Heads and trees", &depth)?;
        chart::bars(
            &area,
            "% of arcs, words or trees",
            &shares(report),
            &chart::WIDE,
        )?;
        page.present()?;
    }
    Ok(svg)
}

fn head(area: &Area, report: &Report) -> Result<()> {
    let rows = &report.rows;
    let splits = format!(
        "train {}, validation {}, test {}",
        thousands(rows.train),
        thousands(rows.validation),
        thousands(rows.test)
    );
    let title = format!(
        "{}: {} sentences, {} words",
        clean(&report.dataset, 60),
        thousands(report.summary.sentences),
        thousands(report.summary.words)
    );
    area.draw_text(&title, &style(29, INK, HPos::Left, VPos::Top), (32, 20))?;
    area.draw_text(&splits, &style(18, GREY, HPos::Left, VPos::Top), (32, 52))?;
    Ok(())
}

/// A panel's title and a line under it, and the area that is left.
fn titled<'a>(area: &Area<'a>, title: &str, line: &str) -> Result<Area<'a>> {
    area.draw_text(title, &style(22, INK, HPos::Left, VPos::Top), (16, 14))?;
    area.draw_text(line, &style(16, GREY, HPos::Left, VPos::Top), (16, 40))?;
    Ok(area.margin(66, 8, 0, 0))
}

pub(crate) fn labels(report: &Report) -> Vec<Bar> {
    let labels = report.summary.labels.iter().take(LABELS);
    let bar = |label: &kprep_parse::Label| Bar {
        name: clean(&label.label, 18),
        share: label.words,
        colour: BLUE,
    };
    labels.map(bar).collect()
}

pub(crate) fn shares(report: &Report) -> Vec<Bar> {
    let summary = &report.summary;
    let bars = [
        ("head on the right", summary.arcs.head_right, BLUE),
        ("head on the left", summary.arcs.head_left, BLUE),
        ("right neighbour", summary.arcs.right_neighbour, TEAL),
        ("left neighbour", summary.arcs.left_neighbour, TEAL),
        ("words without head", summary.headless_words, AMBER),
        ("non-projective trees", summary.trees.non_projective, AMBER),
        (
            "non-projective arcs",
            summary.trees.non_projective_arcs,
            AMBER,
        ),
    ];
    bars.map(|(name, share, colour)| Bar {
        name: name.to_owned(),
        share,
        colour,
    })
    .into()
}
