//! The arguments of `kprep knowledge links`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use kprep_schemas::GroupBy;
use serde_json::{Map, Value, json};

use crate::flags::{BuildFlags, SplitFiles};
use crate::sources::supersenses::args::{PosName, SplitBy, letters};

/// Build a dataset of mentions and what they mean, as KnowBERT and ERNIE learn it.
///
/// Example: kprep knowledge links --wordnet data/wordnet --out data/senses
///
/// With --wordnet (KnowBERT-WordNet) a row is an example of a synset that has one of its words
/// once, or a sentence of SemCor (TEXT, in Raganato's XML; its keys are read from X.gold.key.txt
/// beside X.data.xml). Candidates are the senses of the lemma in the wordnet's order; the prior of
/// each is its tag count and one, over the sum of these. Entities are synsets, described by their
/// definitions alone: the examples are the text.
///
/// --target hypernym asks for the kind of the sense: its synset and those of the candidates are replaced
/// by their direct hypernyms (of an instance, by what it is an instance of; a synset without one stays),
/// those that are the same are merged, and their priors added. The prior of a candidate with several
/// hypernyms is divided among them; a word whose sense has several is lost. This is our reading of
/// "hypernym linking", as K-Adapter's paper calls KnowBERT's objective; KnowBERT links senses.
///
/// With --aligned and --wikidata (KnowBERT-Wiki) a row is a sentence of a page, with its links.
/// Candidates are the items that links with the same text mean in the pages of the training split,
/// or those of --priors, by how often. For each link at most --max-none other spans that have
/// candidates are taken, which mean none of them. --candidates none (ERNIE) leaves out candidates and
/// such spans: the task is to tell the item among all.
///
/// Beside the shards, entities.parquet has every item or synset that occurs, with label, description
/// and how often the rows of train mean it. Without --wikidata an item's label and other names are the
/// texts that mention it in pages of the training split, the most frequent one first, and none has a
/// description: T-REx, from `kprep import --format trex`, needs no dump of Wikidata.
///
/// Memory: with --wordnet the lexicon (some 60 MB for WordNet 3.1); else some 60 bytes and the text
/// of each distinct link, and 16 for each of its items; 60 bytes for each entity; a row group a split
/// as packed pages, and 16 bytes a row.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// SemCor or another set in its format, with --wordnet [default: the wordnet's examples]
    #[arg(value_name = "TEXT", requires = "wordnet", help_heading = "Input")]
    pub(crate) text: Vec<PathBuf>,

    /// What `kprep wordnet` wrote
    #[arg(
        long,
        value_name = "DIR",
        required_unless_present = "aligned",
        conflicts_with = "aligned",
        help_heading = "Input"
    )]
    pub(crate) wordnet: Option<PathBuf>,

    /// What `kprep align` or `kprep import --format trex` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) aligned: Option<PathBuf>,

    /// What `kprep wikidata` wrote
    #[arg(long, value_name = "DIR", requires = "aligned", help_heading = "Input")]
    pub(crate) wikidata: Option<PathBuf>,

    /// Priors in KnowBERT's form of CrossWikis, instead of those of the links
    #[arg(
        long,
        value_name = "FILE",
        requires = "wikidata",
        help_heading = "Input"
    )]
    pub(crate) priors: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) files: SplitFiles,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/links",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Where candidates come from
    #[arg(long, value_enum, default_value_t = Candidates::Priors, help_heading = "Rows")]
    pub(crate) candidates: Candidates,

    /// What a word is linked with, with --wordnet
    #[arg(long, value_enum, default_value_t = Target::Synset, help_heading = "Rows")]
    pub(crate) target: Target,

    /// At most so many candidates of a span, the likeliest
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Rows")]
    pub(crate) max_candidates: u16,

    /// Leave out sentences with fewer distinct items [default: 1; 3, as ERNIE, with --candidates
    /// none]
    #[arg(long, value_name = "N", requires = "aligned", help_heading = "Rows")]
    pub(crate) min_entities: Option<usize>,

    /// Spans that mean none of their candidates, at most so many for each link
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Rows")]
    pub(crate) max_none: usize,

    /// Which mentions count, by who found them
    #[arg(
        long,
        value_name = "SOURCE",
        value_delimiter = ',',
        default_values_t = ["link".to_owned()],
        value_parser = clap::builder::PossibleValuesParser::new(["link", "name"]),
        help_heading = "Rows"
    )]
    pub(crate) sources: Vec<String>,

    /// Parts of speech of synsets
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_values_t = [PosName::All],
        help_heading = "Rows"
    )]
    pub(crate) pos: Vec<PosName>,

    /// The group that is never divided between splits; the document of an example is its synset
    /// [default: sentence for examples, else document; pages are never divided]
    #[arg(long, value_enum, help_heading = "Splits")]
    pub(crate) split_by: Option<SplitBy>,

    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

/// Where candidates come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Candidates {
    /// What the mention may mean, with how likely each is
    Priors,
    /// There are none: the entity is to be told among all
    None,
}

/// What a word is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Target {
    /// Its sense
    Synset,
    /// The direct hypernym of its sense
    Hypernym,
}

impl Args {
    pub(crate) fn check(&self) -> Result<()> {
        ensure!(
            self.aligned.is_none() || self.split_by != Some(SplitBy::Sentence),
            "--split-by sentence: pages are never divided"
        );
        ensure!(
            self.aligned.is_none() || self.target == Target::Synset,
            "--target hypernym is for --wordnet: items have no synsets"
        );
        ensure!(
            self.aligned.is_none() || self.files.by_split().iter().all(|files| files.is_empty()),
            "--train-file and its like name SemCor's files, which come with --wordnet"
        );
        Ok(())
    }

    pub(crate) fn objective(&self) -> &'static str {
        match self.candidates {
            Candidates::Priors => "knowbert",
            Candidates::None => "ernie",
        }
    }

    /// Whether the text is the wordnet's examples.
    pub(crate) fn reads_examples(&self) -> bool {
        let no_file = self.files.by_split().iter().all(|files| files.is_empty());
        self.text.is_empty() && no_file
    }

    pub(crate) fn pos(&self) -> Vec<char> {
        letters(&self.pos)
    }

    pub(crate) fn min_entities(&self) -> usize {
        let default = match self.candidates {
            Candidates::Priors => 1,
            Candidates::None => 3,
        };
        self.min_entities.unwrap_or(default)
    }

    pub(crate) fn group_by(&self) -> GroupBy {
        match self.split_by {
            Some(SplitBy::Sentence) => GroupBy::Sentence,
            None if self.wordnet.is_some() && self.reads_examples() => GroupBy::Sentence,
            Some(SplitBy::Document) | None => GroupBy::Document,
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let pos: String = self.pos().into_iter().collect();
        let arguments = json!({
            "examples": self.wordnet.is_some() && self.reads_examples(),
            "candidates": format!("{:?}", self.candidates).to_lowercase(),
            "target": format!("{:?}", self.target).to_lowercase(),
            "priors": self.priors.is_some(),
            "max-candidates": self.max_candidates,
            "min-entities": self.min_entities(),
            "max-none": self.max_none,
            "sources": self.sources,
            "pos": pos,
            "validation-percent": self.build.split.validation_percent,
            "test-percent": self.build.split.test_percent,
            "max-errors": self.build.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
