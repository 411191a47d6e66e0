//! The tables of a wordnet to words and hypernyms.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, ensure};
use kprep_align::synonyms::WordNetwork;
use kprep_schemas::{Dataset, Fact, Split, Synset};

use crate::sources::lexicon::expect_tables;

/// The tables that `kprep wordnet` wrote.
pub(crate) struct Tables {
    pub(crate) synsets: Dataset,
    pub(crate) facts: Dataset,
}

impl Tables {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        expect_tables(dir)?;
        let (synsets, facts) = (dir.join("synsets"), dir.join("facts"));
        let tables = Self {
            synsets: Dataset::open(&synsets)?,
            facts: Dataset::open(&facts)?,
        };
        tables.synsets.manifest.expect_record::<Synset>(&synsets)?;
        tables.facts.manifest.expect_record::<Fact>(&facts)?;
        Ok(tables)
    }

    /// Stored bytes of both.
    pub(crate) fn bytes(&self) -> u64 {
        let all = [&self.synsets, &self.facts].into_iter();
        let shards = all.flat_map(|dataset| &dataset.manifest.shards);
        shards.map(|shard| shard.bytes).sum()
    }

    /// Reads both. Returns how many hypernyms are of synsets that are not there, too.
    pub(crate) fn network(&self, read: &AtomicU64) -> Result<(WordNetwork, u64)> {
        let mut network = WordNetwork::default();
        for split in Split::ALL {
            for row in self.synsets.rows::<Synset>(split)? {
                network.add_synset(&row?);
            }
        }
        ensure!(
            network.synset_count() > 0,
            "{}: no synset is there",
            self.synsets.dir.display()
        );
        let mut foreign = 0;
        for split in Split::ALL {
            for row in self.facts.rows::<Fact>(split)? {
                foreign += u64::from(!network.add_fact(&row?));
            }
        }
        read.fetch_add(self.bytes(), Ordering::Relaxed);
        Ok((network, foreign))
    }
}
