//! What must be on the disk before something else is: syncing, and renames that replace a folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, RenameFlags, StatxAttributes, StatxFlags, renameat_with, statx};
use rustix::io::Errno;

use crate::{Error, Result};

/// Has the system write down which names a folder holds.
///
/// # Errors
/// [`Error::Io`].
pub fn sync_dir(path: &Path) -> Result<()> {
    let dir = File::open(path).map_err(Error::io(path))?;
    dir.sync_all().map_err(Error::io(path))
}

/// Has the system write down all files and folders at and below `path`: to be called before the
/// rename that publishes them, for a rename can reach the disk before what it renames. Links are
/// left alone.
///
/// # Errors
/// [`Error::Io`].
pub fn sync_tree(path: &Path) -> Result<()> {
    for entry in fs::read_dir(path).map_err(Error::io(path))? {
        let entry = entry.map_err(Error::io(path))?;
        let path = entry.path();
        let kind = entry.file_type().map_err(Error::io(&path))?;
        if kind.is_dir() {
            sync_tree(&path)?;
        } else if kind.is_file() {
            sync_dir(&path)?; // a file is synced as a folder is
        }
    }
    sync_dir(path)
}

/// Puts the folder or file `new` in the place of `out`. What was at `out` is at `aside` then, which
/// must be free.
///
/// Old and new are exchanged in one step where the file system can do that. Elsewhere the old one
/// moves to `aside` first, so that both are whole at every moment, but between the two steps
/// nothing is at `out`.
///
/// # Errors
/// [`Error::Io`].
pub fn replace(new: &Path, out: &Path, aside: &Path) -> Result<()> {
    if fs::symlink_metadata(out).is_ok() {
        match renameat_with(CWD, new, CWD, out, RenameFlags::EXCHANGE) {
            Ok(()) => fs::rename(new, aside).map_err(Error::io(new))?,
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::rename(out, aside).map_err(Error::io(out))?;
                fs::rename(new, out).map_err(Error::io(out))?;
            }
            Err(errno) => return Err(Error::io(out)(errno.into())),
        }
    } else {
        fs::rename(new, out).map_err(Error::io(out))?;
    }
    sync_dir(parent(out))
}

/// Where output named `out` will really lie: links are followed, those whose target is not there
/// yet, too. A dataset then grows beside its target, on the target's disk, and the link stays a
/// link.
///
/// # Errors
/// [`Error::Io`] for a circle of links.
pub fn resolve_out(out: &Path) -> Result<PathBuf> {
    const LINKS: usize = 40; // as the kernel
    // Without a slash or a dot at its end: the path itself is to be renamed, not what is in it.
    let mut path = out.components().as_path().to_owned();
    if path.file_name().is_none() {
        // `.`, `..` or a root, which have no name to put something beside.
        return path.canonicalize().map_err(Error::io(out));
    }
    for _ in 0..LINKS {
        let Ok(target) = fs::read_link(&path) else {
            return Ok(path); // no link, or nothing there
        };
        path = parent(&path).join(target);
    }
    Err(Error::io(out)(io::Error::other("a circle of links")))
}

/// Whether a folder is the root of a mounted file system (a volume of a container, say): it cannot
/// be renamed, nor replaced by a rename.
pub fn is_mount_point(path: &Path) -> bool {
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::empty());
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// The folder in which a path lies, in a form that can be opened.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn old_and_new_change_places() {
        let dir = tempfile::tempdir().unwrap();
        let [new, out, aside] = ["new", "out", "aside"].map(|name| dir.path().join(name));
        for path in [&new, &out] {
            fs::create_dir(path).unwrap();
            fs::write(
                path.join("name"),
                path.file_name().unwrap().as_encoded_bytes(),
            )
            .unwrap();
        }
        sync_tree(&new).unwrap();
        replace(&new, &out, &aside).unwrap();
        let read = |path: &Path| fs::read_to_string(path.join("name")).unwrap();
        assert_eq!([read(&out), read(&aside)], ["new", "out"]);
        assert!(!new.exists());
    }

    #[test]
    fn links_lead_to_where_the_output_will_lie() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        symlink("b", path("a")).unwrap();
        symlink("c/not-there", path("b")).unwrap();
        assert_eq!(resolve_out(&path("a")).unwrap(), path("c/not-there"));
        assert_eq!(resolve_out(&path("a/")).unwrap(), path("c/not-there"));
        assert_eq!(resolve_out(&path("d/.")).unwrap(), path("d"));
        symlink("e", path("e")).unwrap();
        assert!(resolve_out(&path("e")).is_err());
    }

    #[test]
    fn roots_of_file_systems_are_told_from_folders() {
        let dir = tempfile::tempdir().unwrap();
        assert!(is_mount_point(Path::new("/proc")));
        assert!(!is_mount_point(dir.path()));
    }
}
