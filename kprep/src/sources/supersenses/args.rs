//! The arguments of `kprep knowledge supersenses`.

use std::path::PathBuf;

use clap::ValueEnum;
use kprep_schemas::GroupBy;
use serde_json::{Map, Value, json};

use crate::flags::{BuildFlags, SplitFiles, WordNetFlags};

/// Build a dataset of words and their supersenses, as SenseBERT learns them.
///
/// Example: kprep knowledge supersenses --wordnet data/wordnet --out data/supersenses
///
/// A supersense is the lexicographer file of a sense: noun.animal, verb.motion. A row is a sentence;
/// its spans are the words and expressions that the wordnet knows, each with every supersense of the
/// lemmas that its form may be of. The longest expression counts. Where the text has universal tags,
/// NOUN and VERB say what a word is; elsewhere a word may be either, and words of closed classes (a,
/// in, he) are left out.
///
/// TEXT is a dataset of pages, of aligned pages or of dependencies, or CoNLL-U. Without TEXT and
/// --train-file, the text is the wordnet's own examples. Each of those tells the supersense of one
/// word, if it has a word of its synset once: rows of validation and test have that word
/// alone (--labels).
///
/// Gold supersenses come from STREUSLE (CoNLL-U-Lex, 19 columns) and from SemCor in Raganato's XML,
/// whose keys are read from X.gold.key.txt beside X.data.xml. --gold divides documents evenly between
/// validation and test; --train-file, --validation-file and --test-file name the split. With gold for
/// validation or test, all of TEXT is for training. Sentences of TEXT with the words of a gold one
/// are left out.
///
/// Memory: the lexicon (some 60 MB for WordNet 3.1), the keys of a file of SemCor, a row group a
/// split as packed pages, and 40 bytes a sentence for what was seen.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Datasets and CoNLL-U files [default: the wordnet's examples]
    #[arg(value_name = "TEXT", help_heading = "Input")]
    pub(crate) text: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) wordnet: WordNetFlags,

    /// STREUSLE or SemCor, for validation and test; can be repeated
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) gold: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) gold_files: SplitFiles,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/supersenses",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Parts of speech that have supersenses: 41 classes by default, 45 with all
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_values_t = [PosName::Noun, PosName::Verb],
        help_heading = "Rows"
    )]
    pub(crate) pos: Vec<PosName>,

    /// What rows of TEXT have
    #[arg(long, value_enum, default_value_t = Labels::Mixed, help_heading = "Rows")]
    pub(crate) labels: Labels,

    /// The group that is never divided between splits [default: sentence for the wordnet's examples,
    /// else document]
    #[arg(long, value_enum, help_heading = "Splits")]
    pub(crate) split_by: Option<SplitBy>,

    /// Read only the first N sentences (synsets, pages) of each TEXT
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Advanced")]
    pub(crate) limit: Option<u64>,

    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// A part of speech by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PosName {
    /// 26 supersenses
    Noun,
    /// 15 supersenses
    Verb,
    /// 3 supersenses
    Adj,
    /// 1 supersense
    Adv,
    /// All 45
    All,
}

/// What rows of the text have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Labels {
    /// In train all words with the supersenses they may have; in validation and test what the text
    /// tells, where it tells any
    Mixed,
    /// In all splits all words with the supersenses they may have
    Allowed,
    /// In all splits what the text tells
    Gold,
}

/// The group that is never divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// All rows of a sentence stay together
    Sentence,
    /// All rows of a document stay together: of an example, its synset
    Document,
}

/// Letters of parts of speech, each once, in the order of their tables.
pub(crate) fn letters(names: &[PosName]) -> Vec<char> {
    let has = |name| names.contains(&name) || names.contains(&PosName::All);
    let all = [
        (PosName::Noun, 'n'),
        (PosName::Verb, 'v'),
        (PosName::Adj, 'a'),
        (PosName::Adv, 'r'),
    ];
    let chosen = all.into_iter().filter(|&(name, _)| has(name));
    chosen.map(|(_, letter)| letter).collect()
}

impl Args {
    pub(crate) fn pos(&self) -> Vec<char> {
        letters(&self.pos)
    }

    /// Whether the text is the wordnet's examples.
    pub(crate) fn reads_examples(&self) -> bool {
        self.text.is_empty() && self.gold_files.train.is_empty()
    }

    /// Whether validation and test are gold alone.
    pub(crate) fn has_gold_splits(&self) -> bool {
        let [_, validation, test] = self.gold_files.by_split();
        !(self.gold.is_empty() && validation.is_empty() && test.is_empty())
    }

    pub(crate) fn group_by(&self) -> GroupBy {
        match self.split_by {
            Some(SplitBy::Sentence) => GroupBy::Sentence,
            None if self.reads_examples() => GroupBy::Sentence,
            Some(SplitBy::Document) | None => GroupBy::Document,
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let pos: String = self.pos().into_iter().collect();
        let arguments = json!({
            "examples": self.reads_examples(),
            "pos": pos,
            "labels": format!("{:?}", self.labels).to_lowercase(),
            "gold": self.gold.len(),
            "limit": self.limit,
            "validation-percent": self.build.split.validation_percent,
            "test-percent": self.build.split.test_percent,
            "max-errors": self.build.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
