//! From the paths that a user names to inputs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::{MANIFEST, Manifest};

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
    /// What else in folders is not read, and what it is.
    pub not_read: Vec<(PathBuf, &'static str)>,
}

impl Found {
    /// Files as they are named (`-` is the standard input), and for a folder every file in it and
    /// below it that [`is_named`] so. Hidden files are not looked at, and each folder once: links
    /// may lead back to where they stand.
    ///
    /// What a run writes is no input of the next one: `out`, the place of this run's output, is not
    /// read, nor are datasets that kprep wrote and what it left unfinished.
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::NoInput`] for a folder without inputs, or [`Error::Dataset`] for
    /// one that is a dataset.
    pub fn at(paths: &[PathBuf], suffixes: &[&str], out: Option<&Path>) -> Result<Self> {
        let mut found = Self::default();
        // Where nothing is yet there is nothing to pass over.
        let out = out.and_then(|out| out.canonicalize().ok());
        for path in paths {
            if path.is_dir() {
                found.add_folder(path, suffixes, out.as_deref())?;
            } else {
                found.inputs.push(Input::new(path)?);
            }
        }
        Ok(found)
    }

    fn add_folder(&mut self, path: &Path, suffixes: &[&str], out: Option<&Path>) -> Result<()> {
        let expected = || {
            let names: Vec<_> = suffixes.iter().map(|s| format!("*{s}")).collect();
            names.join(", ")
        };
        if is_dataset(path) {
            return Err(Error::Dataset {
                path: path.to_owned(),
                expected: expected(),
            });
        }
        let mut files = Vec::new();
        self.list(path, out, &mut BTreeSet::new(), &mut files)?;
        files.sort();
        self.not_read.sort();
        let named = |file: &PathBuf| is_named(&file.to_string_lossy(), suffixes);
        let (named, others): (Vec<_>, Vec<_>) = files.into_iter().partition(named);
        let before = self.inputs.len();
        for file in named {
            // A pipe or a device in a folder is no file of it: the run would wait for it.
            if !fs::metadata(&file).map_err(opening(&file))?.is_file() {
                self.not_read.push((file, "no file"));
                continue;
            }
            let mut input = Input::new(&file)?;
            let inside = file.strip_prefix(path).unwrap_or(&file);
            input.name = inside.to_string_lossy().into_owned();
            self.inputs.push(input);
        }
        if self.inputs.len() == before {
            return Err(Error::NoInput {
                path: path.to_owned(),
                expected: expected(),
            });
        }
        self.passed_over.extend(others);
        Ok(())
    }

    /// Adds the files in a folder and below it.
    fn list(
        &mut self,
        dir: &Path,
        out: Option<&Path>,
        seen: &mut BTreeSet<PathBuf>,
        files: &mut Vec<PathBuf>,
    ) -> Result<()> {
        if !seen.insert(dir.canonicalize().map_err(opening(dir))?) {
            return Ok(());
        }
        for entry in fs::read_dir(dir).map_err(opening(dir))? {
            let entry = entry.map_err(opening(dir))?;
            let (path, name) = (entry.path(), entry.file_name());
            let name = name.as_encoded_bytes();
            let is_dir = path.is_dir();
            if name.starts_with(b".") {
                if is_dir && name.ends_with(b".partial") {
                    self.not_read.push((path, "unfinished output"));
                }
            } else if !is_dir {
                files.push(path);
            } else if out.is_some() && path.canonicalize().ok().as_deref() == out {
                self.not_read.push((path, "the output of this run"));
            } else if is_dataset(&path) {
                self.not_read.push((path, "a dataset that kprep wrote"));
            } else {
                self.list(&path, out, seen, files)?;
            }
        }
        Ok(())
    }
}

/// Whether a folder is a dataset of this program, by all of its manifest: others have files of that
/// name, too.
fn is_dataset(dir: &Path) -> bool {
    dir.join(MANIFEST).is_file() && Manifest::read(dir).is_ok()
}

/// Whether a file's name ends in one of these, in capitals or not, with or without the suffix of a
/// compression.
pub fn is_named(name: &str, suffixes: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    let plain = without_compression(&name);
    suffixes.iter().any(|suffix| plain.ends_with(suffix))
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
        let found = Found::at(&paths, &[".json"], None).unwrap();
        let names: Vec<_> = found.inputs.iter().map(|i| &i.name).collect();
        assert_eq!(names, ["a.json.gz", "b.JSON", "c/b.json"]);
        assert_eq!(found.passed_over, [path("c/notes.txt")]);
        let error = Found::at(&paths, &[".conllu", ".conll"], None).unwrap_err();
        let expected = "no input in this folder, expected files named *.conllu, *.conll";
        assert!(error.to_string().ends_with(expected));
    }

    #[test]
    fn output_and_pipes_are_no_input() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        for folder in ["app", "out", ".other.partial"] {
            fs::create_dir(path(folder)).unwrap();
            fs::write(path(folder).join("x.json"), "{}").unwrap();
        }
        fs::write(path("a.json"), "{}").unwrap();
        // Others have files of that name, too.
        fs::write(path("app").join(MANIFEST), "{}").unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe.json"))
            .status();
        assert!(made.unwrap().success());
        let paths = [dir.path().to_owned()];
        let found = Found::at(&paths, &[".json"], Some(&path("out"))).unwrap();
        let names: Vec<_> = found.inputs.iter().map(|i| &*i.name).collect();
        assert_eq!(names, ["a.json", "app/manifest.json", "app/x.json"]);
        let expected = [
            (".other.partial", "unfinished output"),
            ("out", "the output of this run"),
            ("pipe.json", "no file"),
        ];
        let expected = expected.map(|(name, what)| (path(name), what));
        assert_eq!(found.not_read, expected);
    }
}
