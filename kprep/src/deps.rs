//! `kprep deps`: dependency parses to a set of head indexes.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use kprep_ingest::Input;
use kprep_parse::{Format, HeadSet, Loss, Sentence};
use kprep_schemas::{DatasetWriter, GroupBy, HeadExample, Provenance, check_free};
use serde_json::{Map, Value, json};

use self::read::{Part, Source};
use crate::args::BuildArgs;
use crate::errors::Errors;
use crate::progress::Progress;
use crate::{inputs, summary};

mod card;
mod read;

/// What the files of a folder or archive are called, before the suffix of a compression.
const SUFFIXES: [&str; 5] = [".conllu", ".conllx", ".conll", ".xml", ".json"];

/// Build a dependency set from the output of parsers and from treebanks.
///
/// Reads CoNLL-U, CoNLL-X (also 2006, 2007), CoNLL-2008, CoNLL-2009 and the `conll`, `xml` and `json`
/// output of CoreNLP, told apart by their content, from files, folders and zip archives, compressed
/// or not. A row is a sentence with the
/// head of each word. Words to which the parse gives no head stay, with head -1; a sentence whose
/// heads do not form a tree is dropped.
///
/// Memory: a few megabytes a thread, and a row group (32,768 sentences) a split as packed pages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all *.conllu, *.conllx, *.conll, *.xml and *.json in them) or zip archives of such files
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(long, short, value_name = "DIR", default_value = "data/deps")]
    out: PathBuf,

    /// The format of the inputs [default: what their content says]
    #[arg(long, value_enum)]
    format: Option<FormatName>,

    /// What a split never cuts
    #[arg(long, value_enum, default_value_t = SplitBy::Sentence)]
    split_by: SplitBy,

    /// Read only the first N sentences
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,

    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitBy {
    /// All copies of a sentence stay together
    Sentence,
    /// All sentences of a document stay together
    Document,
}

/// A format as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatName {
    /// CoNLL-U
    Conllu,
    /// CoNLL-X, 2006, 2007
    Conllx,
    /// CoNLL-2008
    #[value(name = "conll2008")]
    Conll2008,
    /// CoNLL-2009
    #[value(name = "conll2009")]
    Conll2009,
    /// CoreNLP's conll
    Corenlp,
    /// CoreNLP's XML
    CorenlpXml,
    /// CoreNLP's JSON
    CorenlpJson,
}

impl FormatName {
    fn format(self) -> Format {
        match self {
            Self::Conllu => Format::ConllU,
            Self::Conllx => Format::ConllX,
            Self::Conll2008 => Format::Conll2008,
            Self::Conll2009 => Format::Conll2009,
            Self::Corenlp => Format::CoreNlp,
            Self::CorenlpXml => Format::CoreNlpXml,
            Self::CorenlpJson => Format::CoreNlpJson,
        }
    }
}

impl From<SplitBy> for GroupBy {
    fn from(by: SplitBy) -> Self {
        match by {
            SplitBy::Sentence => Self::Sentence,
            SplitBy::Document => Self::Document,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    check_free(&args.out, args.build.overwrite)?;
    let inputs = Input::find(&args.inputs, &SUFFIXES)?;
    let progress = Progress::start("deps", inputs::total_bytes(&inputs), args.build.quiet);
    let source = Source {
        inputs: &inputs,
        suffixes: &SUFFIXES,
        format: args.format.map(FormatName::format),
        threads: args.build.threads(),
        read: &progress.read,
    };

    let mut build = Build {
        set: HeadSet::new(args.build.splitter(), args.split_by.into()),
        writer: DatasetWriter::create(&args.out, args.build.overwrite, Vec::new())?,
        errors: Errors::new(args.build.max_errors, args.build.quiet),
        limit: args.limit.unwrap_or(u64::MAX),
    };
    source.parts(|part| {
        let more = build.add(part)?;
        let lost = build.set.lost_count();
        progress.lost.store(lost, Ordering::Relaxed);
        Ok(more)
    })?;
    let Build {
        set,
        writer,
        errors,
        ..
    } = build;
    let funnel = set.funnel();
    if funnel.kept() == 0 {
        bail!("no sentence of the inputs has heads that form a tree:\n{funnel}");
    }

    let provenance = Provenance {
        command: "deps",
        arguments: args.describe(),
        seed: args.build.seed,
        split_by: args.split_by.into(),
        inputs: inputs::describe(&inputs)?,
        funnel,
    };
    let manifest = writer.finish(provenance, &card::card())?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}

/// What the sentences flow into.
struct Build {
    set: HeadSet,
    writer: DatasetWriter<HeadExample>,
    errors: Errors,
    /// Sentences to read at most.
    limit: u64,
}

impl Build {
    fn add(&mut self, part: Part) -> Result<ControlFlow<()>> {
        match part {
            Part::Start { source, doc_id } => self.set.start_input(source, doc_id),
            Part::Broken(message) => self.errors.file(&message)?,
            Part::Sentences {
                sentences,
                new_document,
            } => {
                for sentence in sentences {
                    self.add_sentence(sentence)?;
                    if self.set.read_count() == self.limit {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                if let Some(document) = new_document {
                    self.set.start_document(document);
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn add_sentence(&mut self, sentence: kprep_parse::Result<Sentence>) -> Result<()> {
        match sentence {
            Ok(sentence) => {
                let (split, row) = self.set.add(sentence);
                self.writer.push(split, row)?;
            }
            Err(error) => {
                let message = format!("{}: {error}", self.set.source());
                let Some(reject) = self.set.lose(&error) else {
                    return self.errors.file(&message);
                };
                if reject.reason == Loss::Malformed.reason() {
                    self.errors.record(&message);
                }
                self.writer.reject(&reject)?;
            }
        }
        Ok(())
    }
}

impl Args {
    /// The arguments that shape the dataset.
    fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "format": self.format.map(|format| format.format().to_string()),
            "validation": self.build.validation,
            "test": self.build.test,
            "limit": self.limit,
            "max-errors": self.build.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
