//! The inputs of a command and their checksums for the manifest.

use anyhow::{Context, Result};
use kprep_ingest::Input;
use kprep_schemas::{InputFile, sha256_file};
use rayon::prelude::*;

/// Sizes and checksums of the inputs as stored, in their order.
pub(crate) fn describe(inputs: &[Input]) -> Result<Vec<InputFile>> {
    let describe = |input: &Input| {
        let sha256 =
            sha256_file(&input.path).with_context(|| format!("{}", input.path.display()))?;
        Ok(InputFile {
            name: input.name.clone(),
            bytes: input.bytes,
            sha256,
        })
    };
    inputs.par_iter().map(describe).collect()
}

/// Bytes of all inputs as stored.
pub(crate) fn total_bytes(inputs: &[Input]) -> u64 {
    inputs.iter().map(|input| input.bytes).sum()
}
