//! Text from a file never becomes a path unchecked: a dataset from elsewhere may say what it likes.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Whether text can be the name of a file or folder in a folder: one component, neither `.` nor
/// `..`, without control characters, not longer than file systems allow.
pub fn is_plain_name(name: &str) -> bool {
    const LONGEST: usize = 255;
    is_below(name) && !name.contains('/') && name.len() <= LONGEST
}

/// Whether text is a path that leads from a folder to something below it, as it is written:
/// relative, without `.`, `..`, empty components, backslashes and control characters.
pub fn is_below(path: &str) -> bool {
    let parts = Path::new(path).components();
    let normal = parts
        .clone()
        .all(|part| matches!(part, Component::Normal(_)));
    // `a//b` and `a/./b` are normal when they are taken apart, but two ways to name one file.
    let same = parts.as_path().as_os_str() == path
        && path.split('/').all(|part| !matches!(part, "" | "."));
    !path.is_empty() && normal && same && !path.contains(|c: char| c.is_control() || c == '\\')
}

/// The regular file that `path` names below `dir`.
///
/// # Errors
/// `InvalidInput` if it does not lie below `dir` (as written, or over a link), or is no regular
/// file; and the system's errors, `NotFound` among them.
pub fn file_below(dir: &Path, path: &str) -> io::Result<PathBuf> {
    let refuse = |reason| Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    if !is_below(path) {
        return refuse("expected a path below the folder");
    }
    let file = dir.join(path);
    if !file.canonicalize()?.starts_with(dir.canonicalize()?) {
        return refuse("a link leads out of the folder");
    }
    if !file.metadata()?.is_file() {
        return refuse("expected a regular file");
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn names_and_paths_stay_in_their_folder() {
        for name in ["trex-rc", "größe", ".hidden", "a b", "..a"] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in ["", ".", "..", "a/b", "/a", "a/", "a\0b", "a\nb", "..\\a"] {
            assert!(!is_plain_name(name), "{name:?}");
        }
        assert!(!is_plain_name(&"x".repeat(256)));
        assert!(is_below("data/train-00000-of-00001.parquet"));
        for path in [
            "../a",
            "/etc/passwd",
            "a/../b",
            "a//b",
            "./a",
            "a/.",
            "a/\u{1b}[2J",
            "",
        ] {
            assert!(!is_below(path), "{path:?}");
        }
    }

    #[test]
    fn links_lead_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let inside = dir.path().join("dataset");
        fs::create_dir(&inside).unwrap();
        fs::write(inside.join("file"), "1").unwrap();
        fs::write(dir.path().join("secret"), "2").unwrap();
        symlink("file", inside.join("same")).unwrap();
        symlink("../secret", inside.join("out")).unwrap();
        symlink("/dev/zero", inside.join("zero")).unwrap();

        assert_eq!(file_below(&inside, "file").unwrap(), inside.join("file"));
        assert_eq!(file_below(&inside, "same").unwrap(), inside.join("same"));
        let reason = |path| file_below(&inside, path).unwrap_err().to_string();
        assert_eq!(reason("out"), "a link leads out of the folder");
        assert_eq!(reason("zero"), "a link leads out of the folder");
        assert_eq!(reason("../secret"), "expected a path below the folder");
        let missing = file_below(&inside, "missing").unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
