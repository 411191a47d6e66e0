//! From the paths that a user names to inputs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::decompress::without_compression;
use crate::input::opening;
use crate::{Error, Input, Result};

/// What there is at the paths that a user names.
#[derive(Debug, Default)]
pub struct Found {
    /// The inputs, in the order of the paths; those of a folder in the order of theirs.
    pub inputs: Vec<Input>,
    /// Files in folders that are called otherwise than inputs are.
    pub passed_over: Vec<PathBuf>,
}

impl Found {
    /// Files as they are named (`-` is the standard input), and for a folder every file in it and
    /// below it that [`is_named`] so. Hidden files are not looked at, and each folder once: links may
    /// lead back to where they stand.
    ///
    /// # Errors
    /// [`Error::Open`], or [`Error::NoInput`] for a folder without inputs.
    pub fn at(paths: &[PathBuf], suffixes: &[&str]) -> Result<Self> {
        let mut found = Self::default();
        for path in paths {
            if !path.is_dir() {
                found.inputs.push(Input::new(path)?);
                continue;
            }
            let mut files = Vec::new();
            list(path, &mut BTreeSet::new(), &mut files)?;
            files.sort();
            let named = |file: &PathBuf| is_named(&file.to_string_lossy(), suffixes);
            let (inputs, others): (Vec<_>, Vec<_>) = files.into_iter().partition(named);
            if inputs.is_empty() {
                let expected: Vec<_> = suffixes.iter().map(|s| format!("*{s}")).collect();
                return Err(Error::NoInput {
                    path: path.clone(),
                    expected: expected.join(", "),
                });
            }
            found.passed_over.extend(others);
            for file in inputs {
                let inside = file.strip_prefix(path).unwrap_or(&file);
                let mut input = Input::new(&file)?;
                input.name = inside.to_string_lossy().into_owned();
                found.inputs.push(input);
            }
        }
        Ok(found)
    }
}

/// Whether a file's name ends in one of these, in capitals or not, with or without the suffix of a
/// compression.
pub fn is_named(name: &str, suffixes: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = without_compression(&name);
    suffixes.iter().any(|suffix| plain.ends_with(suffix))
}

/// Adds the files in a folder and below it.
fn list(dir: &Path, seen: &mut BTreeSet<PathBuf>, files: &mut Vec<PathBuf>) -> Result<()> {
    if !seen.insert(dir.canonicalize().map_err(opening(dir))?) {
        return Ok(());
    }
    for entry in fs::read_dir(dir).map_err(opening(dir))? {
        let entry = entry.map_err(opening(dir))?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if path.is_dir() {
            list(&path, seen, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_its_inputs_by_name_and_says_when_there_are_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("c")).unwrap();
        for name in [
            "b.JSON",
            "a.json.gz",
            "c/notes.txt",
            ".hidden.json",
            "c/b.json",
        ] {
            fs::write(path(name), "").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), path("c/back")).unwrap();
        let paths = [dir.path().to_owned()];
        let found = Found::at(&paths, &[".json"]).unwrap();
        let names: Vec<_> = found.inputs.iter().map(|i| &i.name).collect();
        assert_eq!(names, ["a.json.gz", "b.JSON", "c/b.json"]);
        assert_eq!(found.passed_over, [path("c/notes.txt")]);
        let error = Found::at(&paths, &[".conllu", ".conll"]).unwrap_err();
        let expected = "no input in this folder, expected files named *.conllu, *.conll";
        assert!(error.to_string().ends_with(expected));
    }
}
