//! A picture of a table: one bar a row, with its standard deviation, and the baseline.

use std::path::Path;

use kprep_report::{BLUE, Bar, Picture};
use kprep_schemas::Share;

use crate::Result;
use crate::files::weights::write_atomically;
use crate::report::table::Table;

/// Draws the score by which a table is ranked as SVG.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn draw(table: &Table, picture: &Path) -> Result<()> {
    let bars = bars(table);
    if bars.is_empty() {
        return Ok(()); // nothing to show
    }
    let title = format!("{} ({})", axis(table), table.dataset);
    let drawn = Picture::bar_chart(&title, &axis(table), &bars, baseline(table));
    write_atomically(picture, drawn.svg().as_bytes())
}

/// A bar for each row that has the score.
pub(crate) fn bars(table: &Table) -> Vec<Bar> {
    let rows = table.rows.iter();
    let bar = |row| {
        let figure = table.score(row)?;
        let share = Share {
            share: Some(figure.mean),
            ..Share::new(0, 0)
        };
        let mut bar = Bar::new(&row.name, share, BLUE);
        bar.deviation = figure.standard_deviation;
        Some(bar)
    };
    rows.filter_map(bar).collect()
}

/// What the bars are of: `test accuracy in %`.
pub(crate) fn axis(table: &Table) -> String {
    let split = if is_tested(table) {
        "test"
    } else {
        "validation"
    };
    format!("{split} {} in %", table.score_name(&table.ranked_by))
}

/// What the baseline has where the bars are of the same score.
pub(crate) fn baseline(table: &Table) -> Option<(f64, &'static str)> {
    let of_split = if is_tested(table) {
        table.baseline.test
    } else {
        table.baseline.validation
    };
    let name = table.task.facts().figures.baseline;
    of_split
        .filter(|_| table.ranked_by == "accuracy")
        .map(|share| (share, name))
}

fn is_tested(table: &Table) -> bool {
    let mut rows = table.rows.iter();
    rows.any(|row| row.scores.test.contains_key(&table.ranked_by))
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
        for word in [
            "backbone",
            "F+L",
            "50.0 ± 35.4%",
            "75.0 ± 35.4%",
            "micro-F1 in % (rc)",
        ] {
            assert!(svg.contains(word), "{word}: {svg}");
        }
    }
}
