//! Runs that differ in one setting alone, and what they come to together: their scores side by side,
//! for seeds with mean and standard deviation.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use kprep_schemas::Dataset;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::evaluate::metrics::Scores;
use crate::files::adapter_config::AdapterConfig;
use crate::files::weights::{write_atomically, write_json};
use crate::report::card;
use crate::report::console::printable_lines;
use crate::train::identity::Identity;
use crate::train::paths::{Paths, all_of};
use crate::{Error, Result};

/// Something for both scored splits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Splits<T> {
    /// Of the validation split.
    pub validation: T,
    /// Of the test split.
    pub test: T,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Its value of the setting, under the setting's name.
    #[serde(flatten)]
    pub setting: BTreeMap<String, Value>,
    /// Its scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
}

/// A number for each score that varies with the seed. One that there is not is left out: that of a
/// split without examples, of a task without classes, and the deviation of a single run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// For the benchmark's score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// For [`Scores::accuracy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// For [`Scores::macro_f1`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<f64>,
}

impl Row {
    /// Its value of the setting, for people.
    pub fn value(&self) -> String {
        let value = self.setting.values().next();
        value.map_or_else(String::new, in_words)
    }
}

fn in_words(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// What the benchmark's score is called.
impl Comparison {
    fn official(&self) -> Option<&str> {
        let scores = self.runs.iter().map(|run| &run.scores);
        let mut scores = scores.flat_map(|scores| [&scores.validation, &scores.test]);
        let official = scores.find_map(|scores| scores.as_ref()?.official.as_ref());
        official.map(|official| official.name.as_str())
    }
}

/// What the runs of a dataset come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The dataset's name.
    pub dataset: String,
    /// The setting in which they differ.
    #[serde(skip)]
    pub key: String,
    /// One for each value, in the order of the command.
    pub runs: Vec<Row>,
    /// What there is to say of all; only seeds are a sample of anything.
    #[serde(flatten)]
    pub sample: Option<Sample>,
}

/// Of runs that differ in their seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// Arithmetic means.
    pub mean: Splits<Figures>,
    /// Standard deviations of the sample (n - 1).
    pub standard_deviation: Splits<Figures>,
}

/// Reads the scores of finished runs that differ in the setting `key`, and writes `seeds.json`
/// or `{key}.json`, `metrics.jsonl` and the card with the table into the folder above them. Gives the table, too.
///
/// # Errors
/// [`Error::Unusable`] if the runs differ in more; [`Error::OtherVersion`], [`Error::Io`],
/// [`Error::Json`].
pub fn summarise(
    dataset: &Dataset,
    dir: &Path,
    key: &str,
    runs: &[Paths],
) -> Result<(Comparison, String)> {
    let mut rows = Vec::new();
    let mut first: Option<Identity> = None;
    for run in runs {
        let (path, (identity, scores)) = (run.adapter_config(), of_run(run)?);
        rows.push(Row {
            setting: BTreeMap::from([(key.to_owned(), identity.config.value(key))]),
            scores,
        });
        let first = first.get_or_insert_with(|| identity.clone());
        same_but_for(key, &path, &identity, first)?;
    }
    let runs = compare(&dataset.manifest.name, key, rows);
    let Some(identity) = first else {
        return Ok((runs, String::new()));
    };
    let table = table(&runs, identity.config.task.facts().figures.score);
    write_json(&dir.join(format!("{}.json", all_of(key))), &runs)?;
    write_atomically(&dir.join("metrics.jsonl"), lines(&runs).as_bytes())?;
    let card = printable_lines(&card::render_comparison(dataset, &identity, &runs, &table));
    write_atomically(&dir.join("README.md"), card.as_bytes())?;
    Ok((runs, table))
}

/// Which run lies in a folder, and its scores.
///
/// # Errors
/// As [`AdapterConfig::read`].
pub fn of_run(run: &Paths) -> Result<(Identity, Splits<Option<Scores>>)> {
    let found = AdapterConfig::read(&run.dir)?;
    let none = Splits {
        validation: None,
        test: None,
    };
    Ok((found.run, found.scores.unwrap_or(none)))
}

/// A run that was finished earlier may have been one with other settings or data.
fn same_but_for(key: &str, path: &Path, run: &Identity, first: &Identity) -> Result<()> {
    let mut differences = run.differences(first);
    differences.retain(|difference| !difference.starts_with(&format!("{key} is ")));
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::Unusable {
        path: path.to_owned(),
        reason: format!(
            "the run differs from the others in more than its {key} ({})",
            differences.join("; ")
        ),
    })
}

fn compare(dataset: &str, key: &str, runs: Vec<Row>) -> Comparison {
    let sample = (key == "seed").then(|| Sample {
        mean: over(&runs, mean),
        standard_deviation: over(&runs, standard_deviation),
    });
    Comparison {
        dataset: dataset.to_owned(),
        key: key.to_owned(),
        runs,
        sample,
    }
}

/// What the runs' scores come to.
fn over(runs: &[Row], figure: fn(&[f64]) -> Option<f64>) -> Splits<Figures> {
    let runs: Vec<Splits<Figures>> = runs.iter().map(|run| figures(&run.scores)).collect();
    let over = |score: fn(&Splits<Figures>) -> Option<f64>| {
        figure(&runs.iter().filter_map(score).collect::<Vec<f64>>())
    };
    Splits {
        validation: Figures {
            score: over(|run| run.validation.score),
            accuracy: over(|run| run.validation.accuracy),
            macro_f1: over(|run| run.validation.macro_f1),
        },
        test: Figures {
            score: over(|run| run.test.score),
            accuracy: over(|run| run.test.accuracy),
            macro_f1: over(|run| run.test.macro_f1),
        },
    }
}

/// A run's own.
fn figures(scores: &Splits<Option<Scores>>) -> Splits<Figures> {
    let of = |scores: &Option<Scores>| Figures {
        score: scores
            .as_ref()
            .and_then(|scores| scores.official.as_ref())
            .map(|official| official.score),
        accuracy: scores.as_ref().map(|scores| scores.accuracy),
        macro_f1: scores.as_ref().and_then(|scores| scores.macro_f1),
    };
    Splits {
        validation: of(&scores.validation),
        test: of(&scores.test),
    }
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

pub(crate) fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// A line of `metrics.jsonl`.
#[derive(Serialize)]
struct Line<'a, T> {
    kind: &'static str,
    #[serde(flatten)]
    setting: Option<&'a BTreeMap<String, Value>>,
    split: &'static str,
    #[serde(flatten)]
    numbers: T,
}

/// One line a run and split, then, of seeds, one for the means and one for the deviations of each
/// split.
fn lines(runs: &Comparison) -> String {
    let mut lines = String::new();
    for Row { setting, scores } in &runs.runs {
        for (split, scores) in [("validation", &scores.validation), ("test", &scores.test)] {
            if let Some(numbers) = scores {
                let line = json!(Line {
                    kind: "run",
                    setting: Some(setting),
                    split,
                    numbers
                });
                let _ = writeln!(lines, "{line}"); // writing to a String cannot fail
            }
        }
    }
    for (kind, figures) in of_all(runs) {
        for (split, numbers) in [("validation", figures.validation), ("test", figures.test)] {
            if numbers != Figures::default() {
                let line = json!(Line {
                    kind,
                    setting: None,
                    split,
                    numbers
                });
                let _ = writeln!(lines, "{line}");
            }
        }
    }
    lines
}

fn of_all(runs: &Comparison) -> Vec<(&'static str, &Splits<Figures>)> {
    let sample = runs.sample.iter();
    let named = sample.flat_map(|sample| {
        [
            ("mean", &sample.mean),
            ("standard_deviation", &sample.standard_deviation),
        ]
    });
    named.collect()
}

/// The same as a Markdown table, in per cent. Scores that no run has are no columns.
fn table(runs: &Comparison, score: &str) -> String {
    type Column = (String, fn(&Splits<Figures>) -> Option<f64>);
    let benchmark = runs.official().unwrap_or_default();
    let columns: [Column; 6] = [
        (format!("validation {benchmark}"), |row| {
            row.validation.score
        }),
        (format!("validation {score}"), |row| row.validation.accuracy),
        ("validation macro-F1".to_owned(), |row| {
            row.validation.macro_f1
        }),
        (format!("test {benchmark}"), |row| row.test.score),
        (format!("test {score}"), |row| row.test.accuracy),
        ("test macro-F1".to_owned(), |row| row.test.macro_f1),
    ];
    let mut rows: Vec<(String, Splits<Figures>)> = runs
        .runs
        .iter()
        .map(|run| (run.value(), figures(&run.scores)))
        .collect();
    let columns: Vec<Column> = columns
        .into_iter()
        .filter(|(_, figure)| rows.iter().any(|(_, row)| figure(row).is_some()))
        .collect();
    let of_all = of_all(runs).into_iter();
    rows.extend(of_all.map(|(kind, figures)| (kind.replace('_', " "), figures.clone())));

    let mut table = format!("| {} |", runs.key);
    for (name, _) in &columns {
        let _ = write!(table, " {name} |"); // writing to a String cannot fail
    }
    let _ = writeln!(table, "\n|---|{}", "---|".repeat(columns.len()));
    for (name, row) in rows {
        let cells: String = columns
            .iter()
            .map(|(_, figure)| cell(figure(&row)))
            .collect();
        let _ = writeln!(table, "| {name} |{cells}");
    }
    table
}

fn cell(share: Option<f64>) -> String {
    share.map_or(" – |".to_owned(), |share| {
        format!(" {:.2} |", 100.0 * share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seed: u64, accuracy: f64) -> Row {
        let scores = Scores {
            examples: 10,
            decisions: 10,
            accuracy,
            macro_f1: Some(0.5),
            baseline: 0.5,
            official: None,
        };
        Row {
            setting: BTreeMap::from([("seed".to_owned(), seed.into())]),
            scores: Splits {
                validation: Some(scores),
                test: None,
            },
        }
    }

    #[test]
    fn runs_come_to_mean_and_deviation_of_the_sample() {
        let seeds = compare("rc", "seed", vec![row(1, 0.5), row(2, 0.75), row(3, 1.0)]);
        assert_eq!(
            table(&seeds, "accuracy"),
            "| seed | validation accuracy | validation macro-F1 |\n|---|---|---|\n\
             | 1 | 50.00 | 50.00 |\n| 2 | 75.00 | 50.00 |\n| 3 | 100.00 | 50.00 |\n\
             | mean | 75.00 | 50.00 |\n| standard deviation | 25.00 | 0.00 |\n"
        );
        let run = |seed, accuracy: &str| {
            format!(
                "{{\"kind\":\"run\",\"seed\":{seed},\"split\":\"validation\",\"examples\":10,\"decisions\":10,\
                 \"accuracy\":{accuracy},\"macro_f1\":0.5,\"baseline\":0.5}}\n"
            )
        };
        assert_eq!(
            lines(&seeds),
            [
                &run(1, "0.5"),
                &run(2, "0.75"),
                &run(3, "1.0"),
                "{\"kind\":\"mean\",\"split\":\"validation\",\"accuracy\":0.75,\"macro_f1\":0.5}\n",
                "{\"kind\":\"standard_deviation\",\"split\":\"validation\",\"accuracy\":0.25,\"macro_f1\":0.0}\n",
            ]
            .concat()
        );
        assert_eq!(
            json!(seeds)["mean"],
            json!({"validation": {"accuracy": 0.75, "macro_f1": 0.5}, "test": {}})
        );
    }

    #[test]
    fn a_single_run_has_no_deviation() {
        let seeds = compare("rc", "seed", vec![row(7, 0.5)]);
        assert_eq!(
            table(&seeds, "accuracy"),
            "| seed | validation accuracy | validation macro-F1 |\n|---|---|---|\n\
             | 7 | 50.00 | 50.00 |\n| mean | 50.00 | 50.00 |\n| standard deviation | – | – |\n"
        );
        assert_eq!(
            json!(seeds)["standard_deviation"],
            json!({"validation": {}, "test": {}})
        );
        assert_eq!(lines(&seeds).lines().count(), 2);
    }
}
