//! The inputs of a command and their checksums for the manifest.

use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use kprep_ingest::Input;
use kprep_schemas::{InputFile, sha256_file};

/// Sizes and checksums of the inputs, made while these are read.
pub(crate) struct Described(JoinHandle<Result<Vec<InputFile>>>);

impl Described {
    /// Begins on a thread of its own: no pipeline uses all of every core.
    pub(crate) fn begin(inputs: &[Input]) -> Self {
        let inputs = inputs.to_vec();
        Self(thread::spawn(move || describe(&inputs)))
    }

    /// Waits for the last one.
    pub(crate) fn finish(self) -> Result<Vec<InputFile>> {
        let described = self.0.join();
        described.map_err(|_| anyhow!("the checksum thread broke down"))?
    }
}

/// Sizes and checksums of the inputs as stored, in their order.
fn describe(inputs: &[Input]) -> Result<Vec<InputFile>> {
    let describe = |input: &Input| {
        let sha256 =
            sha256_file(&input.path).with_context(|| format!("{}", input.path.display()))?;
        Ok(InputFile {
            name: input.name.clone(),
            bytes: input.bytes,
            sha256,
        })
    };
    // Not on rayon's threads: they encode columns meanwhile.
    inputs.iter().map(describe).collect()
}

/// Bytes of all inputs as stored.
pub(crate) fn total_bytes(inputs: &[Input]) -> u64 {
    inputs.iter().map(|input| input.bytes).sum()
}
