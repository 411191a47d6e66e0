//! What the pairs of a wordnet's words flow into.

use anyhow::Result;
use kprep_align::synonyms::{PairLoss, PairRows, WordNetwork, WordPairs, WordVectors};
use kprep_schemas::{DatasetWriter, Funnel, OutputDir, PairExample, Reject};

use super::args::Args;

/// Why a pair is lost, by its name in funnel and rejects.
fn reason(loss: PairLoss) -> &'static str {
    match loss {
        PairLoss::OtherRelation => "of words with another relation, too",
        PairLoss::SeveralWords => "a phrase of several words",
        PairLoss::TwoSplits => "words of two splits",
    }
}

/// What the rows of a run are, counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Related pairs: synonyms, hypernyms, hypernyms of instances.
    pub(crate) positives: [u64; 3],
    /// Negatives: random, sister, vectors.
    pub(crate) drawn: [u64; 3],
    no_sister: u64,
    no_nearest: u64,
    not_found: u64,
}

/// Writes all rows and rejects.
pub(crate) fn write(
    args: &Args,
    (network, pairs): (&WordNetwork, &WordPairs),
    vectors: Option<&WordVectors>,
    out: OutputDir,
) -> Result<(DatasetWriter<PairExample>, Counts)> {
    let options = args.options();
    let classes = args.classes.into();
    let mut rows = PairRows::new(
        network,
        pairs,
        &options,
        classes,
        (args.negatives, args.draws()),
    );
    if let Some(vectors) = vectors {
        rows = rows.with_vectors(vectors);
    }
    let names = classes.names().iter().map(|&name| name.to_owned());
    let mut writer = DatasetWriter::create(out, names.collect())?;
    let mut counts = Counts::default();
    for pair in &pairs.kept {
        let (split, rows) = rows.of(pair);
        counts.positives[pair.kind()] += 1;
        for row in rows {
            writer.push(split, row)?;
        }
    }
    for (loss, words) in &pairs.lost {
        let words = words.map(|word| network.word(word));
        writer.reject(&Reject {
            reason: reason(*loss),
            detail: words.join(" / "),
            ..Reject::default()
        })?;
    }
    counts.drawn = rows.drawn;
    counts.no_sister = rows.no_sister;
    counts.no_nearest = rows.no_nearest;
    counts.not_found = rows.not_found;
    Ok((writer, counts))
}

/// read = kept + lost by reason, of related pairs.
pub(crate) fn funnel(pairs: &WordPairs, counts: &Counts, foreign: u64) -> Funnel {
    let lost = |loss: PairLoss| {
        let all = pairs.lost.iter();
        let count = all.filter(|(why, _)| *why == loss).count();
        [(reason(loss), count as u64)]
    };
    let mut funnel = Funnel::new("related pairs", pairs.found.iter().sum());
    funnel.stage("distinct", lost(PairLoss::OtherRelation));
    funnel.stage("of chosen words", lost(PairLoss::SeveralWords));
    funnel.stage("of one split", lost(PairLoss::TwoSplits));
    funnel.within([
        ("pairs of a word with itself", pairs.same_word),
        ("hypernyms of synsets that are not there", foreign),
        (
            "negatives without a sister, with a random word",
            counts.no_sister,
        ),
        (
            "negatives without a nearest word, with a random one",
            counts.no_nearest,
        ),
        ("negatives without a word", counts.not_found),
    ]);
    funnel
}
