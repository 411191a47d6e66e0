//! The two kinds of charts in a report: histograms and horizontal bars.

use anyhow::Result;
use kprep_schemas::{Share, Spread};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const FONT: &str = "DejaVu Sans, Helvetica, Arial, sans-serif";
pub(crate) const INK: RGBColor = RGBColor(38, 50, 56);
pub(crate) const GREY: RGBColor = RGBColor(110, 120, 126);
pub(crate) const GRID: RGBColor = RGBColor(228, 232, 234);
pub(crate) const BLUE: RGBColor = RGBColor(63, 114, 175);
pub(crate) const TEAL: RGBColor = RGBColor(42, 157, 143);
pub(crate) const AMBER: RGBColor = RGBColor(224, 142, 60);
/// The bar that takes the rest of a distribution.
pub(crate) const PALE: RGBColor = RGBColor(178, 200, 224);

/// What a chart is drawn on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Sizes in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Height of the text.
    text: u32,
    /// Bars of a histogram at most, and one for the rest.
    bars: u64,
    /// Figures along the horizontal axis, about.
    ticks: usize,
    /// Room left of bars for their names.
    names: u32,
    /// Room left of a histogram for its figures.
    figures: u32,
    /// Room below the axis.
    below: u32,
    /// Room above, where nothing is between the chart and the edge.
    top: u32,
    /// Room on the right.
    right: u32,
    /// How much longer than the longest bar the axis is, for the bar's figure.
    room: f64,
}

impl Look {
    /// Bars of a histogram at most, and one for the rest.
    pub(crate) fn bars(&self) -> u64 {
        self.bars
    }
}

/// A chart that is as wide as a telephone.
pub(crate) const NARROW: Look = Look {
    text: 13,
    bars: 30,
    ticks: 6,
    names: 140,
    figures: 46,
    below: 40,
    top: 8,
    right: 8,
    room: 1.35,
};

/// One horizontal bar.
pub(crate) struct Bar {
    pub(crate) name: String,
    pub(crate) share: Share,
    pub(crate) colour: RGBColor,
}

pub(crate) fn style(size: u32, colour: RGBColor, h: HPos, v: VPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour).pos(Pos::new(h, v))
}

/// A histogram; nothing where nothing was counted.
pub(crate) fn histogram(area: &Area, x: &str, y: &str, spread: &Spread, look: &Look) -> Result<()> {
    let bins = spread.counts.bins(look.bars);
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        return Ok(());
    };
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
    let mut chart = ChartBuilder::on(area)
        .margin_top(look.top)
        .margin_right(look.right)
        .x_label_area_size(look.below)
        .y_label_area_size(look.figures)
        .build_cartesian_2d(left(first.from)..end, 0.0..top * 1.08)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(look.text, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(look.text + 1, INK, HPos::Center, VPos::Center))
        .x_desc(x)
        .y_desc(y)
        .x_labels(look.ticks)
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
        let style = style(look.text - 1, GREY, HPos::Right, VPos::Bottom);
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

/// Horizontal bars with their names and figures, the first on top.
pub(crate) fn bars(area: &Area, x: &str, bars: &[Bar], look: &Look) -> Result<()> {
    let percent = |bar: &Bar| 100.0 * bar.share.share.unwrap_or(0.0);
    // Room for the figures right of the longest bar; something to divide by in any case.
    let top = bars.iter().map(percent).fold(1.0, f64::max) * look.room;
    let mut chart = ChartBuilder::on(area)
        .margin_right(look.right)
        .x_label_area_size(look.below)
        .y_label_area_size(look.names)
        .build_cartesian_2d(0.0..top, 0.0..bars.len().max(1) as f64)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(0)
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(look.text, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(look.text + 1, INK, HPos::Center, VPos::Center))
        .x_desc(x)
        .x_labels(look.ticks.min(6))
        .x_label_formatter(&|value| tick(*value))
        .draw()?;
    for (bar, below) in bars.iter().zip((0..bars.len()).rev()) {
        let below = below as f64;
        let corners = [(0.0, below + 0.16), (percent(bar), below + 0.84)];
        chart.draw_series([Rectangle::new(corners, bar.colour.filled())])?;
        let name = style(look.text, INK, HPos::Right, VPos::Center);
        let figure = match bar.share.share {
            Some(share) => format!("{:.1}%", 100.0 * share),
            None => "none".to_owned(),
        };
        let figure_style = style(look.text - 1, GREY, HPos::Left, VPos::Center);
        chart.draw_series([
            EmptyElement::at((0.0, below + 0.5)) + Text::new(bar.name.clone(), (-8, 0), name)
        ])?;
        chart
            .draw_series([EmptyElement::at((percent(bar), below + 0.5))
                + Text::new(figure, (6, 0), figure_style)])?;
    }
    Ok(())
}
