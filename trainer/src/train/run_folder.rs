//! The folder of a run from the first check to the end: claimed by one process, made ready, never lost.
//!
//! With `--overwrite` the earlier run moves to `.NAME.old` beside the folder, in one step, and is removed when the
//! new one is complete. After a kill at any moment the folder holds a whole run, or one that counts as unfinished.

use std::fs;
use std::path::Path;

use kprep_schemas::{FolderLock, is_mount_point, resolve_out, sync_dir};

use crate::files::adapter_config;
use crate::files::paths::Paths;
use crate::train::run_files::{self, LOCK, REPLACES};
use crate::train::run_mark::{Found, has_just_begun, look};
use crate::train::run_replaced::{beside, parent, put_aside};
use crate::{Error, Result};

/// How many files are named that stop a command.
const NAMED: usize = 3;

/// A run's folder that no other process writes into while this lives.
#[derive(Debug)]
pub struct Claim {
    /// The run is complete, and is to be left as it is.
    pub finished: bool,
    _lock: FolderLock,
}

/// Locks a folder of which links were followed, whether it is there or not.
///
/// # Errors
/// [`Error::Dataset`] if another process writes into it.
pub fn lock(dir: &Path) -> Result<FolderLock> {
    Ok(if is_mount_point(dir) {
        FolderLock::at(dir.join(LOCK), dir)? // beside it may be no place to write
    } else {
        FolderLock::of(dir)?
    })
}

impl Paths {
    /// Claims the folder, and says why it cannot be used, before any work is done.
    ///
    /// # Errors
    /// [`Error::Exists`]; [`Error::Dataset`] if another process writes into it; [`Error::Io`].
    pub fn claim(&self, resume: bool, overwrite: bool) -> Result<Claim> {
        let dir = resolve_out(&self.dir)?;
        let lock = lock(&dir)?;
        let exists = |what: &str, advice| Error::Exists {
            path: self.dir.clone(),
            what: what.to_owned(),
            advice,
        };
        if adapter_config::is_of_earlier_version(&dir) {
            return Err(exists(
                "a run of an earlier version of ktrain",
                "choose another --out, or move it away",
            ));
        }
        let found = look(&dir)?;
        match found {
            Found::Nothing | Found::Finished | Found::Unfinished if overwrite => {
                check_own(&dir)?;
            }
            Found::Nothing => {}
            Found::Finished | Found::Unfinished if resume => {}
            Found::Finished => {
                return Err(exists(
                    "a finished run",
                    "choose another --out, or replace it with --overwrite",
                ));
            }
            Found::Unfinished => {
                return Err(exists(
                    "an unfinished run",
                    "go on with --resume, or restart with --overwrite",
                ));
            }
            // --overwrite must not delete a folder that is no run (a home folder, say).
            Found::NoRun => {
                return Err(exists(
                    "files that are no run of ktrain",
                    "choose another --out",
                ));
            }
        }
        Ok(Claim {
            finished: found == Found::Finished && resume,
            _lock: lock,
        })
    }

    /// Makes the folder ready, after [`Paths::claim`] has allowed it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn prepare(&self, overwrite: bool) -> Result<()> {
        let dir = resolve_out(&self.dir)?;
        if overwrite {
            put_aside(&dir)?;
        }
        let training = dir.join("training");
        fs::create_dir_all(&training).map_err(Error::io(&training))?;
        sync_dir(&dir)?;
        Ok(sync_dir(parent(&dir))?)
    }
}

/// What `--overwrite` removes was written by ktrain alone, and nothing is where the earlier run will be.
fn check_own(dir: &Path) -> Result<()> {
    let [old, new] = ["old", "new"].map(|what| beside(dir, what));
    for at in [dir, &old, &new] {
        let found = look(at)?;
        if found == Found::Nothing {
            continue;
        }
        let ours = match found {
            _ if at == dir || dir.join(REPLACES).is_file() => found != Found::NoRun,
            // A kill left an empty folder that was to become the new run's.
            _ => at == new && has_just_begun(&new.join("training")),
        };
        let [own, foreign] = run_files::own_and_foreign(at)?;
        let foreign = if ours {
            foreign
        } else {
            [own, foreign].concat()
        };
        if !foreign.is_empty() {
            let names = foreign
                .iter()
                .take(NAMED)
                .map(|path| path.display().to_string());
            let more = if foreign.len() > NAMED { ", ..." } else { "" };
            return Err(Error::Exists {
                path: at.to_owned(),
                what: format!(
                    "files that --overwrite must not remove ({}{more})",
                    names.collect::<Vec<_>>().join(", ")
                ),
                advice: "move them away, or choose another --out",
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    const RUN: &str =
        r#"{"format":"ktrain adapter","version":"0","config":{},"backbone":{},"dataset":{}}"#;

    fn run(dir: &Path, finished: bool) -> Paths {
        fs::create_dir_all(dir.join("training")).unwrap();
        fs::write(dir.join("training/config.json"), RUN).unwrap();
        if finished {
            fs::write(dir.join("config.json"), RUN).unwrap();
        }
        Paths {
            dir: dir.to_owned(),
        }
    }

    fn refusal(paths: &Paths, resume: bool, overwrite: bool) -> String {
        let error = paths.claim(resume, overwrite).unwrap_err().to_string();
        error.replace(&paths.dir.display().to_string(), "DIR")
    }

    #[test]
    fn the_earlier_run_stays_whole_until_the_new_one_is() {
        let dir = tempfile::tempdir().unwrap();
        let paths = run(&dir.path().join("rc"), true);
        let old = dir.path().join(".rc.old/config.json");
        let claim = paths.claim(false, true).unwrap();
        assert!(!claim.finished);
        paths.prepare(true).unwrap();
        assert!(old.is_file() && look(&paths.dir).unwrap() == Found::Unfinished);
        drop(claim);
        // Killed, and begun anew: the complete run is still there.
        run(&paths.dir, false);
        paths.claim(false, true).unwrap();
        paths.prepare(true).unwrap();
        assert!(old.is_file() && !paths.dir.join("training/config.json").exists());
        run(&paths.dir, true);
        assert_eq!(paths.forget_replaced().unwrap(), None);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(paths.claim(true, false).unwrap().finished);
    }

    #[test]
    fn a_kill_between_the_two_renames_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let paths = run(&dir.path().join("rc"), false);
        fs::write(paths.dir.join(REPLACES), "x").unwrap();
        run(&dir.path().join(".rc.new"), true);
        paths.claim(false, true).unwrap();
        paths.prepare(true).unwrap();
        assert!(dir.path().join(".rc.old/config.json").is_file());
        assert!(!dir.path().join(".rc.new").exists());
    }

    #[test]
    fn an_empty_folder_that_a_kill_left_is_in_nobody_s_way() {
        let dir = tempfile::tempdir().unwrap();
        let paths = run(&dir.path().join("rc"), true);
        let new = dir.path().join(".rc.new/training");
        for file in ["", ".replaces.txt.partial", "replaces.txt"] {
            fs::create_dir_all(&new).unwrap();
            if !file.is_empty() {
                fs::write(new.join(file), "x").unwrap();
            }
            paths.claim(false, true).unwrap();
        }
        paths.prepare(true).unwrap();
        assert!(!dir.path().join(".rc.new").exists());
        assert!(dir.path().join(".rc.old/config.json").is_file());
    }

    #[test]
    fn what_others_wrote_stops_the_command_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let paths = run(&dir.path().join("rc"), true);
        fs::write(paths.dir.join("notes.txt"), "x").unwrap();
        assert_eq!(
            refusal(&paths, false, true),
            "DIR holds files that --overwrite must not remove (notes.txt): move them away, or choose another --out"
        );
        assert!(paths.claim(true, false).unwrap().finished);
        fs::remove_file(paths.dir.join("notes.txt")).unwrap();
        let old = dir.path().join(".rc.old");
        fs::create_dir(&old).unwrap();
        fs::write(old.join("thesis.tex"), "x").unwrap();
        assert!(
            paths
                .claim(false, true)
                .unwrap_err()
                .to_string()
                .contains(".rc.old holds files")
        );
        fs::remove_dir_all(&old).unwrap();
        run(&old, true); // a run, but not one that this one replaces
        assert!(
            paths
                .claim(false, true)
                .unwrap_err()
                .to_string()
                .contains(".rc.old holds files")
        );
        fs::remove_dir_all(&old).unwrap();

        let lora = r#"{"peft_type":"LORA"}"#;
        fs::write(paths.dir.join("config.json"), lora).unwrap();
        assert_eq!(
            refusal(&paths, false, true),
            "DIR holds files that are no run of ktrain: choose another --out"
        );
    }

    #[test]
    fn a_link_stays_a_link_and_one_process_at_a_time_writes() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("disk/rc");
        fs::create_dir(dir.path().join("disk")).unwrap();
        let link = dir.path().join("link");
        symlink("disk/rc", &link).unwrap();
        let paths = Paths { dir: link.clone() };
        let claim = paths.claim(false, false).unwrap();
        paths.prepare(false).unwrap();
        assert!(target.join("training").is_dir());
        let same = Paths {
            dir: target.clone(),
        };
        let message = same.claim(false, true).unwrap_err().to_string();
        assert!(message.contains(" is writing it"), "{message}");
        drop(claim);
        run(&target, true);
        paths.claim(false, true).unwrap();
        paths.prepare(true).unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(dir.path().join("disk/.rc.old/config.json").is_file());
    }
}
