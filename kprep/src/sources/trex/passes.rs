//! The documents are read once, to a spool, while relations are counted; then rows are written from
//! the spool.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;

use anyhow::{Error, Result, anyhow, ensure};
use kprep_align::{
    DocumentRows, FactKey, LabelledDocument, Loss, LossCounts, Options, Outcome, PairCounts,
    RelationSet, RelationTotal, Relations, align,
};
use kprep_schemas::{DatasetWriter, Reject, RelationExample};

use crate::build::errors::Errors;
use crate::build::progress::Progress;
use crate::build::spool::{self, Spool};
use crate::build::{inputs, pipeline};
use crate::sources::trex::WANTED;
use crate::sources::trex::args::Args;
use crate::sources::trex::example::Examples;
use crate::sources::trex::read::{Read, Source};

/// What some documents gave to the first pass.
#[derive(Default)]
struct Counted {
    keys: Vec<FactKey>,
    losses: Vec<Loss>,
    malformed: u64,
    broken: Option<String>,
    /// All of it, for the second pass.
    block: Vec<u8>,
}

impl Counted {
    fn new(reads: &[Read<DocumentRows>]) -> Result<Self> {
        let mut counted = Self {
            block: spool::pack(reads)?,
            ..Self::default()
        };
        for read in reads {
            match read {
                Read::Document(rows) => {
                    counted.keys.extend(rows.keys());
                    counted.losses.extend(rows.losses());
                }
                Read::Malformed { .. } => counted.malformed += 1,
                Read::Broken(message) => counted.broken = Some(message.clone()),
            }
        }
        Ok(counted)
    }
}

/// First pass: what the documents give goes to the spool, whichever relations are kept. Gives the
/// relations of the dataset, in the order of `--labels` if it is given.
pub(crate) fn relations(
    args: &Args,
    source: &Source<'_>,
    options: &Options,
    order: Option<Vec<String>>,
    spool: &mut Spool,
) -> Result<Relations> {
    let kept = count(args, source, options, spool)?;
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
    spool: &mut Spool,
) -> Result<Vec<(String, RelationTotal)>> {
    let mut counts = PairCounts::default();
    let mut losses = LossCounts::default();
    let mut errors = Errors::new(args.build.errors.max_errors, true);
    source.documents(
        |document| align(document, options).into_rows(document.triples.len()),
        |reads| Counted::new(&reads),
        |counted| {
            let counted = counted?;
            counts.extend(counted.keys);
            losses.extend(counted.losses);
            errors.count += counted.malformed;
            if let Some(message) = counted.broken {
                errors.file(&message)?;
            }
            spool.push(&counted.block)
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

/// Second pass: what the documents gave goes to the dataset.
pub(crate) struct Rows {
    pub(crate) set: RelationSet,
    pub(crate) writer: DatasetWriter<RelationExample>,
    pub(crate) examples: Examples,
    pub(crate) errors: Errors,
}

impl Rows {
    /// Writes what the spool holds. The bytes of `progress` grow by as many again as the first pass
    /// has read.
    pub(crate) fn write(
        &mut self,
        spool: Spool,
        threads: usize,
        progress: &Progress,
    ) -> Result<()> {
        let read = progress.read.load(Ordering::Relaxed);
        let of_a_byte = read as f64 / spool.bytes().max(1) as f64;
        let labels = self.set.labels();
        pipeline::ordered(
            threads,
            |send| {
                for block in spool.blocks()? {
                    let block = block?;
                    let read = of_a_byte * block.len() as f64;
                    progress.read.fetch_add(read as u64, Ordering::Relaxed);
                    if send(block).is_break() {
                        break;
                    }
                }
                Ok(())
            },
            |block| {
                let reads = spool::unpack::<Read<DocumentRows>>(&block)?.into_iter();
                let reads = reads.map(|read| read.map(|rows| labels.label(rows)));
                Ok(reads.collect::<Vec<_>>())
            },
            |reads: Result<_>| {
                for read in reads? {
                    self.add(read)?;
                }
                let lost = self.set.lost_count() + self.errors.count;
                progress.lost.store(lost, Ordering::Relaxed);
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    fn add(&mut self, read: Read<LabelledDocument>) -> Result<()> {
        match read {
            Read::Document(document) => {
                for outcome in self.set.add(document) {
                    match outcome {
                        Outcome::Row(split, row) => {
                            self.examples.add(&row);
                            self.writer.push(split, row)?;
                        }
                        Outcome::Reject(reject) => self.writer.reject(&reject)?,
                    }
                }
            }
            Read::Malformed { source, at, detail } => {
                let byte = at.byte;
                self.errors
                    .record(&format!("{source}, document at byte {byte}: {detail}"));
                let reject = Reject::at(&source, at, "malformed document", detail);
                self.writer.reject(&reject)?;
            }
            Read::Broken(message) => self.errors.file(&message)?,
        }
        Ok(())
    }
}
