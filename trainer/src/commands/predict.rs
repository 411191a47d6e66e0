//! `ktrain predict`: the predictions of fine-tuned models for sentences and questions.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use crate::data::entity_markers;
use crate::data::questions::{self, NumberedQuestion, Parse};
use crate::tasks::predictor::{self, AnyPredictor};
use anyhow::{Context, Result, ensure};

use self::input::{Input, Named};
use crate::commands::computing::Computing;
use crate::commands::flags::{BackboneFlag, Printing};
use crate::commands::print::print;

mod choices;
mod input;
mod pairs;
mod paragraphs;
mod sentences;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a model that ktrain finetune made, or of an adapter trained on relations or pairs;
    /// may be repeated
    #[arg(long, value_name = "DIR", required = true, help_heading = "Input")]
    model: Vec<PathBuf>,
    /// Sentences, questions or pairs, one a line; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    input: PathBuf,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// Labels of each sentence or pair, or answers to each question
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Output")]
    top: usize,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    pub(super) computing: Computing,
    /// Sentences, multiple-choice questions or paragraphs computed together
    #[arg(
        long,
        value_name = "N",
        default_value_t = 32,
        help_heading = "Hardware"
    )]
    batch_size: usize,
}

/// Predicts.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.batch_size > 0, "--batch-size must be at least 1");
    ensure!(args.top > 0, "--top must be at least 1");
    let (device, precision) = args.computing.start(args.printing.console())?;
    let mut models = Vec::new();
    for dir in &args.model {
        let backbone = || args.backbone.identity();
        let model = predictor::load(dir, backbone, device, precision, args.batch_size)?;
        models.push((dir.display().to_string(), model));
    }
    check_agreement(&models)?;
    let (mut sentences, mut choices, mut paragraphs) = (Vec::new(), Vec::new(), Vec::new());
    let mut pairs = Vec::new();
    let mut entities = 0;
    for (name, model) in models {
        match model {
            AnyPredictor::Sentences(needed, model) => {
                entities = needed.max(entities);
                sentences.push(Named { name, model });
            }
            AnyPredictor::Choices(model) => choices.push(Named { name, model }),
            AnyPredictor::Paragraphs(model) => paragraphs.push(Named { name, model }),
            AnyPredictor::Pairs(model) => pairs.push(Named { name, model }),
        }
    }
    // All read the same, so that one of them alone has models.
    if !sentences.is_empty() {
        let path = &args.input;
        let all = entity_markers::read(open(path)?, path, entities)?;
        predict(args, &sentences, all.into_iter().map(Ok))?;
    }
    if !choices.is_empty() {
        ask(args, &choices, questions::choice)?;
    }
    if !paragraphs.is_empty() {
        ask(args, &paragraphs, questions::in_paragraphs)?;
    }
    if !pairs.is_empty() {
        ask(args, &pairs, questions::pair)?;
    }
    Ok(())
}

/// Refuses models that read different inputs.
fn check_agreement(models: &[(String, AnyPredictor)]) -> Result<()> {
    let (first, others) = models.split_first().context("expected a model")?;
    let reads = first.1.reads();
    for (name, other) in others {
        let others = other.reads();
        ensure!(
            others == reads,
            "{} reads {reads}, but {name} reads {others}: the models of one call must read the same",
            first.0
        );
    }
    Ok(())
}

fn open(path: &Path) -> Result<Box<dyn BufRead>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Box::new(BufReader::new(file)))
}

fn ask<Q>(args: &Args, models: &[Named<NumberedQuestion<Q>>], parse: Parse<Q>) -> Result<()>
where
    NumberedQuestion<Q>: Input,
{
    let path = &args.input;
    predict(args, models, questions::read(open(path)?, path, parse))
}

/// Predicts and prints one batch of inputs after the other.
fn predict<I: Input>(
    args: &Args,
    models: &[Named<I>],
    mut inputs: impl Iterator<Item = crate::Result<I>>,
) -> Result<()> {
    let (mut all, mut cut, mut too_long) = (0, 0, 0);
    loop {
        let some = inputs.by_ref().take(args.batch_size);
        let some = some.collect::<crate::Result<Vec<I>>>()?;
        if some.is_empty() {
            break;
        }
        let mut said = Vec::new();
        for named in models {
            said.push(named.model.predict(&some, args.top)?);
        }
        for (i, one) in some.iter().enumerate() {
            let said: Vec<_> = said.iter().map(|said| &said[i]).collect();
            cut += usize::from(said.iter().any(|said| said.cut > 0));
            too_long += usize::from(said.iter().any(|said| said.guesses.is_none()));
            let text = if args.printing.json {
                format!("{}\n", input::in_json(one, models, &said))
            } else {
                input::in_words(one, models, &said)
            };
            if !print(&text)? {
                return Ok(()); // nobody reads the rest
            }
        }
        all += some.len();
    }
    args.printing.console().say(&format!(
        "{}: {all} read, {cut} cut at the longest input of a model, {too_long} too long for a model",
        I::NAME
    ));
    Ok(())
}
