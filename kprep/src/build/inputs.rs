//! The inputs of a command: how they are found, refused and described.

use std::io::BufRead;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow};
use kprep_ingest::{Content, Found, Input};
use kprep_schemas::{Dataset, Funnel, InputFile};

use crate::console::tell;

/// Inputs that are told of one by one.
const TOLD: usize = 3;

/// The inputs at the paths that the user named; tells what it passes over in folders, unless
/// `quiet`. `out` is where the output of this run goes, which is no input.
pub(crate) fn find(
    paths: &[PathBuf],
    suffixes: &[&str],
    out: &Path,
    quiet: bool,
) -> Result<Vec<Input>> {
    let found = Found::at(paths, suffixes, Some(out))?;
    let names = found
        .passed_over
        .iter()
        .map(|path| path.display().to_string());
    if !quiet {
        tell_passed_over(&names.collect::<Vec<_>>());
        for (path, what) in &found.not_read {
            tell(&format_args!("passed over {}: {what}", path.display()));
        }
    }
    Ok(found.inputs)
}

/// Tells which files of folders and archives are not read, for their names.
pub(crate) fn tell_passed_over(names: &[String]) {
    if names.is_empty() {
        return;
    }
    let more = if names.len() > TOLD { ", …" } else { "" };
    let told = names[..names.len().min(TOLD)].join(", ");
    let files = if names.len() == 1 { "file" } else { "files" };
    tell(&format_args!(
        "passed over, for their names: {} {files} ({told}{more})",
        names.len()
    ));
}

/// What a command reads.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// Its name as [`Content`] knows it.
    pub(crate) command: &'static str,
    /// Its formats in words.
    pub(crate) formats: &'static str,
}

impl Wanted {
    /// What is wrong with content that seems to be of this kind.
    fn but_found(&self, found: impl std::fmt::Display) -> String {
        format!("expected {}, found {found}", self.formats)
    }
}

/// Why a file cannot be what a command reads, as far as its first bytes say so for sure.
pub(crate) fn refused(content: &mut dyn BufRead, wanted: &Wanted) -> Option<String> {
    // A fault of reading is for the reader to tell.
    let found = Content::of(content.fill_buf().ok()?)?;
    (!found.is_read_by(wanted.command)).then(|| wanted.but_found(found))
}

/// The error of a build whose inputs give no row: the counts, and what the inputs seem to be where
/// it is not what the command reads.
pub(crate) fn nothing_kept(
    what: &str,
    funnel: &Funnel,
    inputs: &[Input],
    wanted: &Wanted,
) -> Error {
    let looks = looks(inputs, wanted);
    anyhow!("no {what} of the inputs is left:\n{funnel}{looks}")
}

/// What the first of the inputs seem to be, a line each; nothing of those that look right.
pub(crate) fn looks(inputs: &[Input], wanted: &Wanted) -> String {
    let files = inputs.iter().filter(|input| !input.is_stream());
    let looks = files.take(TOLD).filter_map(|input| look(input, wanted));
    looks.map(|line| line + "\n").collect()
}

fn look(input: &Input, wanted: &Wanted) -> Option<String> {
    let mut told = None;
    let looked: kprep_ingest::Result<()> = input.look(|name, content| {
        if told.is_none()
            && let Ok(start) = content.fill_buf()
        {
            told =
                seeming(start, wanted).map(|found| format!("{name}: {}", wanted.but_found(found)));
        }
        Ok(())
    });
    looked.ok().and(told)
}

/// What content that starts so is called, unless that is what the command reads.
fn seeming(start: &[u8], wanted: &Wanted) -> Option<String> {
    const SHOWN: usize = 60;
    match Content::of(start) {
        Some(Content::Table) => Some(Content::Table.to_string()),
        Some(found) => (!found.is_read_by(wanted.command)).then(|| found.to_string()),
        None if start.is_empty() => Some("an empty file".to_owned()),
        None => {
            let start = String::from_utf8_lossy(&start[..start.len().min(8 * SHOWN)]);
            let line = start.lines().map(str::trim).find(|line| !line.is_empty())?;
            let shown: String = line.chars().take(SHOWN).collect();
            Some(format!("a file that starts with {shown:?}"))
        }
    }
}

/// Refuses inputs that have changed since they were found, as far as that is known by now: between
/// two passes, so that the second one is not for nothing.
pub(crate) fn unchanged(inputs: &[Input]) -> Result<()> {
    Ok(inputs.iter().try_for_each(Input::unchanged)?)
}

/// Names, sizes and checksums of the inputs for the manifest, in their order. To be called when
/// they were read, and before anything is published: what was parsed is what is described, or
/// nothing is.
///
/// What a stream was is known only if it was `read_whole`: else it would depend on who was faster
/// how much of it was read.
pub(crate) fn described(inputs: &[Input], read_whole: bool) -> Result<Vec<InputFile>> {
    let inputs = inputs.iter();
    inputs.map(|input| describe(input, read_whole)).collect()
}

/// The same of one input.
pub(crate) fn describe(input: &Input, read_whole: bool) -> Result<InputFile> {
    let checksum = input
        .checksum()?
        .filter(|_| read_whole || !input.is_stream());
    let (bytes, sha256) = checksum.map(|sum| (sum.bytes, sum.sha256)).unzip();
    Ok(InputFile {
        name: input.name.clone(),
        bytes,
        sha256,
    })
}

/// The shards of datasets that are read as inputs, by the name of each.
pub(crate) fn of_datasets(datasets: &[(&str, &Dataset)]) -> Vec<InputFile> {
    let shards = datasets.iter().flat_map(|(name, dataset)| {
        let shards = dataset.manifest.shards.iter();
        shards.map(move |shard| InputFile {
            name: format!("{name}/{}", shard.path),
            bytes: Some(shard.bytes),
            sha256: Some(shard.sha256.clone()),
        })
    });
    shards.collect()
}

/// Bytes of all inputs as stored, if they are known.
pub(crate) fn total_bytes(inputs: &[Input]) -> Option<u64> {
    let mut inputs = inputs.iter();
    inputs.try_fold(0, |sum, input| {
        (!input.is_stream()).then_some(sum + input.bytes)
    })
}
