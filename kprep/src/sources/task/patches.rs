//! Patches of TACRED's relations, as files.

use std::path::PathBuf;

use anyhow::{Context, Result};
use kprep_ingest::task::Patch;

use super::session::Session;

/// The patches of all these files in one; `None` of none.
pub(crate) fn read(session: &mut Session<'_>, paths: &[PathBuf]) -> Result<Option<Patch>> {
    let mut all: Option<Patch> = None;
    for path in paths {
        let name = || path.display().to_string();
        let json = session.side_file(path)?;
        let patch = Patch::parse(json.text()?.as_bytes()).with_context(name)?;
        all = Some(match all {
            None => patch,
            Some(before) => before.join(patch).with_context(name)?,
        });
    }
    Ok(all)
}
