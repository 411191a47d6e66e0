//! A picture of the training: loss above, validation score below, over the steps.

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use serde_json::Value;

use crate::evaluate::metrics::Names;
use crate::files::weights::write_atomically;
use crate::{Error, Result};

/// Draws `metrics.jsonl` as SVG.
///
/// # Errors
/// [`Error::Io`].
pub fn draw(metrics: &Path, picture: &Path, names: &Names) -> Result<()> {
    let text = fs::read_to_string(metrics).map_err(Error::io(metrics))?;
    let lines: Vec<Value> = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let series = |kind: &str, value: &str| -> Vec<(f64, f64)> {
        let of_kind = lines.iter().filter(|line| line["kind"] == kind);
        of_kind
            .filter_map(|line| Some((line["step"].as_f64()?, line[value].as_f64()?)))
            .collect()
    };
    let loss = series("train", "loss");
    let score = series("validation", "accuracy");
    let baseline = series("validation", "baseline");
    let mut svg = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut svg, (800, 600)).into_drawing_area();
        let (above, below) = area.split_vertically(300);
        let scores = format!(
            "validation {} (blue) and {} (grey)",
            names.score, names.baseline
        );
        panel(&above, "training loss", &[&loss])
            .and_then(|()| panel(&below, &scores, &[&score, &baseline]))
    };
    match drawn {
        Some(()) => write_atomically(picture, svg.as_bytes()),
        None => Ok(()), // nothing to show
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// One panel; `None` if there is nothing to draw. Writing SVG to memory cannot fail.
fn panel(area: &Area, title: &str, lines: &[&[(f64, f64)]]) -> Option<()> {
    let points = || lines.iter().copied().flatten();
    let last = points().map(|&(step, _)| step).fold(1.0, f64::max);
    let top = points()
        .map(|&(_, value)| value)
        .fold(f64::NEG_INFINITY, f64::max);
    area.fill(&WHITE).ok()?;
    if !top.is_finite() {
        return Some(());
    }
    let mut chart = ChartBuilder::on(area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..last, 0.0..top.max(1e-9) * 1.05)
        .ok()?;
    chart.configure_mesh().disable_mesh().draw().ok()?;
    for (line, style) in lines.iter().zip([
        BLUE.stroke_width(2),
        RGBColor(150, 150, 150).stroke_width(2),
    ]) {
        chart
            .draw_series(LineSeries::new(line.iter().copied(), style))
            .ok()?;
    }
    Some(())
}
