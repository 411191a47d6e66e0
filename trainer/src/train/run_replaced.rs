//! The run that a new one replaces: beside its folder as long as the new one is not complete.

use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{is_mount_point, replace, resolve_out};

use crate::files::paths::Paths;
use crate::files::weights::write_atomically;
use crate::train::run_files::{self, REPLACES};
use crate::train::run_mark::{Found, look};
use crate::{Error, Result};

impl Paths {
    /// Removes the run that this one replaces, now that this one is complete. Gives where something is left of
    /// it that ktrain did not write.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn forget_replaced(&self) -> Result<Option<PathBuf>> {
        let dir = resolve_out(&self.dir)?;
        let mark = dir.join(REPLACES);
        if !mark.is_file() {
            return Ok(None);
        }
        let mut left = None;
        for old in ["old", "new"].map(|what| beside(&dir, what)) {
            match look(&old)? {
                Found::NoRun => left = Some(old),
                Found::Finished | Found::Unfinished if run_files::remove(&old, &[])? => {
                    left = Some(old);
                }
                Found::Nothing | Found::Finished | Found::Unfinished => {}
            }
        }
        fs::remove_file(&mark).map_err(Error::io(&mark))?;
        Ok(left)
    }
}

/// Takes a run out of the way of a new one. A complete one stays whole beside its folder.
pub(crate) fn put_aside(dir: &Path) -> Result<()> {
    let [new, old] = ["new", "old"].map(|what| beside(dir, what));
    // An earlier command was killed between two steps of this one.
    if look(&new)? == Found::Finished && look(&old)? == Found::Nothing {
        fs::rename(&new, &old).map_err(Error::io(&new))?;
    }
    discard(&new, &[])?;
    if look(dir)? != Found::Finished {
        return discard(dir, &[REPLACES]);
    }
    discard(&old, &[])?;
    if is_mount_point(dir) {
        return discard(dir, &[]); // it cannot be renamed
    }
    let training = new.join("training");
    fs::create_dir_all(&training).map_err(Error::io(&training))?;
    let name = old.file_name().unwrap_or_default().to_string_lossy();
    let text = format!(
        "The run that this one replaces is in {name}, beside this run's folder, until this one is complete.\n"
    );
    write_atomically(&new.join(REPLACES), text.as_bytes())?;
    Ok(replace(&new, dir, &old)?)
}

/// Removes a run, if there is one.
fn discard(dir: &Path, kept: &[&str]) -> Result<()> {
    if dir.is_dir() {
        run_files::remove(dir, kept)?;
    }
    Ok(())
}

pub(crate) fn beside(dir: &Path, what: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{what}"))
}

pub(crate) fn parent(dir: &Path) -> &Path {
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}
