//! A picture: a chart as SVG, alone in a file or as a part of a page.

use kprep_schemas::Spread;
use plotters::prelude::*;

use crate::bars::{Bar, Bars};
use crate::chart::{Area, INK, TEXT, style};
use crate::lines::{Axes, Line};
use crate::{histogram, lines};
use plotters::style::text_anchor::{HPos, VPos};

/// The colours by their roles, light and dark.
pub(crate) const PALETTE: &str = include_str!("palette.css");

/// Pixels that a chart of a page is wide, and high where it does not depend on its bars: what fits a
/// telephone, drawn larger where there is room.
pub(crate) const WIDTH: u32 = 360;
const HEIGHT: u32 = 260;

/// Pixels that a picture in a file is wide, and a panel of it high.
const FILE_WIDTH: u32 = 720;
const PANEL: u32 = 280;

/// Height of a title in a file.
const TITLE: u32 = 30;

/// A chart as SVG.
#[derive(Debug, Clone)]
pub struct Picture(pub(crate) String);

impl Picture {
    /// A histogram; `y` is what is counted.
    pub(crate) fn histogram(x: &str, y: &str, spread: &Spread) -> Self {
        let y = format!("% of {y}");
        drawn(WIDTH, HEIGHT, |area| histogram::draw(area, x, &y, spread))
    }

    /// Horizontal bars.
    pub(crate) fn bars(bars: &[Bar], x: &str, baseline: Option<(f64, &str)>) -> Self {
        let bars = Bars {
            all: bars,
            x,
            baseline,
        };
        drawn(WIDTH, bars.height(WIDTH), |area| bars.draw(area))
    }

    /// Curves.
    pub(crate) fn lines(axes: Axes, lines: &[Line]) -> Self {
        drawn(WIDTH, HEIGHT, |area| lines::draw(area, axes, lines))
    }

    /// Curves below each other, for a file of their own.
    pub fn panels(panels: &[(&str, Axes, &[Line])]) -> Self {
        let height = (TITLE + PANEL) * panels.len() as u32;
        drawn(FILE_WIDTH, height, |area| {
            let areas = area.split_evenly((panels.len().max(1), 1));
            for (area, &(title, axes, lines)) in areas.iter().zip(panels) {
                let area = titled(area, title)?;
                lines::draw(&area, axes, lines)?;
            }
            Some(())
        })
        .alone()
    }

    /// Horizontal bars with a title, and what a guess without a model reaches, for a file of their own.
    pub fn bar_chart(title: &str, x: &str, bars: &[Bar], baseline: Option<(f64, &str)>) -> Self {
        let bars = Bars {
            all: bars,
            x,
            baseline,
        };
        let height = TITLE + bars.height(FILE_WIDTH);
        drawn(FILE_WIDTH, height, |area| bars.draw(&titled(area, title)?)).alone()
    }

    /// The SVG.
    pub fn svg(&self) -> &str {
        &self.0
    }

    /// With the colours that a page would give it.
    fn alone(self) -> Self {
        let style = format!("><style>\n{PALETTE}svg {{ background: var(--paper); }}\n</style>");
        Self(self.0.replacen('>', &style, 1))
    }
}

fn titled<'a>(area: &Area<'a>, title: &str) -> Option<Area<'a>> {
    let (above, below) = area.split_vertically(TITLE);
    let text = style(TEXT + 4, INK, HPos::Left, VPos::Center);
    above
        .draw(&Text::new(title.to_owned(), (12, 16), text))
        .ok()?;
    Some(below)
}

/// What `draw` draws. Writing SVG to memory cannot fail.
fn drawn(width: u32, height: u32, draw: impl Fn(&Area) -> Option<()>) -> Picture {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
        let _ = draw(&area);
        let _ = area.present();
    }
    Picture(svg)
}
