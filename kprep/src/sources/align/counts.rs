//! How many pages were read, kept and lost.

use std::collections::BTreeMap;

use kprep_align::distant::{PageLoss, PageOutcome};
use kprep_schemas::Funnel;

/// The counts of a run.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    read: u64,
    losses: [u64; PageLoss::ALL.len()],
    unknown_links: u64,
    triples: BTreeMap<String, u64>,
}

impl Counts {
    pub(crate) fn add(&mut self, outcome: &PageOutcome) {
        self.read += 1;
        self.unknown_links += outcome.unknown_links;
        match &outcome.page {
            Ok(page) => {
                for aligner in page.triple_aligner.iter() {
                    match self.triples.get_mut(aligner) {
                        Some(count) => *count += 1,
                        None => drop(self.triples.insert(aligner.to_owned(), 1)),
                    }
                }
            }
            Err((loss, _)) => self.losses[*loss as usize] += 1,
        }
    }

    pub(crate) fn read(&self) -> u64 {
        self.read
    }

    pub(crate) fn lost(&self) -> u64 {
        self.losses.iter().sum()
    }

    /// Triples of all aligners.
    pub(crate) fn triples(&self) -> u64 {
        self.triples.values().sum()
    }

    /// Triples by their aligner.
    pub(crate) fn by_aligner(&self) -> &BTreeMap<String, u64> {
        &self.triples
    }

    pub(crate) fn funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("pages", self.read);
        for losses in PageLoss::ALL.chunk_by(|a, b| a.stage() == b.stage()) {
            let counted = losses
                .iter()
                .map(|&loss| (loss.reason(), self.losses[loss as usize]));
            funnel.stage(losses[0].stage(), counted);
        }
        funnel.within([("links to a title without an item", self.unknown_links)]);
        funnel
    }
}
