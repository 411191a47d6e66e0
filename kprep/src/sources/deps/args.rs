//! The arguments of `kprep deps`.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use kprep_parse::{Choice, Format, Structure};
use kprep_schemas::{GroupBy, languages};
use serde_json::{Map, Value, json};

use crate::flags::BuildFlags;

/// Build a dependency dataset from the output of parsers and from treebanks.
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
/// bytes at most for each distinct sentence unless --keep-duplicates, and 16 for each distinct
/// sentence and document of a split, to count what the splits share.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all *.conllu, *.conllx, *.conll, *.xml, *.json, *.jsonl, *.out and *.stp in
    /// them), zip archives of such files, or - for the standard input
    #[arg(value_name = "INPUT", required = true, help_heading = "Input")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/deps",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Format of the inputs [default: detected from the content]
    #[arg(long, value_parser = formats(), help_heading = "Input")]
    pub(crate) format: Option<Format>,

    /// Language of the sentences, as an ISO 639 code, for card and manifest: parses do not say it,
    /// and no row depends on it
    #[arg(long, value_name = "LANG", default_value = "en", value_parser = language, help_heading = "Input")]
    pub(crate) language: String,

    /// The group that is never divided between splits
    #[arg(long, value_enum, default_value_t = SplitBy::Sentence, help_heading = "Splits")]
    pub(crate) split_by: SplitBy,

    /// Leave out sentences with fewer words
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Rows")]
    pub(crate) min_words: usize,

    /// Leave out sentences with more words [default: no limit]
    #[arg(long, value_name = "N", help_heading = "Rows")]
    pub(crate) max_words: Option<usize>,

    /// Keep at most N sentences: a uniform sample of all, by a hash of their words and the seed.
    /// The sample is held in memory, about 1.3 KB a sentence
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Rows")]
    pub(crate) max_examples: Option<u64>,

    /// Keep sentences with the same words as an earlier one
    #[arg(long, help_heading = "Rows")]
    pub(crate) keep_duplicates: bool,

    /// Lower-case the words
    #[arg(long, help_heading = "Rows")]
    pub(crate) lowercase: bool,

    /// Undo the Penn Treebank's escapes: -LRB- becomes a bracket, two backticks a quotation mark
    #[arg(long, help_heading = "Rows")]
    pub(crate) unescape: bool,

    /// Take sentences whose heads form no tree, too: circles, several roots, heads without a head.
    /// Where a file has only collapsed or enhanced dependencies, these count; of several heads of a
    /// word the first one does, and the others are counted
    #[arg(long, help_heading = "Rows")]
    pub(crate) allow_non_tree: bool,

    /// Read only the first N sentences
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Advanced")]
    pub(crate) limit: Option<u64>,

    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
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

impl Args {
    pub(crate) fn structure(&self) -> Structure {
        if self.allow_non_tree {
            Structure::Any
        } else {
            Structure::Tree
        }
    }

    pub(crate) fn choice(&self) -> Choice {
        Choice {
            min_words: self.min_words,
            max_words: self.max_words.unwrap_or(usize::MAX),
            lowercase: self.lowercase,
            unescape: self.unescape,
            keep_duplicates: self.keep_duplicates,
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
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
