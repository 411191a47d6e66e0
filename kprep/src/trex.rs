//! `kprep trex`: T-REx documents to a relation set.

use std::fs;
use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Context, Error, Result, anyhow, ensure};
use clap::ValueEnum;
use kprep_align::{
    LabelledDocument, LossCounts, MultiLabel, Options, Outcome, PairCounts, PropertyLabels,
    RelationSet, RelationTotal, Threshold, align,
};
use kprep_ingest::Input;
use kprep_schemas::{DatasetWriter, Provenance, RelationExample, check_free};
use serde_json::{Map, Value, json};

use self::example::Examples;
use self::read::{Read, Source};
use crate::args::{BuildArgs, SplitBy, sample_dir};
use crate::errors::Errors;
use crate::inputs::Described;
use crate::progress::Progress;
use crate::{inputs, summary};

mod aligned_input;
mod card;
mod example;
mod read;

/// Build a relation set (T-REx-rc) from T-REx's JSON, or from what `kprep align` wrote.
///
/// Reads folders, files, the release's zip, compressed or not, in two streaming passes: the first
/// counts the distinct (subject, object) pairs of each relation, the second writes the rows of the
/// relations that have enough. A row is a fact at one place: both mentions in one sentence, each on
/// word boundaries.
///
/// Memory: a few megabytes a thread, and at most 106 bytes a row for counting.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files or folders [default: data/raw/trex if there is one, else the bundled sample]
    #[arg(value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(long, short, value_name = "DIR", default_value = "data/trex-rc")]
    out: PathBuf,

    /// Keep relations with at least N distinct (subject, object) pairs
    #[arg(long, value_name = "N", default_value_t = 50)]
    min_pairs: u64,

    /// What --min-pairs counts: the paper counts pairs, its released notebook rows
    #[arg(long, value_enum, default_value_t = Count::Pairs)]
    count: Count,

    /// Leave out these relations, e.g. --drop P31,P279
    #[arg(long, value_name = "P-ID", value_delimiter = ',')]
    drop: Vec<String>,

    /// Where the same two spans have several relations: keep a row for each, the first one in the
    /// document, or none; applied before pairs are counted
    #[arg(long, value_enum, default_value_t = Several::All)]
    multi_label: Several,

    /// Widen mentions to whole words instead of losing those that cut a word
    #[arg(long)]
    snap: bool,

    /// What a split never cuts
    #[arg(long, value_enum, default_value_t = SplitBy::Document)]
    split_by: SplitBy,

    /// English labels of properties, as lines `P36<TAB>capital`, on top of the bundled table
    #[arg(long, value_name = "FILE")]
    property_labels: Option<PathBuf>,

    /// Read only the first N documents
    #[arg(long, value_name = "N")]
    limit: Option<u64>,

    #[command(flatten)]
    build: BuildArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Count {
    /// Distinct (subject, object) pairs
    Pairs,
    /// Rows
    Rows,
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

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    check_free(&args.out, args.build.overwrite)?;
    let labels = property_labels(args.property_labels.as_deref())?;
    let inputs = args.inputs()?;
    let options = args.options()?;
    let total = inputs::total_bytes(&inputs).map(|bytes| 2 * bytes);
    let progress = Progress::start("trex", total, args.build.quiet);
    let source = Source {
        inputs: &inputs,
        limit: args.limit.unwrap_or(u64::MAX),
        threads: args.build.threads(),
        read: &progress.read,
    };

    let described = Described::begin(&inputs);
    let relations = count(args, &source, &options)?;
    let class_names = relations
        .iter()
        .map(|(relation, _)| relation.clone())
        .collect();
    let expected: u64 = relations.iter().map(|(_, total)| total.rows).sum();
    let mut writer = DatasetWriter::create(&args.out, args.build.overwrite, class_names)?;
    let mut errors = Errors::new(args.build.max_errors, args.build.quiet);
    let mut set = RelationSet::new(relations, args.build.splitter(), args.split_by.into());
    let mut examples = Examples::default();
    let label = set.labels();
    source.documents(
        |document| label.label(align(document, &options), document.triples.len()),
        |read| {
            write(read, &mut set, &mut writer, &mut examples, &mut errors)?;
            progress
                .lost
                .store(set.lost_count() + errors.count, Ordering::Relaxed);
            Ok(())
        },
    )?;
    ensure!(
        set.row_count() == expected,
        "the inputs changed while they were read: start again"
    );

    let languages = aligned_input::languages(&args.inputs)?;
    let table = set.table(&labels);
    writer.write_table("relations.parquet", &table)?;
    let provenance = Provenance {
        command: "trex",
        arguments: args.describe(),
        seed: args.build.seed,
        split_by: args.split_by.into(),
        inputs: described.finish(&inputs, true)?,
        funnel: set.funnel(),
    };
    let manifest = writer.finish(provenance, &card::card(&table, &examples, languages))?;
    drop(progress);
    summary::finish(&manifest, &args.out, &errors, &args.build, start)
}

/// First pass: the relations that reach the threshold. Malformed documents are told of in the
/// second pass; here a broken file ends the run before anything is written.
fn count(
    args: &Args,
    source: &Source<'_>,
    options: &Options,
) -> Result<Vec<(String, RelationTotal)>> {
    let mut counts = PairCounts::default();
    let mut losses = LossCounts::default();
    let mut errors = Errors::new(args.build.max_errors, true);
    source.documents(
        |document| {
            let aligned = align(document, options);
            let keys = aligned.facts.iter().map(|fact| fact.key(&aligned.doc));
            let losses = aligned.lost.iter().map(|lost| lost.loss);
            (keys.collect::<Vec<_>>(), losses.collect::<Vec<_>>())
        },
        |read| {
            match read {
                Read::Document((keys, lost)) => {
                    counts.extend(keys);
                    losses.extend(lost);
                }
                Read::Malformed(reject) => errors.record(&reject.detail),
                Read::Broken(message) => errors.file(&message)?,
            }
            Ok(())
        },
    )?;
    let kept = counts.kept(args.threshold());
    if kept.is_empty() {
        return Err(nothing_kept(args, &counts, &losses));
    }
    Ok(kept)
}

/// Why there is nothing to write, and what to do about it.
fn nothing_kept(args: &Args, counts: &PairCounts, losses: &LossCounts) -> Error {
    let largest = counts.totals().max_by_key(|(_, total)| total.pairs);
    match (largest, losses.largest()) {
        (Some((relation, RelationTotal { pairs, rows })), _) => anyhow!(
            "no relation reaches --min-pairs {}: the largest, {relation}, has {pairs} pairs in \
             {rows} rows; lower --min-pairs",
            args.min_pairs
        ),
        (None, Some((loss, count))) => {
            anyhow!(
                "no usable fact in the inputs: {count} triples are lost, {}",
                loss.reason()
            )
        }
        (None, None) => anyhow!("no triple in the inputs: are they T-REx's JSON?"),
    }
}

/// Second pass: what one document gives goes to the dataset.
fn write(
    read: Read<LabelledDocument>,
    set: &mut RelationSet,
    writer: &mut DatasetWriter<RelationExample>,
    examples: &mut Examples,
    errors: &mut Errors,
) -> Result<()> {
    match read {
        Read::Document(document) => {
            for outcome in set.add(document) {
                match outcome {
                    Outcome::Row(split, row) => {
                        examples.add(&row);
                        writer.push(split, row)?;
                    }
                    Outcome::Reject(reject) => writer.reject(&reject)?,
                }
            }
        }
        Read::Malformed(reject) => {
            let source = reject.source.as_deref().unwrap_or_default();
            let byte = reject.byte.unwrap_or_default();
            errors.record(&format!(
                "{source}, document at byte {byte}: {}",
                reject.detail
            ));
            writer.reject(&reject)?;
        }
        Read::Broken(message) => errors.file(&message)?,
    }
    Ok(())
}

fn property_labels(file: Option<&Path>) -> Result<PropertyLabels> {
    let mut labels = PropertyLabels::bundled();
    if let Some(path) = file {
        let name = || path.display().to_string();
        let tsv = fs::File::open(path).and_then(kprep_ingest::decompress);
        let tsv = tsv.and_then(io::read_to_string).with_context(name)?;
        labels.extend(&tsv).map_err(|line| {
            anyhow!(
                "{}: line {line}: expected a property, a tab and its label",
                name()
            )
        })?;
    }
    Ok(labels)
}

impl Args {
    fn inputs(&self) -> Result<Vec<Input>> {
        let mut paths = self.inputs.clone();
        if paths.is_empty() {
            let raw = Path::new("data/raw/trex");
            let path = if raw.is_dir() {
                Some(raw.to_owned())
            } else {
                sample_dir().map(|sample| sample.join("trex"))
            };
            let path =
                path.context("no INPUT given, and neither data/raw/trex nor data/sample is here")?;
            if !self.build.quiet {
                writeln!(stderr(), "no INPUT given: reading {}", path.display())?;
            }
            paths.push(path);
        }
        let paths = aligned_input::shards_of(paths)?;
        let suffixes = [".json", ".jsonl", ".zip"];
        let inputs = inputs::find(&paths, &suffixes, self.build.quiet)?;
        ensure!(
            !inputs.iter().any(Input::is_stream),
            "the input is read twice, which a pipe cannot be: save it as a file, which may be compressed"
        );
        Ok(inputs)
    }

    fn options(&self) -> Result<Options> {
        for relation in &self.drop {
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
        Ok(Options {
            snap: self.snap,
            drop: self.drop.iter().cloned().collect(),
            multi_label,
        })
    }

    fn threshold(&self) -> Threshold {
        match self.count {
            Count::Pairs => Threshold::Pairs(self.min_pairs),
            Count::Rows => Threshold::Rows(self.min_pairs),
        }
    }

    /// The arguments that shape the dataset.
    fn describe(&self) -> Map<String, Value> {
        let mut drop = self.drop.clone();
        drop.sort();
        let arguments = json!({
            "min-pairs": self.min_pairs,
            "count": format!("{:?}", self.count).to_lowercase(),
            "drop": drop,
            "multi-label": format!("{:?}", self.multi_label).to_lowercase(),
            "snap": self.snap,
            "validation": self.build.validation,
            "test": self.build.test,
            "limit": self.limit,
            "max-errors": self.build.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
