//! A part of a page: a chart with its numbers, a table, or examples.

use kprep_schemas::{Funnel, Overlap, Share, Spread, thousands};

use crate::bars::Bar;
use crate::chart::{AMBER, BLUE, Colour, TEAL};
use crate::histogram::BARS;
use crate::lines::{Axes, Line};
use crate::picture::Picture;
use crate::table::{Heat, Table};
use crate::text::{clean, escaped, figures, percent};

/// Characters of a bar's name: what has room above the bar.
const NAME: usize = 42;

/// A part of a page.
#[derive(Debug, Clone)]
pub struct Section {
    title: String,
    /// A line about it; also the picture's description.
    line: String,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    /// A chart, and the numbers that it is drawn from.
    Chart(Picture, Table),
    Table(Table),
    Heat(Heat),
    /// Texts of several lines.
    Examples(Vec<String>),
}

impl Section {
    fn new(title: &str, line: &str, body: Body) -> Self {
        Self {
            title: title.to_owned(),
            line: line.to_owned(),
            body,
        }
    }

    /// A histogram of `x`; `y` is what is counted.
    pub fn histogram(title: &str, x: &str, y: &str, spread: &Spread) -> Self {
        let total = spread.counts.total();
        let rows = spread.counts.bins(BARS).into_iter().map(|bin| {
            let values = match bin.to {
                Some(to) if to == bin.from => to.to_string(),
                Some(to) => format!("{} to {to}", bin.from),
                None => format!("{} and more", bin.from),
            };
            let share = percent(Share::new(bin.count, total));
            vec![values, thousands(bin.count), share]
        });
        let line = if total == 0 {
            "none".to_owned()
        } else {
            figures(spread)
        };
        let table = Table::new(&[x, y, "share"], rows.collect());
        Self::new(
            title,
            &line,
            Body::Chart(Picture::histogram(x, y, spread), table),
        )
    }

    /// Horizontal bars, and a table that can have more rows than there are bars.
    pub fn bars(title: &str, line: &str, x: &str, bars: &[Bar], table: Table) -> Self {
        Self::bars_beside(title, line, x, bars, None, table)
    }

    /// Bars, and what a guess without a model reaches: its share and what it is called.
    pub fn bars_beside(
        title: &str,
        line: &str,
        x: &str,
        bars: &[Bar],
        baseline: Option<(f64, &str)>,
        table: Table,
    ) -> Self {
        let bars = bars.iter().map(|bar| Bar {
            name: clean(&bar.name, NAME),
            ..bar.clone()
        });
        let picture = Picture::bars(&bars.collect::<Vec<_>>(), x, baseline);
        Self::new(title, line, Body::Chart(picture, table))
    }

    /// Curves.
    pub fn lines(title: &str, line: &str, axes: Axes, lines: &[Line], table: Table) -> Self {
        Self::new(title, line, Body::Chart(Picture::lines(axes, lines), table))
    }

    /// A table that is open.
    pub fn table(title: &str, line: &str, table: Table) -> Self {
        Self::new(title, line, Body::Table(table))
    }

    /// A table of counts as a heat map.
    pub fn heat(title: &str, line: &str, heat: Heat) -> Self {
        Self::new(title, line, Body::Heat(heat))
    }

    /// Texts of several lines, such as rows of a dataset.
    pub fn examples(title: &str, line: &str, examples: Vec<String>) -> Self {
        Self::new(title, line, Body::Examples(examples))
    }

    /// The funnel: what is read, lost and kept.
    pub fn funnel(funnel: &Funnel) -> Self {
        let mut bars = Vec::new();
        let mut rows = Vec::new();
        let mut add = |name: &str, count: u64, colour: Colour| {
            let share = Share::new(count, funnel.read);
            rows.push(vec![name.to_owned(), thousands(count), percent(share)]);
            bars.push(Bar::new(name, share, colour));
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
        let table = Table::new(&["stage", &funnel.unit, "of those read"], rows);
        let of = format!("% of {} read", funnel.unit);
        Self::bars("From the source to these rows", &line, &of, &bars, table)
    }

    /// What the splits have in common; `None` where there is nothing to compare.
    pub fn overlap(overlaps: &[Overlap]) -> Option<Self> {
        if overlaps.is_empty() {
            return None;
        }
        let mut bars = Vec::new();
        for o in overlaps {
            // Up to the brackets: a bar's name is short.
            let of = o.of.split(" (").next().unwrap_or_default();
            for (split, shared, all, colour) in [
                ("validation", o.train_validation, o.validation, TEAL),
                ("test", o.train_test, o.test, BLUE),
            ] {
                let name = format!("{of}, {split}");
                bars.push(Bar::new(name, Share::new(shared, all), colour));
            }
        }
        let row = |o: &Overlap| {
            let counts = o.counts().into_iter().map(thousands);
            [o.of.clone()].into_iter().chain(counts).collect()
        };
        let head: Vec<&str> = [""].into_iter().chain(Overlap::COLUMNS).collect();
        let table = Table::new(&head, overlaps.iter().map(row).collect());
        Some(Self::bars(
            "What the splits share",
            "of the distinct ones in validation and test, those that stand in train, too",
            "% also in train",
            &bars,
            table,
        ))
    }

    /// Its part of the page, where it has this number.
    pub(crate) fn html(&self, number: usize) -> String {
        let (title, line) = (escaped(&self.title), escaped(&self.line));
        let (class, body) = match &self.body {
            Body::Chart(picture, table) => (
                "chart",
                format!(
                    "{}\n<details><summary>Numbers</summary><div class=\"table\">{}</div></details>",
                    labelled(picture, number, &title, &line),
                    table.html()
                ),
            ),
            Body::Table(table) => (
                "wide",
                format!("<div class=\"table\">{}</div>", table.html()),
            ),
            Body::Heat(heat) => (
                "wide",
                format!("<div class=\"table\">{}</div>", heat.html()),
            ),
            Body::Examples(examples) => {
                let pre = |text: &String| format!("<pre>{}</pre>\n", escaped(text.trim_end()));
                ("examples", examples.iter().map(pre).collect())
            }
        };
        format!(
            "<section class=\"{class}\">\n<h2>{title}</h2>\n<p>{line}</p>\n{body}\n</section>\n"
        )
    }
}

/// A chart with its title and description for those who do not see it.
fn labelled(picture: &Picture, number: usize, title: &str, line: &str) -> String {
    let id = format!("chart{number}");
    let about =
        format!("<title id=\"{id}-title\">{title}</title><desc id=\"{id}-about\">{line}</desc>");
    let label = format!("<svg role=\"img\" aria-labelledby=\"{id}-title {id}-about\" ");
    let svg = picture.0.replacen("<svg ", &label, 1);
    svg.replacen('>', &format!(">{about}"), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_drawn_without_failing() {
        let section = Section::histogram("t", "x", "y", &Spread::default());
        assert_eq!(section.line, "none");
        Section::bars("t", "l", "x", &[], Table::default());
        Section::funnel(&Funnel::new("rows", 0));
        assert!(Section::overlap(&[]).is_none());
        let axes = Axes {
            x: "step",
            y: "loss",
        };
        Section::lines("t", "l", axes, &[], Table::default());
    }
}
