//! Where a dataset goes: its place, the hidden folder in which it grows, and how it is put in its
//! place.

use std::fs;
use std::path::{Path, PathBuf};

use crate::durable::{parent, replace, resolve_out, sync_dir, sync_tree};
use crate::ownership::{check_ours, entries, not_ours, remove_empty, remove_file, remove_ours};
use crate::{Error, FolderLock, PROGRESS, Result, is_mount_point};

/// A file in the folder where output grows, and its text: by both, the folder is known as this
/// program's.
const MARK: &str = "kprep-partial.txt";
const MARK_TEXT: &str = "The unfinished output of a run of kprep: the next run with the same --out \
                         removes it, or goes on with it.\n";

/// In the folder where output grows: the output, and what it replaces while that is removed.
const NEW: &str = "new";
const OLD: &str = "old";

/// What kind of output an output may replace.
#[derive(Debug, Clone, Copy)]
pub struct Replaces {
    /// Says whether what is at a place was written by this program, all of it.
    pub check: fn(&Path) -> Result<()>,
    /// Removes what `check` has looked at, and nothing else; goes on where a run was killed.
    pub remove: fn(&Path) -> Result<()>,
}

/// A dataset, or the tables of one run.
const DATASET: Replaces = Replaces {
    check: check_ours,
    remove: remove_ours,
};

/// The place of an output, which belongs to this process from the first check to the end: another
/// one that wants it is refused.
///
/// Output grows in `.NAME.partial` beside its place and takes it in one step when it is complete.
/// What was there is exchanged with it and then removed: a dataset of this program, or the tables
/// of one run, and of them the files that their manifests list.
///
/// Dropped before, it removes what has grown, unless that is to be gone on from.
#[derive(Debug)]
pub struct OutputDir {
    out: PathBuf,
    overwrite: bool,
    replaces: Replaces,
    /// Whether what is in the folder where output grows is of this run and is to go with it.
    clears: bool,
    /// Last: it is released when nothing is written any more.
    _lock: FolderLock,
}

impl OutputDir {
    /// Takes the place `out`, before any work is done. Links are followed.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process writes there. [`Error::Exists`] if there is something
    /// and `overwrite` is off. [`Error::NotOurs`] if there is something that this program did not
    /// write; [`Error::MountPoint`]; [`Error::Io`].
    pub fn claim(out: &Path, overwrite: bool) -> Result<Self> {
        Self::claim_for(out, overwrite, DATASET)
    }

    /// The same, for output that is no dataset.
    ///
    /// # Errors
    /// As [`OutputDir::claim`], with what [`Replaces::check`] says.
    pub fn claim_for(out: &Path, overwrite: bool, replaces: Replaces) -> Result<Self> {
        let out = resolve_out(out)?;
        if out.file_name().is_none() || is_mount_point(&out) {
            return Err(Error::MountPoint(out));
        }
        let claimed = Self {
            _lock: FolderLock::of(&out)?,
            out,
            overwrite,
            replaces,
            clears: false,
        };
        claimed.recover()?;
        claimed.check_free()?;
        claimed.check_work()?;
        Ok(claimed)
    }

    /// The name of what is written: its folder's, without what no name of a dataset may have.
    pub fn name(&self) -> String {
        let replace = |c: char| if c.is_control() || c == '\\' { '_' } else { c };
        name_of(&self.out).chars().map(replace).collect()
    }

    /// The folder that it will stand in: on the disk of the output.
    pub fn folder(&self) -> &Path {
        parent(&self.out)
    }

    /// Starts the output: an empty folder in which it grows. What a killed run left is removed.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start(&mut self) -> Result<PathBuf> {
        let new = self.start_file()?;
        fs::create_dir(&new).map_err(Error::io(&new))?;
        Ok(new)
    }

    /// The same for output that is one file: where it is to be made.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn start_file(&mut self) -> Result<PathBuf> {
        self.clear()?;
        let work = self.work();
        fs::create_dir(&work).map_err(Error::io(&work))?;
        self.clears = true;
        let mark = work.join(MARK);
        fs::write(&mark, MARK_TEXT).map_err(Error::io(&mark))?;
        Ok(self.new_path())
    }

    /// Leaves what has grown where it is when the run ends: there is something in it to go on from.
    pub(crate) fn keep(&mut self) {
        self.clears = false;
    }

    /// The folder where output grows, and what a run notes for itself.
    pub(crate) fn work(&self) -> PathBuf {
        hidden_sibling(&self.out, "partial")
    }

    /// The output, as long as it grows.
    pub(crate) fn new_path(&self) -> PathBuf {
        self.work().join(NEW)
    }

    /// Puts the output in its place, when all of it is on the disk.
    ///
    /// # Errors
    /// As [`OutputDir::claim`]: someone may have put something there meanwhile.
    pub fn publish(mut self) -> Result<()> {
        self.check_free()?;
        let new = self.new_path();
        if new.is_dir() {
            sync_tree(&new)?;
        } else {
            sync_dir(&new)?; // a file is synced as a folder is
        }
        // From here on there is nothing to go on from: what lies in the folder may be the old
        // output.
        remove_file(&self.work().join(PROGRESS))?;
        sync_dir(&self.work())?;
        replace(&new, &self.out, &self.work().join(OLD))?;
        self.clears = false;
        self.clear()
    }

    fn check_free(&self) -> Result<()> {
        let out = &self.out;
        if fs::symlink_metadata(out).is_err() || is_empty_dir(out) {
            return Ok(());
        }
        if !self.overwrite {
            return Err(Error::Exists(out.clone()));
        }
        (self.replaces.check)(out)
    }

    /// Ends what a killed run was about: it removes the old output, and what the run noted for
    /// itself, where the new output is in its place. Where old and new cannot be exchanged in one
    /// step, that run may have taken the old one away without putting the new one there; then the
    /// old one comes back.
    fn recover(&self) -> Result<()> {
        let old = self.work().join(OLD);
        if !self.is_marked() {
            return Ok(());
        }
        if fs::symlink_metadata(&self.out).is_ok() {
            // What has grown is no longer where it grew: it was published.
            let published = old.exists() || !self.new_path().exists();
            return if published { self.clear() } else { Ok(()) };
        }
        if old.exists() && (self.replaces.check)(&old).is_ok() {
            fs::rename(&old, &self.out).map_err(Error::io(&old))?;
            sync_dir(parent(&self.out))?;
        }
        Ok(())
    }

    /// Makes sure that the folder where output grows, if there is one, is of this program.
    fn check_work(&self) -> Result<()> {
        let work = self.work();
        if fs::symlink_metadata(&work).is_err() {
            return Ok(());
        }
        if !self.is_marked() {
            let found = "it is in the way of unfinished output";
            return Err(not_ours(&work, found.to_owned()));
        }
        for path in entries(&work)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_ours = matches!(&*name, MARK | NEW | OLD) || is_note(&name);
            if !is_ours {
                let found = format!("it has {name}, which kprep did not write");
                return Err(not_ours(&work, found));
            }
        }
        Ok(())
    }

    /// Whether the folder where output grows is there and was made by this program. A run may have
    /// been killed before it had marked it.
    fn is_marked(&self) -> bool {
        let work = self.work();
        let is_dir = fs::symlink_metadata(&work).is_ok_and(|found| found.is_dir());
        let Some(entries) = entries(&work).ok().filter(|_| is_dir) else {
            return false;
        };
        match fs::read_to_string(work.join(MARK)) {
            Ok(text) => text == MARK_TEXT || (entries.len() == 1 && MARK_TEXT.starts_with(&text)),
            Err(_) => entries.is_empty(),
        }
    }

    /// Removes the folder where output grows, its mark last.
    fn clear(&self) -> Result<()> {
        self.check_work()?;
        let work = self.work();
        if fs::symlink_metadata(&work).is_err() {
            return Ok(());
        }
        for path in entries(&work)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            match &*name {
                MARK => {}
                NEW if path.is_dir() => fs::remove_dir_all(&path).map_err(Error::io(&path))?,
                OLD => (self.replaces.remove)(&path)?,
                _ => remove_file(&path)?,
            }
        }
        remove_file(&work.join(MARK))?;
        remove_empty(&work)
    }
}

impl Drop for OutputDir {
    fn drop(&mut self) {
        if self.clears {
            // On the way out of an error, that error is what the user needs to see.
            let _ = self.clear();
        }
    }
}

/// Whether a file in the folder where output grows is a note of a run for itself.
fn is_note(name: &str) -> bool {
    let memory = name
        .strip_prefix("memory-")
        .and_then(|rest| rest.strip_suffix(".zst"));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    name == PROGRESS || name == "progress.new" || memory.is_some_and(is_number)
}

fn is_empty_dir(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// The name of an output: its folder's.
fn name_of(out: &Path) -> String {
    let name = out.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

pub(crate) fn hidden_sibling(out: &Path, suffix: &str) -> PathBuf {
    out.with_file_name(format!(".{}.{suffix}", name_of(out)))
}
