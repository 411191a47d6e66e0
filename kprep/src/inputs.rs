//! The inputs of a command and their checksums for the manifest.

use std::io::{Write, stderr};
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use kprep_ingest::{Found, Input};
use kprep_schemas::{InputFile, sha256_file};

/// The inputs at the paths that the user named; tells what it passes over in folders, unless `quiet`.
pub(crate) fn find(paths: &[PathBuf], suffixes: &[&str], quiet: bool) -> Result<Vec<Input>> {
    let found = Found::at(paths, suffixes)?;
    let names = found
        .passed_over
        .iter()
        .map(|path| path.display().to_string());
    if !quiet {
        tell_passed_over(&names.collect::<Vec<_>>());
    }
    Ok(found.inputs)
}

/// Tells which files of folders and archives are not read, for their names.
pub(crate) fn tell_passed_over(names: &[String]) {
    const TOLD: usize = 3;
    if names.is_empty() {
        return;
    }
    let more = if names.len() > TOLD { ", …" } else { "" };
    let told = names[..names.len().min(TOLD)].join(", ");
    let _ = writeln!(
        stderr(),
        "passed over, for their names: {} files ({told}{more})",
        names.len()
    );
}

/// Sizes and checksums of the inputs, made while these are read.
pub(crate) struct Described(JoinHandle<Result<Vec<InputFile>>>);

impl Described {
    /// Begins on a thread of its own: no pipeline uses all of every core.
    pub(crate) fn begin(inputs: &[Input]) -> Self {
        let inputs = inputs.to_vec();
        Self(thread::spawn(move || describe(&inputs)))
    }

    /// Waits for the last one. To be called when the inputs were read: then it is known what the
    /// standard input was, if `read_whole`. Else it would depend on who was faster how much of it
    /// was read.
    pub(crate) fn finish(self, inputs: &[Input], read_whole: bool) -> Result<Vec<InputFile>> {
        let described = self.0.join();
        let mut described = described.map_err(|_| anyhow!("the checksum thread broke down"))??;
        for (file, input) in described.iter_mut().zip(inputs) {
            if let Some(checksum) = input.streamed().filter(|_| read_whole) {
                file.bytes = Some(checksum.bytes);
                file.sha256 = Some(checksum.sha256.clone());
            }
        }
        Ok(described)
    }
}

/// Sizes and checksums of the inputs as stored, in their order.
fn describe(inputs: &[Input]) -> Result<Vec<InputFile>> {
    let describe = |input: &Input| {
        let mut file = InputFile {
            name: input.name.clone(),
            bytes: None,
            sha256: None,
        };
        if !input.is_stream() {
            let sha256 = sha256_file(&input.path);
            file.sha256 = Some(sha256.with_context(|| input.path.display().to_string())?);
            file.bytes = Some(input.bytes);
        }
        Ok(file)
    };
    // Not on rayon's threads: they encode columns meanwhile.
    inputs.iter().map(describe).collect()
}

/// Bytes of all inputs as stored, if they are known.
pub(crate) fn total_bytes(inputs: &[Input]) -> Option<u64> {
    let mut inputs = inputs.iter();
    inputs.try_fold(0, |sum, input| {
        (!input.is_stream()).then_some(sum + input.bytes)
    })
}
