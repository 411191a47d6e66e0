//! Datasets as inputs of a command.

use std::path::Path;

use anyhow::{Result, bail};
use kprep_schemas::{Dataset, Record, is_dataset};

/// The dataset of such records in a folder, or in the folder of this name in it.
pub(crate) fn open<R: Record>(dir: &Path, name: &str) -> Result<Dataset> {
    let below = dir.join(name);
    let Some(dir) = [dir, &below].into_iter().find(|dir| is_dataset(dir)) else {
        bail!(
            "{}: no dataset is there or in its folder {name}",
            dir.display()
        );
    };
    let dataset = Dataset::open(dir)?;
    dataset.manifest.expect_record::<R>(dir)?;
    Ok(dataset)
}
