//! A chart of a report, with its numbers.

use anyhow::Result;
use kprep_schemas::{Funnel, Overlap, Share, Spread, thousands};
use plotters::prelude::*;

use super::chart::{self, AMBER, Area, BLUE, Bar, NARROW, TEAL};
use super::page::{Table, escaped, percent};
use super::text::{clean, figures};

/// Pixels that a chart is wide, and high where it does not depend on its bars: what fits a
/// telephone, drawn larger where there is room.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 260;

/// Pixels of a bar, and of what is around all of them.
const BAR: u32 = 24;
const AROUND: u32 = 46;

/// Characters of a bar's name.
pub(crate) const NAME: usize = 19;

/// A chart with its numbers.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) title: String,
    /// A line about it; also the picture's description.
    pub(crate) line: String,
    svg: String,
    pub(crate) table: Table,
}

impl Section {
    /// A histogram.
    pub(crate) fn histogram(title: &str, x: &str, y: &str, spread: &Spread) -> Result<Self> {
        let svg = drawn(HEIGHT, |area| {
            chart::histogram(area, x, &format!("% of {y}"), spread, &NARROW)
        })?;
        let total = spread.counts.total();
        let rows = spread.counts.bins(NARROW.bars()).into_iter().map(|bin| {
            let values = match bin.to {
                Some(to) if to == bin.from => to.to_string(),
                Some(to) => format!("{} to {to}", bin.from),
                None => format!("{} and more", bin.from),
            };
            vec![
                values,
                thousands(bin.count),
                percent(Share::new(bin.count, total)),
            ]
        });
        let line = if total == 0 {
            "none".to_owned()
        } else {
            figures(spread)
        };
        Ok(Self {
            title: title.to_owned(),
            line,
            svg,
            table: Table {
                head: [x, y, "share"].map(str::to_owned).into(),
                rows: rows.collect(),
            },
        })
    }

    /// Horizontal bars, and a table that can have more rows than there are bars.
    pub(crate) fn bars(
        title: &str,
        line: &str,
        x: &str,
        bars: &[Bar],
        table: Table,
    ) -> Result<Self> {
        let height = AROUND + BAR * bars.len().max(1) as u32;
        let svg = drawn(height, |area| chart::bars(area, x, bars, &NARROW))?;
        Ok(Self {
            title: title.to_owned(),
            line: line.to_owned(),
            svg,
            table,
        })
    }

    /// The funnel: what is read, lost and kept.
    pub(crate) fn funnel(funnel: &Funnel) -> Result<Self> {
        let mut bars = Vec::new();
        let mut rows = Vec::new();
        let mut add = |name: &str, count: u64, colour: RGBColor| {
            let share = Share::new(count, funnel.read);
            rows.push(vec![name.to_owned(), thousands(count), percent(share)]);
            bars.push(Bar {
                name: clean(name, NAME),
                share,
                colour,
            });
        };
        add(&format!("{} read", funnel.unit), funnel.read, BLUE);
        for stage in &funnel.stages {
            for loss in &stage.lost {
                add(&format!("− {}", loss.reason), loss.count, AMBER);
            }
            add(&stage.name, stage.kept, TEAL);
        }
        let line = format!(
            "{} {} read, {} left",
            thousands(funnel.read),
            funnel.unit,
            thousands(funnel.kept())
        );
        let table = Table {
            head: vec!["stage".into(), funnel.unit.clone(), "of those read".into()],
            rows,
        };
        let of = format!("% of {} read", funnel.unit);
        Self::bars("From the source to these rows", &line, &of, &bars, table)
    }

    /// What the splits have in common; `None` where there is nothing to compare.
    pub(crate) fn overlap(overlaps: &[Overlap]) -> Result<Option<Self>> {
        if overlaps.is_empty() {
            return Ok(None);
        }
        let mut bars = Vec::new();
        for o in overlaps {
            // Up to the brackets: a bar's name is short.
            let of = o.of.split(" (").next().unwrap_or_default();
            let of = of.replace("pairs in either direction", "pairs, both ways");
            for (split, shared, all, colour) in [
                ("val.", o.train_validation, o.validation, TEAL),
                ("test", o.train_test, o.test, BLUE),
            ] {
                bars.push(Bar {
                    name: format!("{}, {split}", clean(&of, 16)),
                    share: Share::new(shared, all),
                    colour,
                });
            }
        }
        let row = |o: &Overlap| {
            let counts = [
                o.train,
                o.validation,
                o.test,
                o.train_validation,
                o.train_test,
                o.validation_test,
            ];
            let counts = counts.into_iter().map(thousands);
            [o.of.clone()].into_iter().chain(counts).collect()
        };
        let head = [
            "",
            "train",
            "validation",
            "test",
            "train and validation",
            "train and test",
            "validation and test",
        ];
        let table = Table {
            head: head.map(str::to_owned).into(),
            rows: overlaps.iter().map(row).collect(),
        };
        let line = "of the distinct ones in validation and test, those that stand in train, too";
        let section = Self::bars(
            "What the splits share",
            line,
            "% also in train",
            &bars,
            table,
        )?;
        Ok(Some(section))
    }

    /// Its part of the page, where it has this number.
    pub(crate) fn html(&self, number: usize) -> String {
        let (title, line) = (escaped(&self.title), escaped(&self.line));
        let id = format!("chart{number}");
        let about = format!(
            "<title id=\"{id}-title\">{title}</title><desc id=\"{id}-about\">{line}</desc>"
        );
        let labelled = format!("<svg role=\"img\" aria-labelledby=\"{id}-title {id}-about\" ");
        let svg = self
            .svg
            .replacen("<svg ", &labelled, 1)
            .replacen('>', &format!(">{about}"), 1);
        format!(
            "<section>\n<h2>{title}</h2>\n<p>{line}</p>\n{svg}\n\
             <details><summary>Numbers</summary><div class=\"table\">{}</div></details>\n</section>\n",
            self.table.html()
        )
    }
}

/// The picture that `draw` draws.
fn drawn(height: u32, draw: impl Fn(&Area) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        draw(&area)?;
        area.present()?;
    }
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_without_failing() {
        let section = Section::histogram("t", "x", "y", &Spread::default()).unwrap();
        assert_eq!(
            (section.line.as_str(), section.table.rows.len()),
            ("none", 0)
        );
        Section::bars("t", "l", "x", &[], Table::default()).unwrap();
        Section::funnel(&Funnel::new("rows", 0)).unwrap();
        assert!(Section::overlap(&[]).unwrap().is_none());
    }
}
