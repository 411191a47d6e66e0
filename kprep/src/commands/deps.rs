//! `kprep deps`: dependency parses to a set of head indexes.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use kprep_parse::{Choice, Format, HeadSet, Loss, Sentence, Structure};
use kprep_schemas::{DatasetWriter, GroupBy, HeadExample, OutputDir, Provenance, languages};
use serde_json::{Map, Value, json};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
use crate::flags::BuildFlags;
use crate::sources::deps::read::{Part, Source};
use crate::sources::deps::sample::Sample;
use crate::sources::deps::{SUFFIXES, WANTED};

use crate::sources::deps::card;

/// Build a dependency set from the output of parsers and from treebanks.
///
/// Example: kprep deps parses/ --max-examples 1000000 --out data/deps
///
/// Reads CoNLL-U, CoNLL-X (also 2006, 2007), CoNLL-2008, CoNLL-2009, the `conll`, `xml`, `json` and
/// `text` output of CoreNLP, and typed dependencies as the Stanford Parser prints them, from files,
/// folders, zip archives and the standard input, compressed or not; the format is detected from the
/// content. A row is a sentence with the head of each word. Words to which the parse gives no head
/// stay, with head -1; a sentence whose heads do not form a tree is dropped. A row with more
/// columns than its format has is malformed, unless they are empty and at its end. Sentences of a
/// treebank without its text, whose words are all `_`, are counted under their own reason.
///
/// Basic dependencies are trees, and are taken where a file has several kinds. Collapsed and
/// enhanced ones are not: a file that has only these is refused, unless --allow-non-tree.
///
/// A sentence of more than 4 MB is lost as malformed.
///
/// Memory: a few megabytes a thread, a row group (32,768 sentences) a split as packed pages, and 21
/// bytes at most for each distinct sentence unless --keep-duplicates, and 16 for each distinct sentence
/// and document of a split, to count what the splits share.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all *.conllu, *.conllx, *.conll, *.xml, *.json, *.jsonl, *.out and *.stp in them),
    /// zip archives of such files, or - for the standard input
    #[arg(value_name = "INPUT", required = true, help_heading = "Input")]
    inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/deps",
        help_heading = "Output"
    )]
    out: PathBuf,

    /// Format of the inputs [default: detected from the content]
    #[arg(long, value_parser = formats(), help_heading = "Input")]
    format: Option<Format>,

    /// Language of the sentences, as an ISO 639 code, for card and manifest: parses do not say it,
    /// and no row depends on it
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = language, help_heading = "Input")]
    language: String,

    /// The group that is never divided between splits
    #[arg(long, value_enum, default_value_t = SplitBy::Sentence, help_heading = "Splits")]
    split_by: SplitBy,

    /// Leave out sentences with fewer words
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Rows")]
    min_words: usize,

    /// Leave out sentences with more words [default: no limit]
    #[arg(long, value_name = "N", help_heading = "Rows")]
    max_words: Option<usize>,

    /// Keep at most N sentences: a uniform sample of all, by a hash of their words and the seed. The
    /// sample is held in memory, about 1.3 KB a sentence
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Rows")]
    max_examples: Option<u64>,

    /// Keep sentences with the same words as an earlier one
    #[arg(long, help_heading = "Rows")]
    keep_duplicates: bool,

    /// Lower-case the words
    #[arg(long, help_heading = "Rows")]
    lowercase: bool,

    /// Undo the Penn Treebank's escapes: -LRB- becomes a bracket, two backticks a quotation mark
    #[arg(long, help_heading = "Rows")]
    unescape: bool,

    /// Take sentences whose heads form no tree, too: circles, several roots, heads without a head.
    /// Where a file has only collapsed or enhanced dependencies, these count; of several heads of a
    /// word the first one does, and the others are counted
    #[arg(long, help_heading = "Rows")]
    allow_non_tree: bool,

    /// Read only the first N sentences
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Advanced")]
    limit: Option<u64>,

    #[command(flatten)]
    build: BuildFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitBy {
    /// All copies of a sentence stay together
    Sentence,
    /// All sentences of a document stay together
    Document,
}

/// The formats by their names; `Format` itself knows nothing of command lines.
fn formats() -> impl TypedValueParser<Value = Format> {
    let names = PossibleValuesParser::new(Format::ALL.map(Format::name));
    names.try_map(|name| Format::named(&name).ok_or("no such format"))
}

/// The code of a language that the card can tell.
fn language(tag: &str) -> Result<String, &'static str> {
    let code = languages([tag]).pop();
    code.ok_or("expected a language by its ISO 639 code, like en or de")
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
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let inputs = inputs::find(&args.inputs, &SUFFIXES, &args.out, args.build.run.quiet)?;
    let progress = Progress::start("deps", inputs::total_bytes(&inputs), args.build.run.quiet);
    let source = Source {
        inputs: &inputs,
        suffixes: &SUFFIXES,
        format: args.format,
        structure: args.structure(),
        threads: args.build.run.threads(),
        read: &progress.read,
    };

    let mut build = Build {
        set: HeadSet::new(args.choice(), args.build.splitter(), args.split_by.into()),
        sample: args.max_examples.map(Sample::new),
        writer: DatasetWriter::create(out, Vec::new())?,
        errors: Errors::new(args.build.errors.max_errors, args.build.run.quiet),
        passed_over: Vec::new(),
        limit: args.limit.unwrap_or(u64::MAX),
    };
    source.parts(|part| {
        let more = build.add(part)?;
        let lost = build.set.lost_count();
        progress.lost.store(lost, Ordering::Relaxed);
        Ok(more)
    })?;
    build.write_sample()?;
    let Build {
        set,
        writer,
        errors,
        passed_over,
        ..
    } = build;
    if !args.build.run.quiet {
        inputs::tell_passed_over(&passed_over);
    }
    let read_whole = args.limit.is_none_or(|limit| set.read_count() < limit);
    let funnel = set.funnel();
    if funnel.kept() == 0 {
        let advice = if set.lost(Loss::NotBasic) > 0 {
            "collapsed and enhanced dependencies are no tree: have the parser write the basic ones (CoreNLP: \
             -outputFormat conllu; lexparser: -outputFormatOptions basicDependencies), or take them as they are \
             with --allow-non-tree\n"
        } else if set.lost(Loss::NoWords) > 0 {
            "the treebank comes without its text: underscores stand for its words. Fill them in as its publisher \
             says (its README names the source and the script), and read the result\n"
        } else {
            ""
        };
        let looks = if advice.is_empty() {
            inputs::looks(&inputs, &WANTED)
        } else {
            String::new()
        };
        bail!("no sentence of the inputs is left:\n{funnel}{advice}{looks}");
    }

    let provenance = Provenance {
        command: "deps",
        arguments: args.describe(),
        seed: args.build.seed(),
        split_by: args.split_by.into(),
        inputs: inputs::described(&inputs, read_whole)?,
        funnel,
    };
    let manifest = writer.finish(provenance, &card::card(args.allow_non_tree, &args.language))?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}

/// What the sentences flow into.
struct Build {
    set: HeadSet,
    /// What is kept, where not all of it is.
    sample: Option<Sample>,
    writer: DatasetWriter<HeadExample>,
    errors: Errors,
    /// Files in archives that are not read.
    passed_over: Vec<String>,
    /// Sentences to read at most.
    limit: u64,
}

impl Build {
    fn add(&mut self, part: Part) -> Result<ControlFlow<()>> {
        match part {
            Part::Start { source, doc_id } => self.set.start_input(source, doc_id),
            Part::PassedOver(name) => self.passed_over.push(name),
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

    /// Writes the sample, in the order of the inputs.
    fn write_sample(&mut self) -> Result<()> {
        for row in self.sample.take().map(Sample::rows).into_iter().flatten() {
            self.writer.push(row.split, row.row)?;
        }
        Ok(())
    }

    fn add_sentence(&mut self, sentence: kprep_parse::Result<Sentence>) -> Result<()> {
        match sentence {
            Ok(sentence) => {
                let Some(row) = self.set.add(sentence) else {
                    return Ok(());
                };
                match &mut self.sample {
                    None => self.writer.push(row.split, row.row)?,
                    Some(sample) => {
                        if sample.add(row) {
                            self.set.leave_out();
                        }
                    }
                }
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
    fn structure(&self) -> Structure {
        if self.allow_non_tree {
            Structure::Any
        } else {
            Structure::Tree
        }
    }

    fn choice(&self) -> Choice {
        Choice {
            min_words: self.min_words,
            max_words: self.max_words.unwrap_or(usize::MAX),
            lowercase: self.lowercase,
            unescape: self.unescape,
            keep_duplicates: self.keep_duplicates,
        }
    }

    /// The arguments that shape the dataset.
    fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "min-words": self.min_words,
            "max-words": self.max_words,
            "max-examples": self.max_examples,
            "keep-duplicates": self.keep_duplicates,
            "lowercase": self.lowercase,
            "unescape": self.unescape,
            "language": self.language,
            "format": self.format.map(Format::name),
            "allow-non-tree": self.allow_non_tree,
            "validation-percent": self.build.split.validation_percent,
            "test-percent": self.build.split.test_percent,
            "limit": self.limit,
            "max-errors": self.build.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
