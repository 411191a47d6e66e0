//! `ktrain probe`: what a model knows without being asked to learn it (LAMA).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::data::cloze::{Candidates, Clozes};
use crate::data::text_lines::{LONGEST_TEXT, TextLines};
use crate::data::tokenizer::Vocabulary;
use crate::evaluate::person_names::Names;
use crate::files::sealed;
use crate::files::weights;
use crate::model::backbone::Backbone;
use crate::model::features::FeatureExtractor;
use crate::model::mlm::Mlm;
use crate::report::console::{Talk, printable_lines};
use crate::train::identity::BackboneIdentity;
use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::{Dataset, sha256_file, thousands};

use self::report::{Learning, Report};
use crate::commands::computing::Computing;
use crate::commands::flags::{checksums, default_backbone};
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
    /// Dataset of facts with a gap, which `kprep task lama` writes
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Words that may fill the gaps, one a line, at most 1,048,576 [default: every word that the backbone has a token for]
    #[arg(long, value_name = "FILE")]
    vocabulary: Option<PathBuf>,
    /// Folder of a Hugging Face checkpoint [default: `$KTRAIN_BACKBONE`, else what `make backbone` fetched]
    #[arg(long, value_name = "DIR")]
    backbone: Option<PathBuf>,
    /// Folder of an adapter trained on it, with a name for the tables if its own does not serve; may be
    /// repeated
    #[arg(long, value_name = "[NAME=]DIR")]
    adapter: Vec<String>,
    /// Text to train the layers that fill gaps on: a file, a text a line (of at most 1 MiB), or a dataset of kprep; may be
    /// repeated. Without it the layer counts that the backbone ships
    #[arg(long, value_name = "FILE|DIR")]
    text: Vec<PathBuf>,
    /// Leave out facts whose person's name gives the object away to the checkpoint in this folder, as
    /// LAMA-UHN's second filter does with bert-base-cased; the first one is `kprep task lama --uhn`
    #[arg(long, value_name = "DIR")]
    uhn_names: Option<PathBuf>,
    /// Which of a fact's texts to ask: template or evidence
    #[arg(long, default_value = "template")]
    source: String,
    /// Where the tables and the layers go
    #[arg(long, value_name = "DIR", default_value = "runs/probe")]
    out: PathBuf,
    /// Go on with a training that was cut off
    #[arg(long)]
    resume: bool,
    /// Replace what is there
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
    /// Steps between two checkpoints; 0 = none but after Ctrl-C
    #[arg(long, value_name = "STEPS", default_value_t = 200)]
    save_every: u64,
    /// Passes over the text
    #[arg(long, default_value_t = 2)]
    epochs: u64,
    /// Lines a step
    #[arg(long, default_value_t = 1024)]
    batch_size: usize,
    /// Highest learning rate
    #[arg(long, value_name = "RATE", default_value_t = 1e-3)]
    lr: f64,
    /// Steps over which the learning rate rises
    #[arg(long, value_name = "STEPS", default_value_t = 0)]
    warmup_steps: u64,
    /// Stop after so many steps
    #[arg(
        long,
        value_name = "STEPS",
        default_value_t = 0,
        hide_default_value = true
    )]
    max_steps: u64,
    /// Cut longer lines of the text at so many tokens [default: 512, or what the backbone reads]
    #[arg(long, value_name = "TOKENS")]
    max_length: Option<usize>,
    /// Seed of the layers' initial values, of the masks and of the order
    #[arg(long, default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    computing: Computing,
    /// Print the tables as JSON
    #[arg(long)]
    json: bool,
}

/// Probes.
pub(crate) fn run(args: &Args) -> Result<()> {
    ensure!(args.batch_size > 0, "--batch-size must be at least 1");
    ensure!(args.epochs > 0, "--epochs must be at least 1");
    ensure!(
        ["template", "evidence"].contains(&args.source.as_str()),
        "--source {}: expected template or evidence",
        args.source
    );
    let adapters = adapters(&args.adapter)?;
    let adapter_names: Vec<&str> = adapters.iter().map(|(name, _)| name.as_str()).collect();
    ensure!(
        adapters.is_empty() || !args.text.is_empty(),
        "the layer that a backbone ships cannot read adapters: give --text to train layers that can"
    );
    let dataset = Dataset::open(&args.data).with_context(|| args.data.display().to_string())?;
    let _lock = args.claim()?;
    let facts = args.facts(&dataset)?;
    if args.is_finished(&facts, &adapters)? {
        return Ok(());
    }
    let (device, precision) = args.computing.start()?;
    let (talk, kind) = (args.talk(), precision.kind());
    let dir = args.backbone.clone().unwrap_or_else(default_backbone);
    let backbone = Backbone::load(&dir, device, kind)?;
    let before = backbone.checksum()?;
    let identity = BackboneIdentity::new(&dir, backbone.config(), &checksums(&dir)?)?;
    let mut encoder = FeatureExtractor::new(backbone, identity, kind);
    for (_, adapter) in &adapters {
        encoder.add(adapter)?;
    }
    let vocabulary = Vocabulary::load(&dir)?;
    let candidates = candidates(args.vocabulary.as_deref(), &vocabulary)?;
    let longest = encoder.max_length();
    let names = args.uhn_names.as_ref();
    let names = names.map(|dir| Names::ask(dir, &dataset, device, talk));
    let clozes = Clozes::read(
        &dataset,
        &args.source,
        &vocabulary,
        &candidates,
        names.transpose()?.as_ref(),
        longest,
    )?;

    args.put_aside()?;
    let (mut models, mut settings) = (Vec::new(), None);
    let mut files = BTreeMap::new();
    if args.text.is_empty() {
        let shipped = Mlm::shipped(&dir, encoder.backbone_model())?;
        let asked = ask::ask(&encoder, &shipped, &[], &clozes, &candidates, talk, || {
            Ok(())
        })?;
        models.push(asked.named("backbone", None));
        args.remove_replaced()?;
    } else {
        let learnt = args.train(&encoder, &vocabulary, &adapter_names, precision)?;
        args.remove_replaced()?;
        for (row, held_out) in learnt.rows.iter().zip(&learnt.held_out) {
            let asked = ask::ask(
                &encoder,
                row.mlm(),
                &row.adapters,
                &clozes,
                &candidates,
                talk,
                || learnt.check_stop(),
            )?;
            models.push(asked.named(&row.name, *held_out));
            let name = folder::layer(&row.name);
            let path = args.out.join(&name);
            weights::write(&path, &row.params.complete(), &[])?;
            files.insert(name, sha256_file(&path)?);
        }
        settings = Some(learnt.settings);
    }
    ensure!(
        encoder.backbone_model().checksum()? == before,
        "the backbone's parameters changed, which is a fault of this program"
    );
    let learnt = Learning { facts, settings };
    let report = Report::new(&encoder, &clozes, &candidates, &models, learnt, files);
    args.write(&report)?;
    args.clean()?; // its layers and tables are on disk
    args.tell(&report)
}

impl Args {
    fn talk(&self) -> Talk {
        self.computing.talk()
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

    fn tell(&self, report: &Report) -> Result<()> {
        let talk = self.talk();
        talk.say(&report.summary());
        talk.say(&format!("tables in {}", self.out.display()));
        if self.json {
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
            "{}: more than {} words, expected a list of those that a fact may end in",
            path.display(),
            thousands(MOST_CANDIDATES as u64)
        );
    }
    Ok(Candidates::new(
        words.iter().map(String::as_str),
        vocabulary,
    ))
}
