//! `kprep trex`: T-REx documents to a relation set.

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Error, Result, anyhow, ensure};
use kprep_align::{
    LabelledDocument, LossCounts, Options, Outcome, PairCounts, RelationSet, RelationTotal,
    Relations, align,
};
use kprep_schemas::{DatasetWriter, OutputDir, Provenance, RelationExample};

pub(crate) use self::args::Args;
use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
use crate::sources::trex::WANTED;
use crate::sources::trex::example::Examples;
use crate::sources::trex::read::{Read, Source};

use crate::sources::trex::aligned_input;
mod args;
use crate::sources::trex::card;
use crate::sources::trex::labels;

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.build.run.overwrite)?;
    let labels = labels::property_labels(args.property_labels.as_deref())?;
    let order = args.labels.as_deref().map(labels::order).transpose()?;
    let (order, labels_file) = order.unzip();
    let inputs = args.inputs()?;
    let (options, exclude) = args.options()?;
    let total = inputs::total_bytes(&inputs).map(|bytes| 2 * bytes);
    let progress = Progress::start("trex", total, args.build.run.quiet);
    let source = Source {
        inputs: &inputs,
        limit: args.limit.unwrap_or(u64::MAX),
        threads: args.build.run.threads(),
        read: &progress.read,
    };

    let relations = match (order, count(args, &source, &options)?) {
        (Some(order), kept) => Relations::in_order_of(&order, kept),
        (None, kept) => Relations::all(kept),
    };
    let listed = relations.listed.iter();
    let class_names = listed.map(|(relation, _)| relation.clone()).collect();
    let expected = relations.row_count();
    ensure!(
        expected > 0,
        "no relation of --labels reaches --min-pairs {}: lower it, or look into the file",
        args.min_pairs
    );
    inputs::unchanged(&inputs)?;
    let mut writer = DatasetWriter::create(out, class_names)?;
    let mut errors = Errors::new(args.build.errors.max_errors, args.build.run.quiet);
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
    let described = inputs::described(&inputs, true)?;
    ensure!(
        set.row_count() == expected,
        "the inputs changed while they were read: start again"
    );

    let languages = aligned_input::languages(&args.inputs)?;
    let table = set.table(&labels);
    writer.write_table("relations.parquet", &table)?;
    let provenance = Provenance {
        command: "trex",
        arguments: args.describe(labels_file.as_ref(), &exclude),
        seed: args.build.seed(),
        split_by: args.split_by.into(),
        inputs: described,
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
    let mut errors = Errors::new(args.build.errors.max_errors, true);
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
        let looks = inputs::looks(source.inputs, &WANTED);
        return Err(nothing_kept(args, &counts, &losses, &looks));
    }
    Ok(kept)
}

/// Why there is nothing to write, and what to do about it.
fn nothing_kept(args: &Args, counts: &PairCounts, losses: &LossCounts, looks: &str) -> Error {
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
        (None, None) => anyhow!("no triple in the inputs: are they T-REx's JSON?\n{looks}"),
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
