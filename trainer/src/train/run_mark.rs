//! Whether a folder holds a run of ktrain, complete or not.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::files::adapter_config::{self, is_run};
use crate::train::run_files::own_and_foreign;
use crate::{Error, Result};

/// What lies in a folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Nothing.
    Nothing,
    /// A run that is complete.
    Finished,
    /// A run that is not.
    Unfinished,
    /// Something else.
    NoRun,
}

/// A run is known by the whole of its `config.json` or, unfinished, of its `training/config.json`, the first
/// file that it writes.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be read.
pub(crate) fn look(dir: &Path) -> Result<Found> {
    if !dir.try_exists().map_err(Error::io(dir))? {
        return Ok(Found::Nothing);
    }
    let [own, foreign] = own_and_foreign(dir)?;
    if own.is_empty() && foreign.is_empty() {
        return Ok(Found::Nothing); // or the empty folders of a run that was killed at once
    }
    let config = dir.join(adapter_config::FILE);
    if config.symlink_metadata().is_ok() {
        // A damaged file counts, too: `--overwrite` is the way out of that.
        let ours = adapter_config::is_in(dir);
        return Ok(if ours { Found::Finished } else { Found::NoRun });
    }
    let training = dir.join("training");
    let begun = object(&training.join("config.json")).is_some_and(|value| is_run(&value));
    Ok(if begun || has_just_begun(&training) {
        Found::Unfinished
    } else {
        Found::NoRun
    })
}

fn object(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Whether a run was killed before it wrote anything of its own: nobody's work is in such a folder.
pub(crate) fn has_just_begun(training: &Path) -> bool {
    let Ok(entries) = fs::read_dir(training) else {
        return false;
    };
    let names = [
        ".config.json.partial",
        "replaces.txt",
        ".replaces.txt.partial",
    ];
    let mut found = entries.map(|entry| entry.map(|entry| entry.file_name()));
    found.all(|name| name.is_ok_and(|name| names.iter().any(|own| name == *own)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(dir: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = dir.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    const RUN: &str =
        r#"{"format":"ktrain adapter","version":"0","config":{},"backbone":{},"dataset":{}}"#;

    #[test]
    fn a_run_is_known_by_what_its_files_hold() {
        let found = |files: &[(&str, &str)]| {
            let dir = tempfile::tempdir().unwrap();
            put(dir.path(), files);
            look(dir.path()).unwrap()
        };
        assert_eq!(found(&[]), Found::Nothing);
        assert_eq!(look(Path::new("nowhere")).unwrap(), Found::Nothing);
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("training")).unwrap();
        assert_eq!(look(dir.path()).unwrap(), Found::Nothing);
        assert_eq!(found(&[("config.json", RUN)]), Found::Finished);
        let damaged = "{\n  \"format\": \"ktrain adapter\",\n  \"versi";
        assert_eq!(found(&[("config.json", damaged)]), Found::Finished);
        assert_eq!(found(&[("training/config.json", RUN)]), Found::Unfinished);
        assert_eq!(
            found(&[("training/.config.json.partial", "{")]),
            Found::Unfinished
        );
        let lora = r#"{"peft_type":"LORA","version":"0","config":{},"backbone":{},"dataset":{}}"#;
        for strange in [
            ("config.json", lora),
            ("config.json", "{"),
            ("training/y", "x"),
            ("training/config.json", "{}"),
            ("thesis.tex", "x"),
        ] {
            assert_eq!(found(&[strange]), Found::NoRun, "{strange:?}");
        }
        // The file of another program makes it that program's folder, whatever else is there.
        assert_eq!(
            found(&[("config.json", lora), ("training/config.json", RUN)]),
            Found::NoRun
        );
    }
}
