//! The arguments of `kprep trex`.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use kprep_align::{ExcludeBy, MultiLabel, Options, TestSets, Threshold};
use kprep_ingest::Input;
use kprep_schemas::{InputFile, thousands};
use serde_json::{Map, Value, json};

use super::{aligned_input, exclude, labels};
use crate::build::inputs;
use crate::console::tell;
use crate::flags::{BuildFlags, SplitBy};

/// Build a relation dataset (T-REx-rc) from T-REx's JSON, or from what `kprep align` wrote.
///
/// Example: kprep trex trex.zip --min-pairs 50 --out data/trex-rc
///
/// Reads folders, files, the release's zip, compressed or not, in two streaming passes: the first
/// counts the distinct (subject, object) pairs of each relation, the second writes the rows of the
/// relations that have enough. A row is a fact at one place: both mentions in one sentence, each on
/// word boundaries.
///
/// Boundaries count code points, or UTF-16 units where a document's words, sentences and surface
/// forms fit these better. Where those of a word or a sentence fit its text in neither (reversed,
/// empty, overlapping, outside), the facts there are lost, under a reason. `sentence_id` of a
/// triple is not used: the sentence of a row is the one that has both mentions.
///
/// A document of more than 16 MB is lost as malformed. Memory: a few megabytes a thread, and at
/// most 106 bytes a row for counting. Documents are read once: what they give waits beside the
/// output in a temporary file, a twentieth of T-REx's size, until it is known which relations are
/// kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders, zip archives, or - for the standard input [default: data/raw/trex if there is one, else the bundled sample]
    #[arg(value_name = "INPUT", help_heading = "Input")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/trex-rc",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// A set of choices; a flag beside it overrides the one that it names
    #[arg(long, value_enum, help_heading = "Relations")]
    preset: Option<Preset>,

    /// Keep relations with at least N distinct (subject, object) pairs
    #[arg(
        long,
        value_name = "N",
        default_value_t = 50,
        help_heading = "Relations"
    )]
    pub(crate) min_pairs: u64,

    /// What --min-pairs counts: the paper counts pairs, its released notebook rows
    #[arg(long, value_enum, default_value_t = Count::Pairs, default_value_if("preset", "kadapter", "rows"), help_heading = "Relations")]
    count: Count,

    /// Leave out these relations, e.g. --drop P31,P279; --drop '' leaves out none where a preset
    /// would
    #[arg(
        long,
        value_name = "P-ID",
        value_delimiter = ',',
        default_value_if("preset", "kadapter", "P31"),
        help_heading = "Relations"
    )]
    drop: Vec<String>,

    /// The classes and their order: the relations of a file, one a line, or as a JSON or Python
    /// list, or as JSON `{"P17": 0, "P19": 1}`; or K-Adapter's `utils_glue.py`, which has the list
    /// of its released factual adapter. The first has label 0, as a trained head wants it. A
    /// relation of the file that has no rows stays a class without rows; a relation that reaches
    /// the threshold and is not in the file is left out and counted
    #[arg(long, value_name = "FILE", help_heading = "Relations")]
    pub(crate) labels: Option<PathBuf>,

    /// Test set that the dataset must not share rows with, so that a probe measures what was
    /// learned and not what was copied; can be repeated. A row is left out if the test set has its
    /// pair of subject and object, in either direction, or its sentence: sentences are the same if
    /// their letters and digits are, whatever their case, blanks and punctuation. Applied before
    /// pairs are counted. The format of FILE is detected from the content: LAMA's JSON Lines
    /// (T-REx, Google-RE; the object fills the mask), TACRED's JSON, a file of `kprep export`
    /// (tacred, kadapter, jsonl), lines `Q1<TAB>Q2`, or a sentence a line; or a folder of such
    /// files, or a dataset that kprep made. A record may have 16 MB, a line 1 MB. Memory: at most
    /// 21 bytes a distinct pair or sentence
    #[arg(long, value_name = "FILE", help_heading = "Test sets")]
    exclude: Vec<PathBuf>,

    /// What a row may not share with a test set of --exclude
    #[arg(long, value_enum, default_value_t = Shared::Both, help_heading = "Test sets")]
    exclude_by: Shared,

    /// Where the same two spans have several relations: keep a row for each, the first one in the
    /// document, or none; applied before pairs are counted
    #[arg(long, value_enum, default_value_t = Several::All, help_heading = "Relations")]
    multi_label: Several,

    /// Widen mentions to whole words instead of losing those that cut a word
    #[arg(long, help_heading = "Relations")]
    snap: bool,

    /// The group that is never divided between splits
    #[arg(long, value_enum, default_value_t = SplitBy::Document, default_value_if("preset", "kadapter", "row"), help_heading = "Splits")]
    pub(crate) split_by: SplitBy,

    /// English labels of properties, as lines `P36<TAB>capital`, on top of the bundled table
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) property_labels: Option<PathBuf>,

    /// Read only the first N documents
    #[arg(long, value_name = "N", help_heading = "Advanced")]
    pub(crate) limit: Option<u64>,

    #[command(flatten)]
    pub(crate) build: BuildFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Count {
    /// Distinct (subject, object) pairs
    Pairs,
    /// Rows
    Rows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// What K-Adapter's released notebook does: --count rows --min-pairs 50 --drop P31
    /// --split-by row --validation-percent 10 --test-percent 0. (The notebook shuffles; here a hash
    /// of row and seed draws, so that about a tenth is for validation. It counts a fact once for
    /// each aligner that found it, which here is one row.)
    Kadapter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shared {
    /// Neither pair nor sentence
    Both,
    /// The pair of subject and object
    Pair,
    /// The sentence
    Sentence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Several {
    /// A row for each
    All,
    /// The first one in the document
    First,
    /// None
    Drop,
}

impl Args {
    pub(crate) fn inputs(&self) -> Result<Vec<Input>> {
        let mut paths = self.inputs.clone();
        if paths.is_empty() {
            let raw = Path::new("data/raw/trex");
            let path = if raw.is_dir() {
                Some(raw.to_owned())
            } else {
                sample_dir().map(|sample| sample.join("trex"))
            };
            let path = path.context(
                "no INPUT given, and there is no data/raw/trex and no sample here: name files of T-REx",
            )?;
            if !self.build.run.quiet {
                tell(&format_args!("no INPUT given: reading {}", path.display()));
            }
            paths.push(path);
        }
        let paths = aligned_input::shards_of(paths)?;
        let suffixes = [".json", ".jsonl", ".zip"];
        inputs::find(&paths, &suffixes, &self.out, self.build.run.quiet)
    }

    /// The relations of `--labels` in label order, and the file.
    pub(crate) fn order(&self) -> Result<(Option<Vec<String>>, Option<InputFile>)> {
        let order = self.labels.as_deref().map(labels::order).transpose()?;
        Ok(order.unzip())
    }

    /// What is chosen about the facts, and the files that say so.
    pub(crate) fn options(&self) -> Result<(Options, Vec<InputFile>)> {
        for relation in self.dropped() {
            ensure!(
                kprep_align::property(relation) == Some(relation),
                "--drop {relation}: expected properties like P31"
            );
        }
        let multi_label = match self.multi_label {
            Several::All => MultiLabel::All,
            Several::First => MultiLabel::First,
            Several::Drop => MultiLabel::Drop,
        };
        let (exclude, files) = self.test_sets()?;
        let options = Options {
            snap: self.snap,
            drop: self.dropped().cloned().collect(),
            multi_label,
            exclude,
        };
        Ok((options, files))
    }

    fn dropped(&self) -> impl Iterator<Item = &String> {
        self.drop.iter().filter(|relation| !relation.is_empty())
    }

    /// What `--exclude` names, and its files; tells how much that is.
    fn test_sets(&self) -> Result<(TestSets, Vec<InputFile>)> {
        let (mut tests, files) = exclude::read(&self.exclude)?;
        tests.only(match self.exclude_by {
            Shared::Both => ExcludeBy::Both,
            Shared::Pair => ExcludeBy::Pair,
            Shared::Sentence => ExcludeBy::Sentence,
        });
        if !self.exclude.is_empty() && !self.build.run.quiet {
            let pairs = thousands(tests.pair_count() as u64);
            let sentences = thousands(tests.sentence_count() as u64);
            tell(&format_args!(
                "excluding {pairs} pairs and {sentences} sentences of test sets"
            ));
        }
        Ok((tests, files))
    }

    pub(crate) fn threshold(&self) -> Threshold {
        match self.count {
            Count::Pairs => Threshold::Pairs(self.min_pairs),
            Count::Rows => Threshold::Rows(self.min_pairs),
        }
    }

    /// The arguments that shape the dataset, with the files of --labels and --exclude as they were
    /// read.
    pub(crate) fn describe(
        &self,
        labels: Option<&InputFile>,
        exclude: &[InputFile],
    ) -> Map<String, Value> {
        let mut drop: Vec<_> = self.dropped().collect();
        drop.sort();
        let arguments = json!({
            "min-pairs": self.min_pairs,
            "count": format!("{:?}", self.count).to_lowercase(),
            "drop": drop,
            "labels": labels,
            "exclude": exclude,
            "exclude-by": format!("{:?}", self.exclude_by).to_lowercase(),
            "multi-label": format!("{:?}", self.multi_label).to_lowercase(),
            "snap": self.snap,
            "validation-percent": self.build.split.validation_percent,
            "test-percent": self.build.split.test_percent,
            "limit": self.limit,
            "max-errors": self.build.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}

/// The folder of the samples that come with the program: in the current folder, where `pip` puts
/// them (`share/kprep/sample` beside `bin`), or in the source tree that has the program in its
/// `target`.
fn sample_dir() -> Option<PathBuf> {
    let program = env::current_exe().ok();
    let above = program.as_deref().and_then(|file| file.parent()?.parent());
    let tree = above.filter(|dir| dir.ends_with("target"));
    let tree = tree.and_then(Path::parent);
    [
        Some(PathBuf::from("data/sample")),
        above.map(|dir| dir.join("share/kprep/sample")),
        tree.map(|dir| dir.join("data/sample")),
    ]
    .into_iter()
    .flatten()
    .find(|dir| dir.join("trex").is_dir())
}
