//! `ktrain score`: a benchmark's official scores of anyone's predictions.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::config::Benchmark;
use crate::evaluate::label_files::{self, AnswerFile, entities};
use crate::evaluate::official_score::{self, Official};
use crate::evaluate::scoring::classes::{self, NO_RELATION};
use crate::evaluate::scoring::labels::{self, Typed};
use anyhow::{Result, bail};
use kprep_schemas::thousands;
use serde_json::{Value, json};

use crate::commands::print::print;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Benchmark whose definition counts
    #[arg(value_name = "TASK", value_enum)]
    task: Benchmark,
    /// File of the gold labels
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    gold: PathBuf,
    /// File of the predictions
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    predictions: PathBuf,
    /// Print the results as JSON on standard output
    #[arg(long, help_heading = "Output")]
    json: bool,
}

/// The scores of some predictions.
struct Scored {
    /// What is scored: pairs of entities, entities or questions.
    examples: usize,
    /// Those without a prediction.
    missing: usize,
    /// Share of the examples whose labels are predicted exactly.
    accuracy: f64,
    /// The benchmark's own scores, where they are others.
    official: Option<Official>,
}

/// Scores.
pub(crate) fn run(args: &Args) -> Result<()> {
    let gold = AnswerFile::read(&args.gold)?;
    let predicted = AnswerFile::read(&args.predictions)?;
    let scored = match args.task {
        Benchmark::Relation | Benchmark::Cosmosqa => {
            exact(&label_files::paired(&gold, &predicted)?, None)
        }
        Benchmark::Tacred => {
            let pairs = label_files::paired(&gold, &predicted)?;
            let prf = classes::micro_without(&pairs, Some(NO_RELATION));
            exact(&pairs, Some(Official::of("micro-F1", prf)))
        }
        Benchmark::Semeval => directed(&label_files::by_id(&gold, &predicted)?),
        Benchmark::Openentity | Benchmark::Figer => {
            typed(args.task, &entities::typed(&gold, &predicted)?)
        }
        Benchmark::Searchqa | Benchmark::QuasarT => bail!(
            "ktrain score reads files of labels, which {} does not have: ktrain finetune scores its answers",
            args.task.name()
        ),
    };
    let text = if args.json {
        format!("{}\n", scored.json(args.task))
    } else {
        scored.table(args.task)
    };
    print(&text)?;
    Ok(())
}

fn share(right: usize, all: usize) -> f64 {
    right as f64 / all.max(1) as f64
}

fn exact(pairs: &[(&str, &str)], official: Option<Official>) -> Scored {
    let right = pairs.iter().filter(|(gold, guess)| gold == guess).count();
    Scored {
        examples: pairs.len(),
        missing: 0,
        accuracy: share(right, pairs.len()),
        official,
    }
}

fn directed(pairs: &[(&str, Option<&str>)]) -> Scored {
    let right = pairs.iter().filter(|(gold, guess)| Some(*gold) == *guess);
    let missing = pairs.iter().filter(|(_, guess)| guess.is_none());
    let prf = classes::macro_directed(pairs.iter().copied());
    Scored {
        examples: pairs.len(),
        missing: missing.count(),
        accuracy: share(right.count(), pairs.len()),
        official: Some(Official::of("official macro-F1", prf)),
    }
}

fn typed(task: Benchmark, all: &[Typed]) -> Scored {
    Scored {
        examples: all.len(),
        missing: 0,
        accuracy: labels::strict(all),
        official: official_score::typing(Some(task), all),
    }
}

impl Scored {
    fn json(&self, task: Benchmark) -> Value {
        json!({
            "task": task.name(), "examples": self.examples, "without_prediction": self.missing,
            "accuracy": self.accuracy, "official": self.official,
        })
    }

    /// A score a line, the official one first.
    fn table(&self, task: Benchmark) -> String {
        let mut scores = Vec::new();
        if let Some(official) = &self.official {
            scores.push((official.name.clone(), official.score));
            let more = official.more.iter();
            scores.extend(more.map(|(name, share)| (name.replace('_', " "), *share)));
        }
        if scores
            .first()
            .is_none_or(|(name, _)| name != "strict accuracy")
        {
            scores.push(("accuracy".to_owned(), self.accuracy));
        }
        let missing = match self.missing {
            0 => String::new(),
            missing => format!(", {} without a prediction", thousands(missing as u64)),
        };
        let examples = thousands(self.examples as u64);
        let mut text = format!("{}: {examples} examples{missing}\n", task.name());
        for (name, share) in scores {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:<20}{:>8.1}%", 100.0 * share);
        }
        text
    }
}
