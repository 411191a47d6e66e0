//! A file that grows beside its place and takes it in one step. Dropped before, it is removed: nothing is left of a
//! full disk, or of work that was stopped.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use kprep_schemas::sync_dir;

use crate::{Error, Result};

/// The file.
pub(crate) struct PartialFile {
    file: File,
    temporary: PathBuf,
    path: PathBuf,
}

impl PartialFile {
    /// Starts it, over what a killed process left.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let temporary = beside(path);
        Ok(Self {
            file: File::create(&temporary).map_err(Error::io(&temporary))?,
            temporary,
            path: path.to_owned(),
        })
    }

    /// Gives it its size, that of a hole.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn set_len(&self, size: u64) -> Result<()> {
        self.file.set_len(size).map_err(Error::io(&self.temporary))
    }

    /// Writes at its end.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .map_err(Error::io(&self.temporary))
    }

    /// Writes somewhere in it.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn write_at(&self, bytes: &[u8], place: u64) -> Result<()> {
        self.file
            .write_all_at(bytes, place)
            .map_err(Error::io(&self.temporary))
    }

    /// Puts it in its place, safe from crashes.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn publish(self) -> Result<()> {
        publish(&self.temporary, &self.path)
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Published, it is there no more; after an error, that error is what the user needs to see.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Where a file is written before it takes its place.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.partial"))
}

/// Puts a file that was written [`beside`] its place there, safe from crashes: it is on the disk before its name is,
/// and its name before that of what is published next.
pub(crate) fn publish(temporary: &Path, path: &Path) -> Result<()> {
    File::open(temporary)
        .and_then(|file| file.sync_all())
        .map_err(Error::io(temporary))?;
    fs::rename(temporary, path).map_err(Error::io(path))?;
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    Ok(sync_dir(parent.unwrap_or(Path::new(".")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_of_a_file_that_was_not_finished() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let mut file = PartialFile::create(&path).unwrap();
        file.write(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        let mut file = PartialFile::create(&path).unwrap();
        file.write(b"whole").unwrap();
        file.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
