//! The arguments of `kprep knowledge replaced`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use kprep_align::ReplacedOptions;
use kprep_schemas::{GroupBy, Splitter};
use serde_json::{Map, Value, json};

use crate::flags::{RunFlags, SplitFlags};

/// Build a dataset of texts in which some entities are replaced, as WKLM learns to tell them.
///
/// Example: kprep knowledge replaced --aligned data/aligned --wikidata data/wikidata --out data/replaced
///
/// A row is a copy of a chunk of a page; its spans are the mentions of items that can be replaced,
/// each kept or replaced. What replaces a mention is a name (label or alias) of another item that
/// occurs in the pages and shares its rarest class with at least --min-pool others. No two spans in a
/// row are replaced; no name is one that the true item has; no item is mentioned in the chunk; and
/// none is connected by any statement with the page's item or one of the sentence, for that could be
/// true: WKLM does not check this.
///
/// Anchors are often short (Smith) and names of Wikidata long. So that this tells nothing, kept
/// mentions get a drawn name of their own item, too; --no-rename-kept leaves them as WKLM does.
///
/// With --split-by entity, test has only items that are in no span of train. Pages and items each have a
/// split, by hashes of their ids with the same shares. A mention is a span in the rows of a page if its
/// item has the page's split, and what replaces it is drawn from items of this split, of which --min-pool
/// must be there. Other mentions stay in the text as they are, are no spans, and are counted. Of
/// --test-percent 20, so, 4 percent of the mentions are in spans of test.
///
/// Facts are looked up in the tables that `kprep align` made, or in new ones.
///
/// Memory: of the items that occur in the pages, their names and some 100 bytes each; a batch of
/// pages a thread; a row group a split as packed pages, and 16 bytes a row. While tables of facts are
/// made, 1 GiB.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `kprep align` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) aligned: PathBuf,

    /// What `kprep wikidata` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) wikidata: PathBuf,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/replaced",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Words of a chunk: sentences stay whole, and a longer one is a chunk of its own
    #[arg(long, value_name = "N", default_value_t = 128, help_heading = "Rows")]
    pub(crate) chunk: usize,

    /// Copies of each chunk, each with draws of its own
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..), help_heading = "Rows")]
    pub(crate) copies: u64,

    /// The share of the mentions that can be replaced that is
    #[arg(
        long,
        value_name = "SHARE",
        default_value_t = 0.5,
        help_heading = "Rows"
    )]
    pub(crate) share: f64,

    /// Others of its kind that an item needs to be replaced
    #[arg(long, value_name = "N", default_value_t = 20, help_heading = "Rows")]
    pub(crate) min_pool: usize,

    /// Leave kept mentions as they are, as WKLM does
    #[arg(long, help_heading = "Rows")]
    pub(crate) no_rename_kept: bool,

    /// Which mentions count, by who found them
    #[arg(
        long,
        value_name = "SOURCE",
        value_delimiter = ',',
        default_values_t = ["link".to_owned(), "name".to_owned()],
        value_parser = clap::builder::PossibleValuesParser::new(["link", "name"]),
        help_heading = "Rows"
    )]
    pub(crate) sources: Vec<String>,

    /// Where the tables of facts are, or will be [default: the folder of --wikidata
    /// with `-facts` after its name]
    #[arg(long, value_name = "DIR", help_heading = "Advanced")]
    pub(crate) facts: Option<PathBuf>,

    /// What no two splits share
    #[arg(long, value_enum, default_value_t = SplitBy::Page, help_heading = "Splits")]
    pub(crate) split_by: SplitBy,

    #[command(flatten)]
    pub(crate) split: SplitFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// All copies of a page are in one split; its items are in others, too
    Page,
    /// The same, and an item is in spans of one split alone: mentions of others are lost
    Entity,
}

impl Args {
    /// What gives items their splits, if they have one.
    pub(crate) fn item_splitter(&self) -> Option<Splitter> {
        let by_entity = self.split_by == SplitBy::Entity;
        by_entity.then(|| self.split.splitter())
    }

    /// What no split divides.
    pub(crate) fn group_by(&self) -> GroupBy {
        match self.split_by {
            SplitBy::Page => GroupBy::Document,
            SplitBy::Entity => GroupBy::Entity,
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let share = self.share;
        ensure!(
            (0.0..=1.0).contains(&share),
            "--share {share}: expected a number from 0 to 1"
        );
        Ok(())
    }

    pub(crate) fn options(&self) -> ReplacedOptions {
        ReplacedOptions {
            seed: self.split.seed(),
            share: self.share,
            min_pool: self.min_pool,
            rename_kept: !self.no_rename_kept,
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "chunk": self.chunk,
            "copies": self.copies,
            "share": self.share,
            "min-pool": self.min_pool,
            "rename-kept": !self.no_rename_kept,
            "sources": self.sources,
            "split-by": match self.split_by {
                SplitBy::Page => "page",
                SplitBy::Entity => "entity",
            },
            "validation-percent": self.split.validation_percent,
            "test-percent": self.split.test_percent,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
