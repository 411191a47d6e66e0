//! Horizontal bars with their names and figures.

use kprep_schemas::Share;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::chart::{
    Area, BELOW, CHARACTER, Colour, GREY, GRID, INK, RIGHT, TEXT, TICKS, style, tick,
};

/// Pixels of a bar, with its name left of it or above it.
const BESIDE: u32 = 24;
const ABOVE: u32 = 42;

/// Pixels around all of them.
const AROUND: u32 = 46;

/// How much longer than the longest bar the axis is, for the bar's figure, and for one with a deviation.
const ROOM: f64 = 1.35;
const MORE_ROOM: f64 = 1.6;

/// What bars are drawn in.
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// One horizontal bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// How long it is.
    pub share: Share,
    /// One standard deviation of it, 0 to 1.
    pub deviation: Option<f64>,
    /// Its colour.
    pub colour: Colour,
}

impl Bar {
    /// A bar of a share.
    pub fn new(name: impl Into<String>, share: Share, colour: Colour) -> Self {
        Self {
            name: name.into(),
            share,
            deviation: None,
            colour,
        }
    }

    fn percent(&self) -> f64 {
        100.0 * self.share.share.unwrap_or(0.0)
    }

    fn deviation(&self) -> f64 {
        100.0 * self.deviation.unwrap_or(0.0)
    }

    fn figure(&self) -> String {
        match (self.share.share, self.deviation) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => format!("{:.1}%", self.percent()),
            (Some(_), Some(_)) => format!("{:.1} ± {:.1}%", self.percent(), self.deviation()),
        }
    }

    /// Draws it at a height, with its name left of it or above it.
    fn draw(&self, chart: &mut Chart, below: f64, is_beside: bool) -> Option<()> {
        let (low, high) = if is_beside { (0.16, 0.84) } else { (0.1, 0.52) };
        let middle = below + f64::midpoint(low, high);
        let corners = [(0.0, below + low), (self.percent(), below + high)];
        chart
            .draw_series([Rectangle::new(corners, self.colour.filled())])
            .ok()?;
        let mut right = self.percent();
        if self.deviation.is_some() {
            right += self.deviation();
            let left = (self.percent() - self.deviation()).max(0.0);
            let ends = vec![(left, middle), (right, middle)];
            chart.draw_series([PathElement::new(ends, INK)]).ok()?;
        }
        let (place, shift, side) = if is_beside {
            (middle, -8, HPos::Right)
        } else {
            (below + 0.76, 2, HPos::Left)
        };
        let text = style(TEXT, INK, side, VPos::Center);
        let name = Text::new(self.name.clone(), (shift, 0), text);
        chart
            .draw_series([EmptyElement::at((0.0, place)) + name])
            .ok()?;
        let text = style(TEXT - 1, GREY, HPos::Left, VPos::Center);
        let figure = Text::new(self.figure(), (6, 0), text);
        chart
            .draw_series([EmptyElement::at((right, middle)) + figure])
            .ok()?;
        Some(())
    }
}

/// Bars below each other, the first on top.
pub(crate) struct Bars<'a> {
    pub(crate) all: &'a [Bar],
    /// What the axis is called.
    pub(crate) x: &'a str,
    /// What a guess without a model reaches, 0 to 1, and what it is called.
    pub(crate) baseline: Option<(f64, &'a str)>,
}

impl Bars<'_> {
    /// Pixels that names take left of the bars; none where one is too long for that. They are above the bars then.
    fn beside(&self, width: u32) -> Option<u32> {
        let longest = self.all.iter().map(|bar| bar.name.chars().count()).max();
        let names = longest.unwrap_or(0) as u32 * CHARACTER + 12;
        (names <= width * 2 / 5).then_some(names.max(width / 6))
    }

    /// How high the picture is, if it is so wide.
    pub(crate) fn height(&self, width: u32) -> u32 {
        let each = self.beside(width).map_or(ABOVE, |_| BESIDE);
        AROUND + each * self.all.len().max(1) as u32 + if self.baseline.is_some() { 18 } else { 0 }
    }

    pub(crate) fn draw(&self, area: &Area) -> Option<()> {
        let beside = self.beside(area.dim_in_pixel().0);
        let longest = self.all.iter().map(|bar| bar.percent() + bar.deviation());
        let has_deviation = self.all.iter().any(|bar| bar.deviation.is_some());
        let room = if has_deviation { MORE_ROOM } else { ROOM };
        let baseline = self.baseline.map_or(0.0, |(share, _)| 100.0 * share);
        // Room for the figures right of the longest bar; something to divide by in any case.
        let end = longest.fold(1.0, f64::max).max(baseline) * room;
        let mut chart = ChartBuilder::on(area)
            .margin_right(RIGHT)
            .margin_top(if self.baseline.is_some() { 18 } else { 0 })
            .x_label_area_size(BELOW)
            .y_label_area_size(beside.unwrap_or(RIGHT))
            .build_cartesian_2d(0.0..end, 0.0..self.all.len().max(1) as f64)
            .ok()?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(0)
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .axis_style(GREY)
            .label_style(style(TEXT, GREY, HPos::Center, VPos::Center))
            .axis_desc_style(style(TEXT + 1, INK, HPos::Center, VPos::Center))
            .x_desc(self.x)
            .x_labels(TICKS)
            .x_label_formatter(&|value| tick(*value))
            .draw()
            .ok()?;
        for (bar, below) in self.all.iter().zip((0..self.all.len()).rev()) {
            bar.draw(&mut chart, below as f64, beside.is_some())?;
        }
        let Some((_, name)) = self.baseline else {
            return Some(());
        };
        let top = self.all.len().max(1) as f64;
        let line = vec![(baseline, 0.0), (baseline, top)];
        chart
            .draw_series([PathElement::new(line, GREY.stroke_width(2))])
            .ok()?;
        let text = style(TEXT - 1, GREY, HPos::Center, VPos::Bottom);
        let name = Text::new(format!("{name} {baseline:.1}%"), (0, -2), text);
        chart
            .draw_series([EmptyElement::at((baseline, top)) + name])
            .ok()?;
        Some(())
    }
}
