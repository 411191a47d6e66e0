//! The wordnet that a command looks words up in.

use std::path::Path;

use anyhow::{Result, ensure};
use kprep_align::Lexicon;
use kprep_schemas::{Dataset, Split, Synset};

use crate::build::shards;

/// Refuses a folder that `kprep wordnet` did not write.
pub(crate) fn expect_tables(dir: &Path) -> Result<()> {
    ensure!(
        dir.join("synsets").is_dir(),
        "{}: expected the folder that `kprep wordnet` makes of a wordnet's files, with synsets/ in it: run that first",
        dir.display()
    );
    Ok(())
}

/// A table of synsets, and its lexicon.
pub(crate) struct Wordnet {
    pub(crate) synsets: Dataset,
    pub(crate) lexicon: Lexicon,
}

impl Wordnet {
    /// What `kprep wordnet` wrote into a folder.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        expect_tables(dir)?;
        let synsets = shards::open::<Synset>(dir, "synsets")?;
        let rows = synsets.rows::<Synset>(Split::Train)?;
        let lexicon = rows.collect::<Result<Lexicon, _>>()?;
        Ok(Self { synsets, lexicon })
    }
}
