//! The table of results: a row for each setting or model, with the scores of its runs, one a seed, and their mean
//! and standard deviation.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Result;
use crate::config::{Benchmark, Task};
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::files::adapter_config::AdapterConfig;
use crate::files::identity::Identity;
use crate::files::paths::Paths;

/// The folders of finished runs that differ in their seed alone.
#[derive(Debug, Clone)]
pub struct RowRuns {
    /// The row's name.
    pub name: String,
    /// One a seed.
    pub runs: Vec<Paths>,
}

/// A score over the runs of a row.
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

/// The scores of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunScores {
    /// Its seed.
    pub seed: u64,
    /// Its scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// The settings in which it differs from other rows.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
    /// The seeds of its runs.
    pub seeds: Vec<u64>,
    /// Mean and standard deviation of their scores.
    #[serde(flatten)]
    pub scores: Splits<Figures>,
    /// The scores of each of them.
    pub runs: Vec<RunScores>,
}

/// All rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Table {
    /// The dataset's name.
    pub dataset: String,
    /// The benchmark whose scores these are, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Benchmark>,
    /// The score that the rows are ranked by.
    pub ranked_by: String,
    /// The score of a guess without a model.
    pub baseline: Splits<Option<f64>>,
    /// The rows, in the order of the command.
    pub rows: Vec<Row>,
    /// The row with the best validation score; none of a single row.
    pub best: Option<String>,
    #[serde(skip)]
    pub(super) task: Task,
    /// Whether rows are models, which have names.
    #[serde(skip)]
    pub(super) has_named_rows: bool,
    /// Which runs these are.
    #[serde(skip)]
    pub(super) identities: Vec<Identity>,
}

impl Table {
    /// Reads the scores of finished runs. Rows differ in the settings `keys`, and where `has_named_rows` in their
    /// backbone or adapters.
    ///
    /// # Errors
    /// As [`AdapterConfig::read`].
    pub fn read(
        dataset: &str,
        keys: &[&str],
        has_named_rows: bool,
        all: &[RowRuns],
    ) -> Result<Self> {
        let (mut rows, mut identities) = (Vec::new(), Vec::new());
        for RowRuns { name, runs } in all {
            let mut row = Vec::new();
            let mut settings = Map::new();
            for run in runs {
                let found = AdapterConfig::read(&run.dir)?;
                let config = &found.run.config;
                let values = keys
                    .iter()
                    .map(|key| ((*key).to_owned(), config.value(key)));
                settings = values.collect();
                row.push(RunScores {
                    seed: config.seed,
                    scores: found.scores.unwrap_or_default(),
                });
                identities.push(found.run);
            }
            rows.push(Row::new(name, settings, row));
        }
        Ok(Self::new(dataset, rows, identities, has_named_rows))
    }

    fn new(dataset: &str, rows: Vec<Row>, identities: Vec<Identity>, has_named_rows: bool) -> Self {
        let config = identities.first().map(|identity| &identity.config);
        let scores = || rows.iter().flat_map(|row| &row.runs).map(|run| &run.scores);
        let official = scores().flat_map(|scores| [&scores.validation, &scores.test]);
        let official = official
            .flatten()
            .find_map(|scores| scores.official.as_ref());
        let first = scores().next();
        let mut table = Self {
            dataset: dataset.to_owned(),
            benchmark: config.and_then(|config| config.benchmark),
            ranked_by: official
                .map_or("accuracy", |official| &official.name)
                .to_owned(),
            baseline: first.map_or_else(Splits::default, |scores| {
                scores.map(|scores| scores.as_ref().map(|scores| scores.baseline))
            }),
            task: config.map_or(Task::Relation, |config| config.task),
            rows,
            best: None,
            has_named_rows,
            identities,
        };
        table.best = table.best_row();
        table
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
        let mut best: Option<(&Row, f64)> = None;
        for row in &self.rows {
            if let Some(score) = row.scores.validation.get(&self.ranked_by)
                && best.is_none_or(|(_, before)| score.mean > before)
            {
                best = Some((row, score.mean));
            }
        }
        let (row, _) = best.filter(|_| self.rows.len() > 1)?;
        Some(row.name.clone())
    }

    /// A line of JSON for each run and split, and of rows with several seeds one for the means and one for the
    /// standard deviations of each split.
    pub(super) fn lines(&self) -> String {
        let mut lines = Vec::new();
        for row in &self.rows {
            let line = |kind: &str, split: &str| {
                let mut line = Map::new();
                line.insert("kind".to_owned(), kind.into());
                line.insert("row".to_owned(), row.name.clone().into());
                line.extend(row.settings.clone());
                line.insert("split".to_owned(), split.into());
                line
            };
            for run in &row.runs {
                for (split, scores) in run.scores.test_first() {
                    if let Some(scores) = scores {
                        let mut line = line("run", split);
                        line.insert("seed".to_owned(), run.seed.into());
                        line.extend(json!(scores).as_object().cloned().unwrap_or_default());
                        lines.push(line);
                    }
                }
            }
            for (split, figures) in row.scores.test_first() {
                let deviations = figures.iter();
                let deviations: Map<_, _> = deviations
                    .filter_map(|(name, one)| Some((name.clone(), one.standard_deviation?.into())))
                    .collect();
                if !deviations.is_empty() {
                    let means = figures
                        .iter()
                        .map(|(name, one)| (name.clone(), one.mean.into()));
                    let mut mean = line("mean", split);
                    mean.extend(means);
                    let mut deviation = line("standard_deviation", split);
                    deviation.extend(deviations);
                    lines.extend([mean, deviation]);
                }
            }
        }
        lines.into_iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{}", Value::Object(line)); // writing to a String cannot fail
            text
        })
    }
}

impl Row {
    fn new(name: &str, settings: Map<String, Value>, runs: Vec<RunScores>) -> Self {
        let figures = |split: fn(&Splits<Option<Scores>>) -> &Option<Scores>| {
            figures(runs.iter().map(|run| split(&run.scores)))
        };
        Self {
            name: name.to_owned(),
            settings,
            seeds: runs.iter().map(|run| run.seed).collect(),
            scores: Splits {
                validation: figures(|scores| &scores.validation),
                test: figures(|scores| &scores.test),
            },
            runs,
        }
    }
}

/// Mean and standard deviation of each score that runs have.
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

/// A run's scores by name, without the baseline.
pub(super) fn numbers(scores: &Scores) -> Vec<(String, f64)> {
    let mut all = vec![("accuracy".to_owned(), scores.accuracy)];
    all.extend(scores.macro_f1.map(|f1| ("macro_f1".to_owned(), f1)));
    if let Some(official) = &scores.official {
        all.push((official.name.clone(), official.score));
        let more = official.more.iter();
        all.extend(more.map(|(name, score)| (name.clone(), *score)));
    }
    let more = scores.more.iter();
    all.extend(more.map(|(name, score)| (name.clone(), *score)));
    all
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
#[path = "table_tests.rs"]
pub(super) mod tests;
