//! The arguments of `kprep import`.

use std::path::PathBuf;

use anyhow::Result;
use kprep_schemas::{GroupBy, RECORD_NAMES, Record, Split};
use serde_json::{Map, Value, json};

use crate::build::inputs;
use crate::flags::{BuildFlags, SplitBy, SplitFiles};
use crate::sources::import::format::Format;
use crate::sources::import::{File, SUFFIXES};
use crate::sources::objectives;

/// Make a dataset of files in the formats that `kprep export` writes.
///
/// Example: kprep import rows.jsonl --format jsonl --out data/rows
///
/// Reads files, folders and zip archives, compressed or not, as a stream. A record that is broken
/// is skipped, reported with its byte and counted. `kprep deps` reads conllu, and `kprep trex` makes
/// relation examples of T-REx's documents.
///
/// What a format does not have is filled in:
///
///   tacred     text: the words with blanks between them; mentions by characters: where their words
///              are; ids of subject and object: their words. Of the types the object's is kept, as
///              item, time, quantity or string. The Stanford columns are passed over, for a
///              relation dataset has no tags and no parse.
///   kadapter   text and mentions likewise; id: a hash of the record; type of the object: what its
///              label looks like (Q42, a date, a number, or a string).
///   find-head  document: the file's name; labels: empty.
///   trex       nothing; words, sentences and entities that are not in the text are left out, and facts
///              of such a sentence or object. `kprep knowledge links --aligned` reads these pages.
///   jsonl      nothing: the keys are the columns.
///
/// Splits: rows of FILE are split by a hash, as `kprep trex` and `kprep deps` do it, so that an
/// export of all splits gets the same ones again with the same seed and shares (of kadapter by
/// documents whose ids are bare now). --train-file, --validation-file and --test-file keep the
/// splits of files that are split already:
///
///   kprep import --format tacred --train-file train.json --validation-file dev.json \
///       --test-file test.json --out data/tacred
///
/// Classes are the relations of the rows, or their types: properties by number, then other names by
/// the alphabet; jsonl keeps the labels of its rows where they number the classes without a gap.
/// --labels gives them in another order, or with some that have no row (manifest.json names an
/// exported dataset's classes). Without it relation datasets and typing datasets are read twice,
/// first to know the classes.
///
/// What an adapter learns from the rows is not in them: --objective states it again where the
/// dataset that was exported has an objective, which `kprep export` tells.
///
/// A record of more than 16 MB is lost as malformed. Memory: a few megabytes a thread; at most 39
/// bytes a row for its id, 21 a pair of a relation, and where the splits are given 39 a document,
/// pair or sentence.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Files or folders, whose rows are split by a hash
    #[arg(value_name = "FILE", required_unless_present_any = ["train_file", "validation_file", "test_file"], conflicts_with_all = ["train_file", "validation_file", "test_file"], help_heading = "Input")]
    pub(crate) files: Vec<PathBuf>,

    /// The format
    #[arg(long, value_enum, help_heading = "Input")]
    pub(crate) format: Format,

    /// Where the dataset goes
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) named: SplitFiles,

    /// The classes in the order of their labels, in a file as `kprep trex --labels` reads it: a
    /// name a line, a JSON or Python list, JSON `{"P17": 0, "P19": 1}`, or K-Adapter's
    /// `utils_glue.py`. A row with another relation is rejected
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    pub(crate) labels: Option<PathBuf>,

    /// With jsonl: the record type [default: the one that has the keys of the first row]
    #[arg(long, value_name = "NAME", value_parser = RECORD_NAMES, help_heading = "Input")]
    pub(crate) record: Option<String>,

    /// With jsonl: the objective of the dataset that was exported, which its rows do not tell and by
    /// which `ktrain train` chooses its settings [default: none]
    #[arg(long, value_name = "NAME", value_parser = objectives::NAMES, help_heading = "Rows")]
    pub(crate) objective: Option<String>,

    /// The group that is never divided between splits [default: document; sentence for heads and
    /// for the sets of benchmarks, of which the text or question counts as one]
    #[arg(long, value_enum, help_heading = "Splits")]
    pub(crate) split_by: Option<SplitBy>,

    /// Take heads that do not form a tree, as `kprep deps` does
    #[arg(long, help_heading = "Rows")]
    pub(crate) allow_non_tree: bool,

    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

impl Args {
    pub(crate) fn inputs(&self) -> Result<Vec<File>> {
        let given = [
            (None, &self.files),
            (Some(Split::Train), &self.named.train),
            (Some(Split::Validation), &self.named.validation),
            (Some(Split::Test), &self.named.test),
        ];
        let mut files = Vec::new();
        for (split, paths) in given {
            if !paths.is_empty() {
                let inputs = inputs::find(paths, &SUFFIXES, &self.out, self.build.run.quiet)?;
                files.extend(inputs.into_iter().map(|input| File { split, input }));
            }
        }
        Ok(files)
    }

    /// Whether the splits come with the files.
    pub(crate) fn splits_given(&self) -> bool {
        self.files.is_empty()
    }

    pub(crate) fn group_by<R: Record>(&self) -> GroupBy {
        match self.split_by {
            Some(by) => by.into(),
            None => R::SPLIT_BY.unwrap_or(GroupBy::Document),
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe<R: Record>(&self, classes: Option<&str>) -> Map<String, Value> {
        let splits = match (self.splits_given(), R::SPLIT_BY.is_some()) {
            (true, _) => "given",
            (_, true) => "hash",
            _ => "one",
        };
        let shares = splits == "hash";
        let arguments = json!({
            "format": self.format.name(),
            "record": R::NAME,
            "splits": splits,
            "classes": classes,
            "allow-non-tree": self.allow_non_tree,
            "validation-percent": shares.then_some(self.build.split.validation_percent),
            "test-percent": shares.then_some(self.build.split.test_percent),
            "max-errors": self.build.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
