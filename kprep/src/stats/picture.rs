//! The figures of a dependency set as a picture: four panels, in SVG.

use anyhow::Result;
use kprep_schemas::{Share, Spread, thousands};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::heads::Report;
use super::text::{clean, figures};

const SIZE: (u32, u32) = (1280, 960);
const HEADING: u32 = 76;

/// Bars of a histogram at most, and one for the rest.
const BARS: u64 = 40;

/// Labels shown.
const LABELS: usize = 15;

const FONT: &str = "DejaVu Sans, Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(38, 50, 56);
const GREY: RGBColor = RGBColor(110, 120, 126);
const GRID: RGBColor = RGBColor(228, 232, 234);
const BLUE: RGBColor = RGBColor(63, 114, 175);
const TEAL: RGBColor = RGBColor(42, 157, 143);
const AMBER: RGBColor = RGBColor(224, 142, 60);
/// The bar that takes the rest of a distribution.
const PALE: RGBColor = RGBColor(178, 200, 224);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One horizontal bar.
struct Bar {
    name: String,
    share: Share,
    colour: RGBColor,
}

/// Draws the report.
pub(super) fn of(report: &Report) -> Result<String> {
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
            histogram(panel, title, x, y, spread)?;
        }
        let count = format!("{} labels", thousands(summary.labels.len() as u64));
        let area = titled(&panels[2], "Most frequent labels", &count)?;
        bars(&area, "% of words with a head", &labels(report))?;
        let depth = format!("tree depth: {}", figures(&summary.trees.depth));
        let area = titled(&panels[3], "Heads and trees", &depth)?;
        bars(&area, "% of arcs, words or trees", &shares(report))?;
        page.present()?;
    }
    Ok(svg)
}

fn style(size: u32, colour: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour).pos(Pos::new(h, v))
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

fn histogram(area: &Area, title: &str, x: &str, y: &str, spread: &Spread) -> Result<()> {
    let bins = spread.counts.bins(BARS);
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        titled(area, title, "none")?;
        return Ok(());
    };
    let area = titled(area, title, &figures(spread))?;
    // All bins are as wide as the first, the open one too. A bar stands around its values.
    let width = first.to.map_or(1, |to| to - first.from + 1) as f64;
    let left = |from: u64| from as f64 - 0.5;
    let percent = |count: u64| 100.0 * count as f64 / spread.counts.total() as f64;
    let top = bins
        .iter()
        .map(|bin| percent(bin.count))
        .fold(0.0, f64::max);
    // A single bar must not fill the panel.
    let end = left(last.from).max(left(first.from) + 9.0 * width) + width;
    let mut chart = ChartBuilder::on(&area)
        .margin_right(24)
        .x_label_area_size(48)
        .y_label_area_size(60)
        .build_cartesian_2d(left(first.from)..end, 0.0..top * 1.08)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(16, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(17, INK, HPos::Center, VPos::Center))
        .x_desc(x)
        .y_desc(y)
        .x_labels(10)
        .y_labels(8)
        .x_label_formatter(&|value| whole(*value))
        .y_label_formatter(&|value| tick(*value))
        .draw()?;
    chart.draw_series(bins.iter().map(|bin| {
        let colour = if bin.to.is_some() { BLUE } else { PALE };
        let corners = [
            (left(bin.from), 0.0),
            (left(bin.from) + width, percent(bin.count)),
        ];
        let mut bar = Rectangle::new(corners, colour.filled());
        bar.set_margin(0, 0, 1, 1);
        bar
    }))?;
    if last.to.is_none() {
        // Above the bars that it reaches over, too.
        let under = bins.iter().rev().take(bins.len() / 4 + 1);
        let height = under.map(|bin| percent(bin.count)).fold(0.0, f64::max);
        let at = (left(last.from) + width, height);
        let text = format!("{} and more", last.from);
        let style = style(15, GREY, HPos::Right, VPos::Bottom);
        chart.draw_series([EmptyElement::at(at) + Text::new(text, (0, -4), style)])?;
    }
    Ok(())
}

/// Lengths are whole numbers.
fn whole(value: f64) -> String {
    if value.fract() == 0.0 {
        value.to_string()
    } else {
        String::new()
    }
}

/// `5`, `2.5`: no digits that say nothing, and no percentages that nothing has.
fn tick(value: f64) -> String {
    if value > 100.0 {
        return String::new();
    }
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

fn labels(report: &Report) -> Vec<Bar> {
    let labels = report.summary.labels.iter().take(LABELS);
    let bar = |label: &kprep_parse::Label| Bar {
        name: clean(&label.label, 18),
        share: label.words,
        colour: BLUE,
    };
    labels.map(bar).collect()
}

fn shares(report: &Report) -> Vec<Bar> {
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

fn bars(area: &Area, x: &str, bars: &[Bar]) -> Result<()> {
    let percent = |bar: &Bar| 100.0 * bar.share.share.unwrap_or(0.0);
    // Room for the figures right of the longest bar; something to divide by in any case.
    let top = bars.iter().map(percent).fold(1.0, f64::max) * 1.22;
    let mut chart = ChartBuilder::on(area)
        .margin_right(24)
        .x_label_area_size(48)
        .y_label_area_size(170)
        .build_cartesian_2d(0.0..top, 0.0..bars.len().max(1) as f64)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(16, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(17, INK, HPos::Center, VPos::Center))
        .x_desc(x)
        .x_labels(6)
        .x_label_formatter(&|value| tick(*value))
        .draw()?;
    for (bar, below) in bars.iter().zip((0..bars.len()).rev()) {
        let below = below as f64;
        let corners = [(0.0, below + 0.16), (percent(bar), below + 0.84)];
        chart.draw_series([Rectangle::new(corners, bar.colour.filled())])?;
        let name = style(16, INK, HPos::Right, VPos::Center);
        let figure = match bar.share.share {
            Some(share) => format!("{:.1}%", 100.0 * share),
            None => "none".to_owned(),
        };
        let figure_style = style(15, GREY, HPos::Left, VPos::Center);
        chart.draw_series([
            EmptyElement::at((0.0, below + 0.5)) + Text::new(bar.name.clone(), (-8, 0), name)
        ])?;
        chart
            .draw_series([EmptyElement::at((percent(bar), below + 0.5))
                + Text::new(figure, (6, 0), figure_style)])?;
    }
    Ok(())
}
