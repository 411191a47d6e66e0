//! `ktrain predict`: what fine-tuned models make of sentences.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use ktrain::device::{self, Precision};
use ktrain::marked::{self, Marked};
use ktrain::predictor::{Guess, Predictor};
use ktrain::talk::Talk;
use serde_json::{Value, json};

use crate::flags::{named, use_threads};

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a model that ktrain finetune made; may be repeated
    #[arg(long, value_name = "DIR", required = true)]
    model: Vec<PathBuf>,
    /// Text, one sentence a line; - is the standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Labels of each sentence
    #[arg(long, value_name = "N", default_value_t = 3)]
    top: usize,
    /// Print a JSON object a sentence
    #[arg(long)]
    json: bool,
    /// Sentences computed together
    #[arg(long, value_name = "N", default_value_t = 32)]
    batch_size: usize,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Of the matrix products: auto, fp32 or bf16
    #[arg(long, default_value = "fp32", value_parser = named::<Precision>)]
    precision: Precision,
    /// Threads of the CPU [default: all]
    #[arg(long)]
    threads: Option<usize>,
    /// Say nothing but errors
    #[arg(long)]
    quiet: bool,
}

/// What a model says of a sentence, if it can read it.
type Guesses = Option<Vec<Guess>>;

/// Predicts.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.batch_size > 0, "--batch-size must be at least 1");
    ensure!(args.top > 0, "--top must be at least 1");
    let device = device::open(&args.device)?;
    use_threads(args.threads)?;
    let load = |dir: &PathBuf| Predictor::load(dir, device, args.precision);
    let models = args.model.iter().map(load);
    let models = models.collect::<ktrain::Result<Vec<Predictor>>>()?;
    let needed = models.iter().map(Predictor::entities).max();
    let sentences = read(&args.input, needed.unwrap_or(0))?;
    let mut out = io::stdout().lock();
    let mut too_long = 0;
    for sentences in sentences.chunks(args.batch_size) {
        let all = models
            .iter()
            .map(|model| model.predict(sentences, args.top));
        let all = all.collect::<ktrain::Result<Vec<Vec<Guesses>>>>()?;
        for (i, sentence) in sentences.iter().enumerate() {
            let all: Vec<(&Path, &Predictor, &Guesses)> = args
                .model
                .iter()
                .zip(&models)
                .zip(&all)
                .map(|((dir, model), guesses)| (dir.as_path(), model, &guesses[i]))
                .collect();
            too_long += usize::from(all.iter().any(|(_, _, guesses)| guesses.is_none()));
            let text = if args.json {
                format!("{}\n", in_json(sentence, &all))
            } else {
                in_words(sentence, &all)
            };
            out.write_all(text.as_bytes())?;
        }
    }
    let talk = Talk { quiet: args.quiet };
    talk.say(&format!(
        "{} sentences; in {too_long} an entity lies beyond the longest input of a model",
        sentences.len()
    ));
    Ok(())
}

fn read(path: &Path, needed: usize) -> Result<Vec<Marked>> {
    if path == Path::new("-") {
        return Ok(marked::read(io::stdin().lock(), path, needed)?);
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(marked::read(BufReader::new(file), path, needed)?)
}

fn in_json(sentence: &Marked, all: &[(&Path, &Predictor, &Guesses)]) -> Value {
    let models = all.iter().map(|(dir, model, guesses)| {
        let labels = guesses.as_ref().map(|guesses| {
            let label = |guess: &Guess| {
                json!({"label": model.names[guess.class], "probability": guess.probability, "logit": guess.logit})
            };
            guesses.iter().map(label).collect::<Vec<Value>>()
        });
        json!({"model": dir.display().to_string(), "labels": labels})
    });
    json!({"line": sentence.number, "text": sentence.line, "models": models.collect::<Vec<Value>>()})
}

/// A column a model.
fn in_words(sentence: &Marked, all: &[(&Path, &Predictor, &Guesses)]) -> String {
    let columns: Vec<Vec<String>> = all
        .iter()
        .map(|(dir, model, guesses)| {
            let mut lines = vec![dir.display().to_string()];
            match guesses {
                Some(guesses) => lines.extend(guesses.iter().map(|guess| {
                    let name = &model.names[guess.class];
                    format!(
                        "{name}  {:.1}%  {:.2}",
                        100.0 * guess.probability,
                        guess.logit
                    )
                })),
                None => lines.push(format!(
                    "too long: an entity lies beyond {} pieces",
                    model.max_length()
                )),
            }
            lines
        })
        .collect();
    let width = |column: &Vec<String>| column.iter().map(|line| line.chars().count()).max();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut text = format!("{}\n", sentence.line);
    for row in 0..rows {
        let mut line = String::new();
        for column in &columns {
            let cell = column.get(row).map_or("", String::as_str);
            let width = width(column).unwrap_or(0);
            let _ = write!(line, "  {cell:width$}"); // writing to a String cannot fail
        }
        text += line.trim_end();
        text.push('\n');
    }
    text.push('\n');
    text
}
