//! The two passes over the documents: relations are counted, then rows are written.

use anyhow::{Error, Result, anyhow, ensure};
use kprep_align::{
    LabelledDocument, LossCounts, Options, Outcome, PairCounts, RelationSet, RelationTotal,
    Relations, align,
};
use kprep_schemas::{DatasetWriter, RelationExample};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::sources::trex::WANTED;
use crate::sources::trex::args::Args;
use crate::sources::trex::example::Examples;
use crate::sources::trex::read::{Read, Source};

/// First pass: the relations of the dataset, in the order of `--labels` if it is given.
pub(crate) fn relations(
    args: &Args,
    source: &Source<'_>,
    options: &Options,
    order: Option<Vec<String>>,
) -> Result<Relations> {
    let kept = count(args, source, options)?;
    let relations = match order {
        Some(order) => Relations::in_order_of(&order, kept),
        None => Relations::all(kept),
    };
    ensure!(
        relations.row_count() > 0,
        "no relation of --labels reaches --min-pairs {}: lower it, or look into the file",
        args.min_pairs
    );
    Ok(relations)
}

/// The relations that reach the threshold. Malformed documents are told of in the
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
pub(crate) fn write(
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
