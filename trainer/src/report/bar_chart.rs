//! A picture of a table: one bar a row, with its deviation.

use std::path::Path;

use plotters::prelude::*;

use crate::Result;
use crate::files::weights::write_atomically;
use crate::report::table::{Figure, Table};

/// Room for a bar and its name, in pixels.
const BAR: u32 = 90;

/// Draws the score by which a table is ranked as SVG.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn draw(table: &Table, picture: &Path) -> Result<()> {
    let rows = table.rows.iter();
    let bars: Vec<(&str, Figure)> = rows
        .filter_map(|row| Some((row.name.as_str(), table.score(row)?)))
        .collect();
    let mut svg = String::new();
    let width = (120 + BAR * bars.len() as u32).max(400);
    let mut rows = table.rows.iter();
    let split = if rows.any(|row| row.scores.test.contains_key(&table.ranked_by)) {
        "test"
    } else {
        "validation"
    };
    let title = format!(
        "{split} {} ({})",
        table.score_name(&table.ranked_by),
        table.dataset
    );
    match bars_in(&mut svg, width, &title, &bars) {
        Some(()) => write_atomically(picture, svg.as_bytes()),
        None => Ok(()), // nothing to show
    }
}

/// `None` if there is nothing to draw. Writing SVG to memory cannot fail.
fn bars_in(svg: &mut String, width: u32, title: &str, bars: &[(&str, Figure)]) -> Option<()> {
    let tops = bars
        .iter()
        .map(|(_, bar)| 100.0 * (bar.mean + bar.standard_deviation.unwrap_or(0.0)));
    let top = tops.fold(f64::NEG_INFINITY, f64::max);
    if !top.is_finite() {
        return None;
    }
    let area = SVGBackend::with_string(svg, (width, 360)).into_drawing_area();
    area.fill(&WHITE).ok()?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(28)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..bars.len() as f64, 0.0..top.max(1e-9) * 1.15)
        .ok()?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_y_mesh()
        .x_labels(0)
        .draw()
        .ok()?;
    let font = ("sans-serif", 13);
    for (i, (name, bar)) in bars.iter().enumerate() {
        let (x, mean) = (i as f64, 100.0 * bar.mean);
        let rectangle = Rectangle::new([(x + 0.2, 0.0), (x + 0.8, mean)], BLUE.mix(0.3).filled());
        chart.draw_series([rectangle]).ok()?;
        let mut above = mean;
        if let Some(deviation) = bar.standard_deviation.map(|deviation| 100.0 * deviation) {
            above += deviation;
            let line = vec![(x + 0.5, mean - deviation), (x + 0.5, above)];
            chart.draw_series([PathElement::new(line, BLACK)]).ok()?;
        }
        let number = Text::new(format!("{mean:.1}%"), (x + 0.32, above + top * 0.06), font);
        chart.draw_series([number]).ok()?;
        let below = Text::new((*name).to_owned(), (x + 0.22, top * 0.05), font);
        chart.draw_series([below]).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::table::tests::models;

    #[test]
    fn each_row_is_a_bar_with_its_name_and_score() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rows.svg");
        draw(&models(), &path).unwrap();
        let svg = fs::read_to_string(path).unwrap();
        for word in ["backbone", "F+L", "50.0%", "75.0%", "micro-F1 (rc)"] {
            assert!(svg.contains(word), "{word}: {svg}");
        }
    }
}
