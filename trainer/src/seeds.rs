//! Runs that differ in their seed alone, and what they come to together: mean and standard
//! deviation of their scores.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use kprep_schemas::Dataset;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

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

/// What the runs of a dataset come to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Seeds {
    /// The dataset's name.
    pub dataset: String,
    /// One for each seed, in the order of the command.
    pub runs: Vec<Row>,
    /// Arithmetic means by name of the score; none for a split that was not scored.
    pub mean: Splits<Map<String, Value>>,
    /// Standard deviations of the sample (n - 1); null for a single run.
    pub standard_deviation: Splits<Map<String, Value>>,
}

/// Reads the scores of finished runs, and writes `seeds.json`, `metrics.jsonl` and the card with
/// the table into the folder above them. Gives the table, too.
///
/// # Errors
/// [`Error::Io`], [`Error::Json`].
pub fn summarise(dataset: &Dataset, dir: &Path, runs: &[Paths]) -> Result<(Seeds, String)> {
    let mut rows = Vec::new();
    let mut identity = None;
    for run in runs {
        let path = run.adapter_config();
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let run: Finished = serde_json::from_slice(&json).map_err(Error::json(&path))?;
        rows.push(Row {
            seed: run.identity.config.seed,
            scores: run.scores,
        });
        identity.get_or_insert(run.identity);
    }
    let both = |of: fn(&[f64]) -> Option<f64>| Splits {
        validation: over(&rows, |row| row.scores.validation.as_ref(), of),
        test: over(&rows, |row| row.scores.test.as_ref(), of),
    };
    let seeds = Seeds {
        dataset: dataset.manifest.name.clone(),
        mean: both(mean),
        standard_deviation: both(standard_deviation),
        runs: rows,
    };
    let Some(identity) = identity else {
        return Ok((seeds, String::new()));
    };
    let table = table(&seeds, metrics::names(identity.config.task).score);
    write_json(&dir.join("seeds.json"), &seeds)?;
    write_atomically(&dir.join("metrics.jsonl"), lines(&seeds).as_bytes())?;
    let card = card::render_seeds(dataset, &identity, &seeds, &table);
    write_atomically(&dir.join("README.md"), card.as_bytes())?;
    Ok((seeds, table))
}

/// The scores that vary with the seed.
fn varying(scores: &Scores) -> [(&'static str, Option<f64>); 2] {
    [
        ("accuracy", Some(scores.accuracy)),
        ("macro_f1", scores.macro_f1),
    ]
}

/// A figure over all runs for each score of a split.
fn over(
    rows: &[Row],
    split: impl Fn(&Row) -> Option<&Scores>,
    figure: fn(&[f64]) -> Option<f64>,
) -> Map<String, Value> {
    let mut figures = Map::new();
    for i in 0..2 {
        let scores = rows
            .iter()
            .filter_map(&split)
            .map(|scores| varying(scores)[i]);
        let (names, values): (Vec<&str>, Vec<f64>) = scores
            .filter_map(|(name, value)| Some((name, value?)))
            .unzip();
        if let Some(name) = names.first() {
            figures.insert((*name).to_owned(), json!(figure(&values)));
        }
    }
    figures
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn standard_deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// One line a run and split, then one for the means and one for the deviations of each split.
fn lines(seeds: &Seeds) -> String {
    let mut lines = String::new();
    let mut add = |kind: &str, split: &str, seed: Option<u64>, scores: Value| {
        if let Value::Object(scores) = scores
            && !scores.is_empty()
        {
            let mut line = Map::from_iter([("kind".to_owned(), kind.into())]);
            line.extend(seed.map(|seed| ("seed".to_owned(), seed.into())));
            line.insert("split".to_owned(), split.into());
            line.extend(scores);
            lines += &Value::Object(line).to_string();
            lines.push('\n');
        }
    };
    for Row { seed, scores } in &seeds.runs {
        add("run", "validation", Some(*seed), json!(scores.validation));
        add("run", "test", Some(*seed), json!(scores.test));
    }
    for (kind, figures) in [
        ("mean", &seeds.mean),
        ("standard_deviation", &seeds.standard_deviation),
    ] {
        add(kind, "validation", None, json!(figures.validation));
        add(kind, "test", None, json!(figures.test));
    }
    lines
}

/// The same as a Markdown table, in per cent.
fn table(seeds: &Seeds, score: &str) -> String {
    let splits = [
        (
            "validation",
            &seeds.mean.validation,
            &seeds.standard_deviation.validation,
        ),
        ("test", &seeds.mean.test, &seeds.standard_deviation.test),
    ];
    let mut header = "| seed |".to_owned();
    let mut rows: Vec<String> = seeds
        .runs
        .iter()
        .map(|run| format!("| {} |", run.seed))
        .collect();
    rows.extend(["| mean |".to_owned(), "| standard deviation |".to_owned()]);
    let n = seeds.runs.len();
    for (split, means, deviations) in splits {
        for name in means.keys() {
            let shown = if name == "accuracy" {
                score
            } else {
                "macro-F1"
            };
            let _ = write!(header, " {split} {shown} |"); // writing to a String cannot fail
            for (row, run) in rows.iter_mut().zip(&seeds.runs) {
                *row += &cell(&json!(run.scores)[split][name]);
            }
            rows[n] += &cell(&means[name]);
            rows[n + 1] += &cell(&deviations[name]);
        }
    }
    let columns = header.matches('|').count() - 1;
    format!(
        "{header}\n|{}\n{}\n",
        "---|".repeat(columns),
        rows.join("\n")
    )
}

fn cell(share: &Value) -> String {
    share.as_f64().map_or(" – |".to_owned(), |share| {
        format!(" {:.2} |", 100.0 * share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_to_mean_and_deviation_of_the_sample() {
        let scores = |accuracy, macro_f1| Scores {
            examples: 10,
            decisions: 10,
            accuracy,
            macro_f1,
            baseline: 0.5,
        };
        let run = |seed, accuracy| Row {
            seed,
            scores: Splits {
                validation: Some(scores(accuracy, Some(0.5))),
                test: None,
            },
        };
        let runs = vec![run(1, 0.5), run(2, 0.75), run(3, 1.0)];
        let both = |of: fn(&[f64]) -> Option<f64>| Splits {
            validation: over(&runs, |row| row.scores.validation.as_ref(), of),
            test: over(&runs, |row| row.scores.test.as_ref(), of),
        };
        let seeds = Seeds {
            dataset: "rc".into(),
            mean: both(mean),
            standard_deviation: both(standard_deviation),
            runs: runs.clone(),
        };
        assert_eq!(
            table(&seeds, "accuracy"),
            "| seed | validation accuracy | validation macro-F1 |\n|---|---|---|\n\
             | 1 | 50.00 | 50.00 |\n| 2 | 75.00 | 50.00 |\n| 3 | 100.00 | 50.00 |\n\
             | mean | 75.00 | 50.00 |\n| standard deviation | 25.00 | 0.00 |\n"
        );
        let lines = lines(&seeds);
        assert!(lines.ends_with(
            "{\"kind\":\"mean\",\"split\":\"validation\",\"accuracy\":0.75,\"macro_f1\":0.5}\n\
             {\"kind\":\"standard_deviation\",\"split\":\"validation\",\"accuracy\":0.25,\"macro_f1\":0.0}\n"
        ));
        assert_eq!(lines.lines().count(), 5);
        assert_eq!(standard_deviation(&[0.5]), None);
    }
}
