//! What the facts of a graph flow into.

use anyhow::Result;
use kprep_align::facts::{FACT_CLASSES, FactLoss, FactPairs, FactRows};
use kprep_schemas::{DatasetWriter, Funnel, OutputDir, PairExample, Reject};

use super::args::{Args, SplitBy};

/// Why a fact is lost, by its name in funnel and rejects.
fn reason(loss: FactLoss) -> &'static str {
    match loss {
        FactLoss::Repeated => "stated before",
        FactLoss::NoName => "of a concept without a name",
        FactLoss::SameName => "of two concepts of the same name",
        FactLoss::NoSplit => "of a source that is no split",
        FactLoss::RareRelation => "of a relation with too few facts",
    }
}

/// What the rows of a run are, counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Fake facts: slot, type, random.
    pub(crate) drawn: [u64; 3],
    at_random: u64,
    not_found: u64,
    /// Rows whose head has no neighbour.
    alone: u64,
}

/// Writes all rows and rejects.
pub(crate) fn write(
    args: &Args,
    pairs: &FactPairs,
    out: OutputDir,
) -> Result<(DatasetWriter<PairExample>, Counts)> {
    let draws = (args.negatives, args.draws());
    let rows = FactRows::new(pairs, args.names.into(), args.split.seed(), draws);
    let mut rows = rows.with_neighbours(args.neighbours.into());
    let names = FACT_CLASSES.map(str::to_owned).into();
    let mut writer = DatasetWriter::create(out, names)?;
    for fact in &pairs.kept {
        let (split, rows) = rows.of(fact);
        for row in rows {
            writer.push(split, row)?;
        }
    }
    for (loss, fact) in &pairs.lost {
        writer.reject(&Reject {
            reason: reason(*loss),
            detail: pairs.show(*fact),
            ..Reject::default()
        })?;
    }
    let counts = Counts {
        drawn: rows.drawn,
        at_random: rows.at_random,
        not_found: rows.not_found,
        alone: rows.alone,
    };
    Ok((writer, counts))
}

/// read = kept + lost by reason, of real facts.
pub(crate) fn funnel(args: &Args, pairs: &FactPairs, counts: &Counts) -> Funnel {
    let lost = |loss: FactLoss| {
        let count = pairs.lost.iter().filter(|(why, _)| *why == loss).count();
        (reason(loss), count as u64)
    };
    let mut funnel = Funnel::new("facts", pairs.read);
    funnel.stage("distinct", [lost(FactLoss::Repeated)]);
    let names = [lost(FactLoss::NoName), lost(FactLoss::SameName)];
    funnel.stage("of two names", names);
    if args.split_by == SplitBy::Source {
        funnel.stage("of a split", [lost(FactLoss::NoSplit)]);
    }
    funnel.stage("of frequent relations", [lost(FactLoss::RareRelation)]);
    if args.neighbours > 0 {
        funnel.within([("rows without a neighbour", counts.alone)]);
    }
    funnel.within([
        ("pairs of concepts in several splits", pairs.divided_pairs()),
        (
            "fake facts with a random concept for want of another",
            counts.at_random,
        ),
        ("fake facts without a concept", counts.not_found),
    ]);
    funnel
}
