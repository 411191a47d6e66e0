//! Runs that differ in their seed alone, and what they come to together: mean and standard
//! deviation of their scores.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use kprep_schemas::Dataset;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::card;
use crate::identity::Identity;
use crate::metrics::{self, Scores};
use crate::paths::Paths;
use crate::weights::{write_atomically, write_json};
use crate::{Error, Result};

/// The part of a finished run's `adapter_config.json` that is read here.
#[derive(Deserialize)]
struct Finished {
    #[serde(flatten)]
    identity: Identity,
    scores: Splits<Option<Scores>>,
}

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
    /// Its seed.
    pub seed: u64,
    /// Its scores.
    #[serde(flatten)]
    pub scores: Splits<Option<Scores>>,
}

/// A number for each score that varies with the seed. One that there is not is left out: that of a
/// split without examples, of a task without classes, and the deviation of a single run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// For [`Scores::accuracy`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// For [`Scores::macro_f1`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<f64>,
}

/// What the runs of a dataset come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seeds {
    /// The dataset's name.
    pub dataset: String,
    /// One for each seed, in the order of the command.
    pub runs: Vec<Row>,
    /// Arithmetic means.
    pub mean: Splits<Figures>,
    /// Standard deviations of the sample (n - 1).
    pub standard_deviation: Splits<Figures>,
}

/// Reads the scores of finished runs, and writes `seeds.json`, `metrics.jsonl` and the card with
/// the table into the folder above them. Gives the table, too.
///
/// # Errors
/// [`Error::Unusable`] if the runs differ in more than their seed; [`Error::Io`], [`Error::Json`].
pub fn summarise(dataset: &Dataset, dir: &Path, runs: &[Paths]) -> Result<(Seeds, String)> {
    let mut rows = Vec::new();
    let mut first: Option<Identity> = None;
    for run in runs {
        let path = run.adapter_config();
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let run: Finished = serde_json::from_slice(&json).map_err(Error::json(&path))?;
        rows.push(Row {
            seed: run.identity.config.seed,
            scores: run.scores,
        });
        let first = first.get_or_insert_with(|| run.identity.clone());
        same_but_for_the_seed(&path, run.identity, first)?;
    }
    let seeds = seeds(&dataset.manifest.name, rows);
    let Some(identity) = first else {
        return Ok((seeds, String::new()));
    };
    let table = table(&seeds, metrics::names(identity.config.task).score);
    write_json(&dir.join("seeds.json"), &seeds)?;
    write_atomically(&dir.join("metrics.jsonl"), lines(&seeds).as_bytes())?;
    let card = card::render_seeds(dataset, &identity, &seeds, &table);
    write_atomically(&dir.join("README.md"), card.as_bytes())?;
    Ok((seeds, table))
}

/// A run that was finished earlier may have been one with other settings or data.
fn same_but_for_the_seed(path: &Path, mut run: Identity, first: &Identity) -> Result<()> {
    run.config.seed = first.config.seed;
    let differences = run.differences(first);
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::Unusable {
        path: path.to_owned(),
        reason: format!(
            "the run differs from the others in more than its seed ({})",
            differences.join("; ")
        ),
    })
}

fn seeds(dataset: &str, runs: Vec<Row>) -> Seeds {
    Seeds {
        dataset: dataset.to_owned(),
        mean: over(&runs, mean),
        standard_deviation: over(&runs, standard_deviation),
        runs,
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
            accuracy: over(|run| run.validation.accuracy),
            macro_f1: over(|run| run.validation.macro_f1),
        },
        test: Figures {
            accuracy: over(|run| run.test.accuracy),
            macro_f1: over(|run| run.test.macro_f1),
        },
    }
}

/// A run's own.
fn figures(scores: &Splits<Option<Scores>>) -> Splits<Figures> {
    let of = |scores: &Option<Scores>| Figures {
        accuracy: scores.as_ref().map(|scores| scores.accuracy),
        macro_f1: scores.as_ref().and_then(|scores| scores.macro_f1),
    };
    Splits {
        validation: of(&scores.validation),
        test: of(&scores.test),
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// A line of `metrics.jsonl`.
#[derive(Serialize)]
struct Line<T> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    split: &'static str,
    #[serde(flatten)]
    numbers: T,
}

/// One line a run and split, then one for the means and one for the deviations of each split.
fn lines(seeds: &Seeds) -> String {
    let mut lines = String::new();
    for Row { seed, scores } in &seeds.runs {
        for (split, scores) in [("validation", &scores.validation), ("test", &scores.test)] {
            if let Some(numbers) = scores {
                let (kind, seed) = ("run", Some(*seed));
                let line = json!(Line {
                    kind,
                    seed,
                    split,
                    numbers
                });
                let _ = writeln!(lines, "{line}"); // writing to a String cannot fail
            }
        }
    }
    for (kind, figures) in [
        ("mean", &seeds.mean),
        ("standard_deviation", &seeds.standard_deviation),
    ] {
        for (split, numbers) in [("validation", figures.validation), ("test", figures.test)] {
            if numbers != Figures::default() {
                let line = json!(Line {
                    kind,
                    seed: None,
                    split,
                    numbers
                });
                let _ = writeln!(lines, "{line}");
            }
        }
    }
    lines
}

/// The same as a Markdown table, in per cent. Scores that no run has are no columns.
fn table(seeds: &Seeds, score: &str) -> String {
    type Column = (String, fn(&Splits<Figures>) -> Option<f64>);
    let columns: [Column; 4] = [
        (format!("validation {score}"), |row| row.validation.accuracy),
        ("validation macro-F1".to_owned(), |row| {
            row.validation.macro_f1
        }),
        (format!("test {score}"), |row| row.test.accuracy),
        ("test macro-F1".to_owned(), |row| row.test.macro_f1),
    ];
    let columns: Vec<Column> = columns
        .into_iter()
        .filter(|(_, figure)| figure(&seeds.mean).is_some())
        .collect();
    let mut rows: Vec<(String, Splits<Figures>)> = seeds
        .runs
        .iter()
        .map(|run| (run.seed.to_string(), figures(&run.scores)))
        .collect();
    rows.push(("mean".to_owned(), seeds.mean.clone()));
    rows.push((
        "standard deviation".to_owned(),
        seeds.standard_deviation.clone(),
    ));

    let mut table = "| seed |".to_owned();
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
        };
        Row {
            seed,
            scores: Splits {
                validation: Some(scores),
                test: None,
            },
        }
    }

    #[test]
    fn runs_come_to_mean_and_deviation_of_the_sample() {
        let seeds = seeds("rc", vec![row(1, 0.5), row(2, 0.75), row(3, 1.0)]);
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
        let seeds = seeds("rc", vec![row(7, 0.5)]);
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
