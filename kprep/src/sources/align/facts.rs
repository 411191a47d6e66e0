//! The tables of facts: opened, or made first.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use kprep_align::distant::{Error, FactCounts, Facts, FactsWriter, Identity, UNFINISHED};
use kprep_schemas::{Dataset, FolderLock, Funnel, Split, Statement, stable_id, thousands};

use super::sources::bytes;
use crate::build::progress::Progress;
use crate::console;

/// Raised when the tables' content or meaning changes, so that old ones are made again.
const VERSION: &[u8] = b"kprep facts 1";

/// Opens the tables that were made of these triples; makes them where there are none, or others.
pub(crate) fn open_or_make(dir: &Path, quiet: bool, triples: &Dataset) -> Result<Facts> {
    let tell = |message: &str| {
        if !quiet {
            console::tell(&message);
        }
    };
    let identity = identity(triples);
    let why = match Facts::open(dir, &identity) {
        Ok(facts) => {
            // The file of a lock that a killed run left goes with this one. Who cannot lock needs
            // not.
            drop(FolderLock::of(dir));
            return Ok(facts);
        }
        Err(Error::Io { reason, .. }) if reason.kind() == std::io::ErrorKind::NotFound => {
            String::new()
        }
        Err(error @ (Error::Stale(_) | Error::Damaged { .. })) => format!(" ({error})"),
        Err(error) => return Err(error.into()),
    };
    tell(&format!("making tables of facts in {}{why}", dir.display()));
    let elsewhere = || format!("{}: choose another place with --facts", dir.display());
    let _lock = FolderLock::of(dir).with_context(elsewhere)?;
    fs::create_dir_all(dir).with_context(elsewhere)?;
    remove_unfinished(dir).with_context(elsewhere)?;
    let counts = make(dir, quiet, triples, &identity)?;
    let facts = Facts::open(dir, &identity)?;
    tell(funnel(counts, &facts).to_string().trim_end());
    let [items, literals] = facts.counts().map(thousands);
    tell(&format!(
        "{items} facts about items, {literals} about literals"
    ));
    Ok(facts)
}

/// Removes the unnamed tables that a killed run left.
fn remove_unfinished(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// What became of the statements.
fn funnel(counts: FactCounts, facts: &Facts) -> Funnel {
    let mut funnel = Funnel::new("statements", counts.read);
    funnel.stage(
        "of the best rank",
        [("of a lower rank, or deprecated", counts.rank)],
    );
    let no_fact = [
        ("of no item, or beyond P65535", counts.subject),
        ("no value", counts.no_value),
        ("value is no item, date or number", counts.other_value),
    ];
    funnel.stage("facts", no_fact);
    let known = funnel.kept().saturating_sub(facts.counts().iter().sum());
    funnel.stage("distinct", [("stated before", known)]);
    funnel
}

fn make(dir: &Path, quiet: bool, triples: &Dataset, identity: &Identity) -> Result<FactCounts> {
    let mut writer = FactsWriter::new(dir);
    let progress = Progress::start("facts", Some(bytes(triples)), quiet);
    let rows: u64 = triples.manifest.shards.iter().map(|shard| shard.rows).sum();
    let mut read = 0_u64;
    for split in Split::ALL {
        for statement in triples.views::<Statement>(split)? {
            writer.add(statement?)?;
            read += 1;
            if read.is_multiple_of(65_536) {
                let done = bytes(triples) as f64 * read as f64 / rows as f64;
                progress.read.store(done as u64, Ordering::Relaxed);
            }
        }
    }
    Ok(writer.finish(identity)?)
}

/// What the tables are made of: the triples' checksums and the version of the tables.
fn identity(triples: &Dataset) -> Identity {
    let shards = triples.manifest.shards.iter();
    let parts = shards.map(|shard| shard.sha256.as_bytes());
    let id = stable_id(parts.chain([VERSION]));
    let mut identity = [0; size_of::<Identity>()];
    identity[..id.len()].copy_from_slice(id.as_bytes());
    identity
}
