//! What all charts have in common: the palette, the sizes, and how numbers stand at axes.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// A colour of the palette. The style sheet gives each its shade in the dark.
pub type Colour = RGBColor;

const FONT: &str = "DejaVu Sans, Helvetica, Arial, sans-serif";
pub(crate) const INK: Colour = RGBColor(38, 50, 56);
/// What is in the background: axes, and baselines.
pub const GREY: Colour = RGBColor(110, 120, 126);
pub(crate) const GRID: Colour = RGBColor(228, 232, 234);
/// The first colour.
pub const BLUE: Colour = RGBColor(63, 114, 175);
/// The second colour.
pub const TEAL: Colour = RGBColor(42, 157, 143);
/// What is lost, or wrong.
pub const AMBER: Colour = RGBColor(224, 142, 60);
/// The bar that takes the rest of a distribution.
pub const PALE: Colour = RGBColor(178, 200, 224);

/// What a chart is drawn on.
pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Height of the text in pixels.
pub(crate) const TEXT: u32 = 13;

/// Pixels that a character of a name is wide, about.
pub(crate) const CHARACTER: u32 = 8;

/// Room below an axis for its figures and its name.
pub(crate) const BELOW: u32 = 40;

/// Room on the right.
pub(crate) const RIGHT: u32 = 8;

/// Figures along the horizontal axis, about.
pub(crate) const TICKS: usize = 6;

pub(crate) fn style(size: u32, colour: Colour, h: HPos, v: VPos) -> TextStyle<'static> {
    (FONT, size).into_font().color(&colour).pos(Pos::new(h, v))
}

/// Whole numbers alone: lengths, steps.
pub(crate) fn whole(value: f64) -> String {
    if value.fract() == 0.0 {
        kprep_schemas::thousands(value as u64)
    } else {
        String::new()
    }
}

/// `5`, `2.5`: no digits that say nothing, and no percentages that nothing has.
pub(crate) fn tick(value: f64) -> String {
    if value > 100.0 {
        return String::new();
    }
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}
