//! Histograms.

use kprep_schemas::Spread;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::chart::{
    Area, BELOW, BLUE, GREY, GRID, INK, PALE, RIGHT, TEXT, TICKS, style, tick, whole,
};

/// Bars at most, and one for the rest.
pub(crate) const BARS: u64 = 30;

/// A histogram; nothing where nothing was counted.
pub(crate) fn draw(area: &Area, x: &str, y: &str, spread: &Spread) -> Option<()> {
    let bins = spread.counts.bins(BARS);
    let (Some(first), Some(last)) = (bins.first(), bins.last()) else {
        return Some(());
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
        .margin_top(8)
        .margin_right(RIGHT)
        .x_label_area_size(BELOW)
        .y_label_area_size(46)
        .build_cartesian_2d(left(first.from)..end, 0.0..top * 1.08)
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(TEXT, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(TEXT + 1, INK, HPos::Center, VPos::Center))
        .x_desc(x)
        .y_desc(y)
        .x_labels(TICKS)
        .y_labels(8)
        .x_label_formatter(&|value| whole(*value))
        .y_label_formatter(&|value| tick(*value))
        .draw()
        .ok()?;
    let bars = bins.iter().map(|bin| {
        let colour = if bin.to.is_some() { BLUE } else { PALE };
        let corners = [
            (left(bin.from), 0.0),
            (left(bin.from) + width, percent(bin.count)),
        ];
        let mut bar = Rectangle::new(corners, colour.filled());
        bar.set_margin(0, 0, 1, 1);
        bar
    });
    chart.draw_series(bars).ok()?;
    if last.to.is_none() {
        // Above the bars that it reaches over, too.
        let under = bins.iter().rev().take(bins.len() / 4 + 1);
        let height = under.map(|bin| percent(bin.count)).fold(0.0, f64::max);
        let at = (left(last.from) + width, height);
        let text = format!("{} and more", last.from);
        let style = style(TEXT - 1, GREY, HPos::Right, VPos::Bottom);
        let text = EmptyElement::at(at) + Text::new(text, (0, -4), style);
        chart.draw_series([text]).ok()?;
    }
    Some(())
}
