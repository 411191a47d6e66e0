//! Rows of a comparison: each with the scores of its runs, one a seed, as mean and deviation.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use crate::Result;
use crate::config::Benchmark;
use crate::evaluate::metrics::Scores;
use crate::report::comparison::{Splits, mean, of_run, standard_deviation};
use crate::train::paths::Paths;

/// What a score comes to over the runs of a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation of the sample (n - 1); none of a single run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standard_deviation: Option<f64>,
}

/// Scores by name.
pub type Figures = BTreeMap<String, Figure>;

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The seeds of its runs.
    pub seeds: Vec<u64>,
    /// Their scores.
    #[serde(flatten)]
    pub scores: Splits<Figures>,
}

/// All rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// The dataset's name.
    pub dataset: String,
    /// Whose scores they are.
    pub benchmark: Benchmark,
    /// The score that models are ranked by.
    pub ranked_by: String,
    /// What the rows differ in.
    #[serde(skip)]
    what: String,
    /// The rows, in the order of the command.
    pub rows: Vec<Row>,
    /// The row with the best validation score.
    pub best: Option<String>,
}

impl Table {
    /// Reads the scores of finished runs, those of each row apart.
    ///
    /// # Errors
    /// [`crate::Error::OtherVersion`], [`crate::Error::Io`], [`crate::Error::Json`].
    pub fn read<'a>(
        dataset: &str,
        benchmark: Benchmark,
        what: &str,
        rows: impl IntoIterator<Item = (&'a str, Vec<Paths>)>,
    ) -> Result<Self> {
        let mut table = Self {
            dataset: dataset.to_owned(),
            benchmark,
            ranked_by: "accuracy".to_owned(),
            what: what.to_owned(),
            rows: Vec::new(),
            best: None,
        };
        for (name, runs) in rows {
            let runs = runs.iter().map(of_run).collect::<Result<Vec<_>>>()?;
            let scores = runs.iter().map(|(_, scores)| scores);
            let all = scores
                .clone()
                .flat_map(|scores| [&scores.validation, &scores.test]);
            let mut official = all.flatten().filter_map(|scores| scores.official.as_ref());
            if let Some(official) = official.next() {
                table.ranked_by.clone_from(&official.name);
            }
            table.rows.push(Row {
                name: name.to_owned(),
                seeds: runs
                    .iter()
                    .map(|(identity, _)| identity.config.seed)
                    .collect(),
                scores: Splits {
                    validation: figures(scores.clone().map(|scores| &scores.validation)),
                    test: figures(scores.map(|scores| &scores.test)),
                },
            });
        }
        table.best = table.best_row();
        Ok(table)
    }

    /// The row's score that the table is ranked by: of the test split or, where there is none, of validation.
    pub fn score(&self, row: &Row) -> Option<Figure> {
        let scores = [&row.scores.test, &row.scores.validation].into_iter();
        scores
            .filter_map(|scores| scores.get(&self.ranked_by))
            .copied()
            .next()
    }

    fn best_row(&self) -> Option<String> {
        let score = |row: &Row| {
            row.scores
                .validation
                .get(&self.ranked_by)
                .map(|one| one.mean)
        };
        let mut best: Option<(&Row, f64)> = None;
        for row in &self.rows {
            if let Some(score) = score(row)
                && best.is_none_or(|(_, before)| score > before)
            {
                best = Some((row, score));
            }
        }
        best.map(|(row, _)| row.name.clone())
    }

    /// As a Markdown table, in per cent with one deviation. Scores that no row has are no columns.
    pub fn markdown(&self) -> String {
        let mut columns: Vec<(&str, &str)> = Vec::new();
        for split in ["test", "validation"] {
            let named = self.rows.iter().flat_map(|row| of_split(row, split).keys());
            let named: BTreeSet<&str> = named.map(String::as_str).collect();
            let ranked = named.get(self.ranked_by.as_str()).copied();
            let others = named.iter().copied().filter(|name| *name != self.ranked_by);
            columns.extend(ranked.into_iter().chain(others).map(|name| (split, name)));
        }
        let seeds = self.rows.iter().any(|row| row.seeds.len() > 1);
        let mut table = format!("| {} |{}", self.what, if seeds { " seeds |" } else { "" });
        for (split, name) in &columns {
            let _ = write!(table, " {split} {name} |"); // writing to a String cannot fail
        }
        let rule = "---|".repeat(columns.len() + usize::from(seeds));
        let _ = writeln!(table, "\n|---|{rule}");
        for row in &self.rows {
            let _ = write!(table, "| {} |", row.name);
            if seeds {
                let _ = write!(table, " {} |", row.seeds.len());
            }
            for (split, name) in &columns {
                let _ = write!(table, " {} |", cell(of_split(row, split).get(*name)));
            }
            table.push('\n');
        }
        table
    }

    /// The table with a word about it, for a `README.md`.
    pub fn page(&self) -> String {
        let best = self.best.as_ref().map_or(String::new(), |best| {
            format!("\nThe best {} by validation is {best}.\n", self.what)
        });
        format!(
            "# {}, {}: {} by {}\n\nScores of each run's best weights by validation, in per cent; of several \
             seeds mean and standard deviation.\n\n{}{best}\n![bars](rows.svg)\n",
            self.benchmark.name(),
            self.dataset,
            self.what,
            self.ranked_by,
            self.markdown()
        )
    }
}

fn of_split<'a>(row: &'a Row, split: &str) -> &'a Figures {
    if split == "test" {
        &row.scores.test
    } else {
        &row.scores.validation
    }
}

fn cell(figure: Option<&Figure>) -> String {
    figure.map_or("–".to_owned(), |figure| {
        let mean = 100.0 * figure.mean;
        match figure.standard_deviation {
            Some(deviation) => format!("{mean:.2} ± {:.2}", 100.0 * deviation),
            None => format!("{mean:.2}"),
        }
    })
}

/// Mean and deviation of each score that all of some runs have.
fn figures<'a>(runs: impl Iterator<Item = &'a Option<Scores>>) -> Figures {
    let mut by_name: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for scores in runs.flatten() {
        for (name, score) in numbers(scores) {
            by_name.entry(name).or_default().push(score);
        }
    }
    let figure = |(name, values): (String, Vec<f64>)| {
        let figure = Figure {
            mean: mean(&values)?,
            standard_deviation: standard_deviation(&values),
        };
        Some((name, figure))
    };
    by_name.into_iter().filter_map(figure).collect()
}

/// A run's scores by name, but for the baseline.
fn numbers(scores: &Scores) -> Vec<(String, f64)> {
    let mut all = vec![("accuracy".to_owned(), scores.accuracy)];
    all.extend(scores.macro_f1.map(|f1| ("macro-F1".to_owned(), f1)));
    if let Some(official) = &scores.official {
        all.push((official.name.clone(), official.score));
        let more = official.more.iter();
        all.extend(more.map(|(name, score)| (name.clone(), *score)));
    }
    all
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::evaluate::official_score::Official;

    fn scores(f1: f64) -> Scores {
        Scores {
            examples: 10,
            decisions: 10,
            accuracy: 0.5,
            macro_f1: None,
            baseline: 0.1,
            official: Some(Official::new("micro-F1", f1, &[])),
        }
    }

    /// Two rows, the second with a better validation score.
    pub(crate) fn table() -> Table {
        let row = |name: &str, f1: [f64; 2]| Row {
            name: name.to_owned(),
            seeds: vec![1, 2],
            scores: Splits {
                validation: figures(f1.map(|f1| Some(scores(f1))).iter()),
                test: figures([None].iter()),
            },
        };
        let mut table = Table {
            dataset: "rc".to_owned(),
            benchmark: Benchmark::Tacred,
            ranked_by: "micro-F1".to_owned(),
            what: "row".to_owned(),
            rows: vec![row("backbone", [0.25, 0.75]), row("F+L", [0.5, 1.0])],
            best: None,
        };
        table.best = table.best_row();
        table
    }

    #[test]
    fn rows_come_to_mean_and_deviation_and_the_ranking_score_is_first() {
        let table = table();
        assert_eq!(
            table.markdown(),
            "| row | seeds | validation micro-F1 | validation accuracy |\n|---|---|---|---|\n\
             | backbone | 2 | 50.00 ± 35.36 | 50.00 ± 0.00 |\n| F+L | 2 | 75.00 ± 35.36 | 50.00 ± 0.00 |\n"
        );
        assert_eq!(table.best.as_deref(), Some("F+L"));
        assert!(table.page().contains("The best row by validation is F+L."));
        let json = serde_json::json!(table);
        assert_eq!(json["rows"][1]["validation"]["micro-F1"]["mean"], 0.75);
    }
}
