//! Curves: a line a series, with its points.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::chart::{
    Area, BELOW, CHARACTER, Colour, GREY, GRID, INK, RIGHT, TEXT, TICKS, style, whole,
};

/// Points that are drawn as such; of more, the line alone.
const POINTS: usize = 40;

/// Height of the legend.
const LEGEND: u32 = 24;

/// A series.
#[derive(Debug, Clone)]
pub struct Line {
    /// What the legend calls it.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub colour: Colour,
}

/// What the axes are called.
#[derive(Debug, Clone, Copy)]
pub struct Axes<'a> {
    /// The horizontal one, which has whole numbers.
    pub x: &'a str,
    /// The vertical one.
    pub y: &'a str,
}

/// The curves; nothing where there is no point. The vertical axis begins at 0, unless all values are far from it.
pub(crate) fn draw(area: &Area, axes: Axes, lines: &[Line]) -> Option<()> {
    let points = || {
        lines
            .iter()
            .flat_map(|line| &line.points)
            .filter(|(_, y)| y.is_finite())
    };
    let end = points().map(|&(x, _)| x).fold(1.0, f64::max);
    let top = points().map(|&(_, y)| y).fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return Some(());
    }
    let least = points().map(|&(_, y)| y).fold(top, f64::min);
    let bottom = if least > 0.0 && least > 0.8 * top {
        (least - (top - least)).max(0.0)
    } else {
        least.min(0.0)
    };
    let room = ((top - bottom) * 0.06).max(1e-9);
    let mut chart = ChartBuilder::on(area)
        .margin_top(LEGEND)
        .margin_right(RIGHT + 12)
        .x_label_area_size(BELOW)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..end * 1.02, bottom..top + room)
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(GREY)
        .label_style(style(TEXT, GREY, HPos::Center, VPos::Center))
        .axis_desc_style(style(TEXT + 1, INK, HPos::Center, VPos::Center))
        .x_desc(axes.x)
        .y_desc(axes.y)
        .x_labels(TICKS)
        .y_labels(6)
        .x_label_formatter(&|value| whole(*value))
        .y_label_formatter(&|value| short(*value))
        .draw()
        .ok()?;
    for line in lines {
        let all = line.points.iter().copied();
        let stroke = line.colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(all.clone(), stroke))
            .ok()?;
        if line.points.len() <= POINTS {
            let points = all.map(|at| Circle::new(at, 3, line.colour.filled()));
            chart.draw_series(points).ok()?;
        }
    }
    legend(area, lines)
}

/// A square and the name of each series, above the chart.
fn legend(area: &Area, lines: &[Line]) -> Option<()> {
    let mut x = 56;
    for line in lines {
        let square = Rectangle::new([(x, 7), (x + 10, 17)], line.colour.filled());
        area.draw(&square).ok()?;
        let text = style(TEXT, INK, HPos::Left, VPos::Center);
        area.draw(&Text::new(line.name.clone(), (x + 15, 12), text))
            .ok()?;
        x += 30 + (line.name.chars().count() as u32 * CHARACTER) as i32;
    }
    Some(())
}

/// As many digits as tell neighbours apart: `0.25`, `12`.
fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
