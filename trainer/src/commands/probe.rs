//! `ktrain probe`: cloze queries (LAMA probe), with and without adapters.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::console::{Console, printable_lines};
use crate::data::cloze::{Candidates, Clozes};
use crate::data::text_lines::{LONGEST_TEXT, TextLines};
use crate::data::tokenizer::Vocabulary;
use crate::evaluate::person_names::Names;
use crate::files::identity::BackboneIdentity;
use crate::files::sealed;
use crate::files::weights;
use crate::libtorch::device::Precision;
use crate::model::backbone::Backbone;
use crate::model::features::FeatureExtractor;
use crate::model::mlm::Mlm;
use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use kprep_schemas::{Dataset, sha256_file, thousands};
use serde_json::{Map, Value};

use self::ask::{Queries, Ranked};
use self::report::{Learning, Report};
use self::train::TrainedHeads;
use crate::commands::computing::Computing;
use crate::commands::flags::{BackboneFlag, Printing, checksums};
use crate::commands::print::print;

mod ask;
mod folder;
mod report;
mod text;
mod train;

/// The most words that a list of candidates may have: each has a score for each fact.
const MOST_CANDIDATES: usize = 1 << 20;

/// The flags.
#[derive(clap::Args)]
#[command(mut_arg("precision", |precision| precision.default_value("auto")))]
pub(crate) struct Args {
    /// Folder of a dataset of cloze queries, from `kprep task lama`
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    data: PathBuf,
    /// Folder of an adapter that was trained on this backbone, with a name for the tables; may be
    /// repeated
    #[arg(long, value_name = "[NAME=]DIR", help_heading = "Input")]
    adapter: Vec<String>,
    /// Text for the training of the MLM heads: a file with a text a line (of at most 1 MiB), or a
    /// dataset of kprep; may be repeated [default: no training, the backbone's own MLM head]
    #[arg(long, value_name = "FILE|DIR", help_heading = "Input")]
    text: Vec<PathBuf>,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// Candidate words, one a line, at most 1,048,576 [default: every word that is one token]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    vocabulary: Option<PathBuf>,
    /// Text of a fact that is the query
    #[arg(long, value_enum, default_value_t = Source::Template, help_heading = "Input")]
    source: Source,
    /// Leave out facts whose person's name reveals the object to the checkpoint in this folder, as
    /// LAMA-UHN's second filter does with bert-base-cased; the first is `kprep task lama --uhn`
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    uhn_names: Option<PathBuf>,
    /// Folder for the tables and the MLM heads
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "runs/probe",
        help_heading = "Output"
    )]
    out: PathBuf,
    /// Continue an unfinished training from its last checkpoint
    #[arg(long, help_heading = "Output")]
    resume: bool,
    /// Replace a probe in the output folder
    #[arg(long, conflicts_with = "resume", help_heading = "Output")]
    overwrite: bool,
    #[command(flatten)]
    printing: Printing,
    /// Passes over the text
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Training")]
    epochs: u64,
    /// Lines a step
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1024,
        help_heading = "Training"
    )]
    batch_size: usize,
    /// Peak learning rate
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 1e-3,
        help_heading = "Training"
    )]
    lr: f64,
    /// Steps of linear warm-up; then the rate falls linearly to 0
    #[arg(
        long,
        value_name = "STEPS",
        default_value_t = 0,
        help_heading = "Training"
    )]
    warmup_steps: u64,
    /// Stop after this number of steps [default: no limit]
    #[arg(
        long,
        value_name = "STEPS",
        default_value_t = 0,
        hide_default_value = true,
        help_heading = "Training"
    )]
    max_steps: u64,
    /// Truncate longer lines of the text to this number of tokens
    /// [default: 512, or the longest input of the backbone]
    #[arg(long, value_name = "TOKENS", help_heading = "Training")]
    max_length: Option<usize>,
    /// Seed of the initial values, the masks and the order of the data
    #[arg(long, default_value_t = 42, help_heading = "Training")]
    seed: u64,
    #[command(flatten)]
    pub(super) computing: Computing,
    /// Steps between checkpoints, besides one after each epoch; 0: only those
    #[arg(
        long,
        value_name = "STEPS",
        default_value_t = 200,
        help_heading = "Advanced"
    )]
    save_every: u64,
}

/// Which of a fact's texts is the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Source {
    /// The relation's template, filled with the subject.
    Template,
    /// A sentence of a text that states the fact.
    Evidence,
}

impl Source {
    /// Its name in datasets and files.
    fn name(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Evidence => "evidence",
        }
    }
}

/// Probes.
pub(crate) fn run(args: &Args) -> Result<()> {
    let adapters = args.adapters()?;
    let dataset = Dataset::open(&args.data).with_context(|| args.data.display().to_string())?;
    let _lock = args.claim()?;
    let facts = args.facts(&dataset)?;
    if args.is_finished(&facts, &adapters)? {
        return Ok(());
    }
    let console = args.console();
    let (device, precision) = args.computing.start(console)?;
    let dir = args.backbone.dir();
    let backbone = Backbone::load(&dir, device, precision.kind())?;
    let before = backbone.checksum()?;
    let encoder = encoder(&dir, backbone, precision, &adapters)?;
    let vocabulary = Vocabulary::load(&dir)?;
    let candidates = candidates(args.vocabulary.as_deref(), &vocabulary)?;
    let dirs = args.uhn_names.as_ref();
    let known = dirs.map(|dir| Names::ask(dir, &dataset, device, console));
    let clozes = Clozes::read(
        &dataset,
        args.source.name(),
        &vocabulary,
        &candidates,
        known.transpose()?.as_ref(),
        encoder.max_length(),
    )?;
    args.put_aside()?;
    let queries = Queries {
        encoder: &encoder,
        clozes: &clozes,
        candidates: &candidates,
        console,
    };
    let answers = if args.text.is_empty() {
        let shipped = Mlm::shipped(&dir, encoder.backbone_model())?;
        let ranked = queries.rank(&shipped, &[], || Ok(()))?;
        args.remove_replaced()?;
        Answers {
            models: vec![ranked.named("backbone", None)],
            ..Answers::default()
        }
    } else {
        let names: Vec<&str> = adapters.iter().map(|(name, _)| name.as_str()).collect();
        let trained = args.train(&encoder, &vocabulary, &names, precision)?;
        args.remove_replaced()?;
        args.ask(&queries, trained)?
    };
    ensure!(
        encoder.backbone_model().checksum()? == before,
        "the backbone's parameters changed, which is a bug of ktrain"
    );
    let learning = Learning {
        facts,
        settings: answers.settings,
    };
    let report = Report::new(&queries, &answers.models, learning, answers.files);
    args.write(&report)?;
    args.clean()?; // its MLM heads and tables are on disk
    args.print(&report)
}

/// The backbone in a folder, with adapters beside it.
fn encoder(
    dir: &Path,
    backbone: Backbone,
    precision: Precision,
    adapters: &[(String, PathBuf)],
) -> Result<FeatureExtractor> {
    let identity = BackboneIdentity::new(dir, backbone.config(), &checksums(dir)?)?;
    let mut encoder = FeatureExtractor::new(backbone, identity, precision.kind());
    for (_, adapter) in adapters {
        encoder.add(adapter)?;
    }
    Ok(encoder)
}

/// What the models say, and the MLM heads that were trained for it.
#[derive(Default)]
struct Answers {
    models: Vec<Ranked>,
    /// SHA-256 of the heads' files, by name.
    files: BTreeMap<String, String>,
    /// What the heads are a function of.
    settings: Option<Map<String, Value>>,
}

impl Args {
    /// The adapters with their names, if the flags agree.
    fn adapters(&self) -> Result<Vec<(String, PathBuf)>> {
        ensure!(self.batch_size > 0, "--batch-size must be at least 1");
        ensure!(self.epochs > 0, "--epochs must be at least 1");
        let adapters = adapters(&self.adapter)?;
        ensure!(
            adapters.is_empty() || !self.text.is_empty(),
            "the backbone's own MLM head cannot read adapters: give --text to train MLM heads that can"
        );
        Ok(adapters)
    }

    /// Ranks the candidates by each head, and writes the head.
    fn ask(&self, queries: &Queries, trained: TrainedHeads) -> Result<Answers> {
        let mut answers = Answers::default();
        for (head, held_out) in trained.heads.iter().zip(&trained.held_out) {
            let ranked = queries.rank(head.mlm(), &head.adapters, || trained.check_stop())?;
            answers.models.push(ranked.named(&head.name, *held_out));
            let name = folder::head_file(&head.name);
            let path = self.out.join(&name);
            weights::write(&path, &head.params.complete(), &[])?;
            answers.files.insert(name, sha256_file(&path)?);
        }
        answers.settings = Some(trained.settings);
        Ok(answers)
    }

    fn console(&self) -> Console {
        self.printing.console()
    }

    /// Writes the tables, and last what says that the probe is complete.
    fn write(&self, report: &Report) -> Result<()> {
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let markdown = printable_lines(&report.markdown());
        weights::write_atomically(&self.out.join(folder::TABLES), markdown.as_bytes())?;
        let path = self.out.join(folder::DONE);
        Ok(weights::write_atomically(
            &path,
            &sealed::seal(&path, report)?,
        )?)
    }

    fn print(&self, report: &Report) -> Result<()> {
        let console = self.console();
        console.say(&report.summary());
        console.say(&format!("tables in {}", self.out.display()));
        if self.printing.json {
            print(&format!("{}\n", serde_json::to_string(report)?))?;
        }
        Ok(())
    }
}

/// The adapters with their names: `NAME=DIR`, or the folder's own name.
fn adapters(given: &[String]) -> Result<Vec<(String, PathBuf)>> {
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    for adapter in given {
        let own_name = || {
            let name = Path::new(adapter).file_name().unwrap_or_default();
            (name.to_string_lossy().into_owned(), adapter.as_str())
        };
        let named = adapter.split_once('=');
        let (name, dir) = named.map_or_else(own_name, |(name, dir)| (name.to_owned(), dir));
        let taken = name == "backbone" || all.iter().any(|(other, _)| *other == name);
        if taken || name.is_empty() || name.contains(['/', '+']) {
            bail!("--adapter {adapter}: give it a name of its own, as NAME={dir}");
        }
        all.push((name, dir.into()));
    }
    Ok(all)
}

fn candidates(file: Option<&Path>, vocabulary: &Vocabulary) -> Result<Candidates> {
    let Some(path) = file else {
        let words = vocabulary.whole_words();
        return Ok(Candidates::new(
            words.iter().map(String::as_str),
            vocabulary,
        ));
    };
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut lines = TextLines::new(BufReader::new(file), path, LONGEST_TEXT);
    let mut words = Vec::new();
    while let Some(line) = lines.next_text()? {
        words.extend(Some(line.trim().to_owned()).filter(|word| !word.is_empty()));
        ensure!(
            words.len() <= MOST_CANDIDATES,
            "{}: more than {} words, expected a list of candidate words",
            path.display(),
            thousands(MOST_CANDIDATES as u64)
        );
    }
    Ok(Candidates::new(
        words.iter().map(String::as_str),
        vocabulary,
    ))
}
