//! The wordnet that a command looks words up in.

use std::path::Path;

use anyhow::Result;
use kprep_align::Lexicon;
use kprep_schemas::{Dataset, Split, Synset};

use crate::build::shards;

/// A table of synsets, and its lexicon.
pub(crate) struct Wordnet {
    pub(crate) synsets: Dataset,
    pub(crate) lexicon: Lexicon,
}

impl Wordnet {
    /// What `kprep wordnet` wrote into a folder.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let synsets = shards::open::<Synset>(dir, "synsets")?;
        let rows = synsets.rows::<Synset>(Split::Train)?;
        let lexicon = rows.collect::<Result<Lexicon, _>>()?;
        Ok(Self { synsets, lexicon })
    }
}
