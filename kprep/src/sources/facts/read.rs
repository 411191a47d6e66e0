//! The tables of a graph to facts with names.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use kprep_align::facts::{FactPairs, FactPairsOptions};
use kprep_schemas::{Concept, Dataset, Fact, Split};

/// The tables that `kprep graph` wrote.
pub(crate) struct Tables {
    pub(crate) concepts: Dataset,
    pub(crate) facts: Dataset,
}

impl Tables {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let (concepts, facts) = (dir.join("concepts"), dir.join("facts"));
        let tables = Self {
            concepts: Dataset::open(&concepts)?,
            facts: Dataset::open(&facts)?,
        };
        tables
            .concepts
            .manifest
            .expect_record::<Concept>(&concepts)?;
        tables.facts.manifest.expect_record::<Fact>(&facts)?;
        Ok(tables)
    }

    /// Stored bytes of both.
    pub(crate) fn bytes(&self) -> u64 {
        let all = [&self.concepts, &self.facts].into_iter();
        let shards = all.flat_map(|dataset| &dataset.manifest.shards);
        shards.map(|shard| shard.bytes).sum()
    }

    /// Reads both.
    pub(crate) fn pairs(&self, options: &FactPairsOptions, read: &AtomicU64) -> Result<FactPairs> {
        let mut pairs = FactPairs::default();
        for split in Split::ALL {
            for row in self.concepts.rows::<Concept>(split)? {
                pairs.add_concept(&row?);
            }
        }
        for split in Split::ALL {
            for row in self.facts.rows::<Fact>(split)? {
                pairs.add_fact(&row?, options);
            }
        }
        pairs.finish(options);
        read.fetch_add(self.bytes(), Ordering::Relaxed);
        Ok(pairs)
    }
}
