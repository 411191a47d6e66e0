//! One writer at a time: an advisory lock on an output, held from the first check to the end.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::{env, process};

use rustix::fs::OFlags;

use crate::output_dir::hidden_sibling;
use crate::ownership::not_ours;
use crate::{Error, Result, printable};

/// How the file of a lock begins: by that it is told from a file of others of that name.
const START: &str = "process ";

/// The lock on an output: on the file `.NAME.lock` beside it, which is gone when the lock is
/// dropped.
///
/// The system releases the lock when the process ends, in whatever way; the file that a killed
/// process leaves locks nothing. On a file system without locks there is none, and nothing is
/// refused.
#[derive(Debug)]
pub struct FolderLock {
    path: PathBuf,
    /// The folders that were made for it, the innermost first.
    made: Vec<PathBuf>,
    /// Closing it releases the lock.
    _file: File,
}

impl FolderLock {
    /// Locks the output at `out`, which need not exist; its parent folder is made.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process holds the lock, [`Error::NotOurs`] if there is a file
    /// of that name that is no lock, [`Error::Io`] if the file cannot be made.
    pub fn of(out: &Path) -> Result<Self> {
        let path = hidden_sibling(out, "lock");
        let parents = path.ancestors().skip(1);
        let made: Vec<PathBuf> = parents
            .take_while(|parent| !parent.as_os_str().is_empty() && !parent.exists())
            .map(Path::to_owned)
            .collect();
        if let Some(parent) = made.first() {
            fs::create_dir_all(parent).map_err(Error::io(parent))?;
        }
        let mut lock = Self::at(path, out)?;
        lock.made = made;
        Ok(lock)
    }

    /// Locks `out` by the file at `path`.
    ///
    /// # Errors
    /// As [`FolderLock::of`].
    pub fn at(path: PathBuf, out: &Path) -> Result<Self> {
        loop {
            let mut open = OpenOptions::new();
            let open = open.read(true).write(true).create(true).truncate(false);
            // A link would lead to a file of someone else.
            open.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
            let mut file = open.open(&path).map_err(Error::io(&path))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Locked {
                        path: out.to_owned(),
                        holder: holder(&mut file),
                    });
                }
                // A file system without locks: better no protection than no work.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Between opening and locking, its holder may have removed the file: then someone else
            // can lock the next one of that name.
            if is_at(&file, &path) {
                if !is_lock(&mut file).map_err(Error::io(&path))? {
                    let found = "it is in the way of a lock";
                    return Err(not_ours(&path, found.to_owned()));
                }
                sign(&mut file).map_err(Error::io(&path))?;
                return Ok(Self {
                    path,
                    made: Vec::new(),
                    _file: file,
                });
            }
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // While the lock is held. If it fails, the file stays and locks nothing.
        let _ = fs::remove_file(&self.path);
        // A run that failed leaves no folders behind. One that is not empty stays.
        for dir in &self.made {
            let _ = fs::remove_dir(dir);
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let here = file.metadata().map(|file| (file.dev(), file.ino()));
    let there = fs::metadata(path).map(|file| (file.dev(), file.ino()));
    matches!((here, there), (Ok(here), Ok(there)) if here == there)
}

/// Whether a file is that of a lock: empty, as one that was killed leaves it at worst, or signed.
fn is_lock(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.take(START.len() as u64).read_to_end(&mut start)?;
    Ok(START.as_bytes().starts_with(&start))
}

/// Writes down who holds the lock.
fn sign(file: &mut File) -> io::Result<()> {
    let words: Vec<String> = env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    file.set_len(0)?;
    file.rewind()?;
    // In one piece: who is refused meanwhile reads all of it or nothing.
    let text = format!("{START}{} ({})", process::id(), words.join(" "));
    file.write_all(text.as_bytes())
}

/// Who holds the lock, as [`sign`] has written it.
fn holder(file: &mut File) -> String {
    const SHOWN: u64 = 200;
    let mut text = Vec::new();
    let read = file.take(SHOWN).read_to_end(&mut text);
    match printable(&String::from_utf8_lossy(&text)) {
        text if read.is_ok() && !text.is_empty() => text.into_owned(),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_told_who_holds_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new/data");
        let lock = FolderLock::of(&out).unwrap();
        let refused = FolderLock::of(&out).unwrap_err().to_string();
        let holder = format!(": process {} (", process::id());
        assert!(refused.contains(&holder), "{refused}");
        assert!(refused.starts_with(&out.display().to_string()), "{refused}");

        drop(lock);
        assert!(
            !dir.path().join("new").exists(),
            "what was made for the lock"
        );
        FolderLock::of(&out).unwrap();
    }

    #[test]
    fn the_file_of_a_killed_process_locks_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("data");
        fs::write(dir.path().join(".data.lock"), "process 1 (kprep trex)").unwrap();
        FolderLock::of(&out).unwrap();
    }

    #[test]
    fn a_file_of_someone_else_is_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        let (out, file) = (dir.path().join("data"), dir.path().join(".data.lock"));
        fs::write(&file, "my own notes").unwrap();
        let refused = FolderLock::of(&out).unwrap_err();
        assert!(matches!(refused, Error::NotOurs { .. }), "{refused}");
        assert_eq!(fs::read(&file).unwrap(), b"my own notes");

        let notes = dir.path().join("notes");
        fs::rename(&file, &notes).unwrap();
        std::os::unix::fs::symlink(&notes, &file).unwrap();
        FolderLock::of(&out).unwrap_err();
        assert_eq!(fs::read(&notes).unwrap(), b"my own notes");
    }
}
