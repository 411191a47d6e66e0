//! Which files of a folder a run of ktrain wrote. Those alone are ever removed.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use kprep_schemas::sync_dir;

use crate::files::adapter_config;
use crate::files::checkpoint_folder::SETTINGS_FILES;
use crate::report::tensorboard;
use crate::{Error, Result};

/// Of a run that replaces another: a file that says where that one is until this one is complete.
pub(crate) const REPLACES: &str = "training/replaces.txt";

/// The file that is locked where none can be beside the folder.
pub(crate) const LOCK: &str = ".ktrain.lock";

/// Files and folders below a run's folder, by their paths in it: the run's own files, then what it did not write.
/// Links are never followed, and never ours.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn own_and_foreign(dir: &Path) -> Result<[Vec<PathBuf>; 2]> {
    let (mut own, mut foreign) = (Vec::new(), Vec::new());
    walk(dir, Path::new(""), &mut own, &mut foreign)?;
    own.sort();
    foreign.sort();
    Ok([own, foreign])
}

fn walk(
    dir: &Path,
    below: &Path,
    own: &mut Vec<PathBuf>,
    foreign: &mut Vec<PathBuf>,
) -> Result<()> {
    let here = dir.join(below);
    for entry in fs::read_dir(&here).map_err(Error::io(&here))? {
        let entry = entry.map_err(Error::io(&here))?;
        let kind = entry.file_type().map_err(Error::io(&here))?;
        let path = below.join(entry.file_name());
        if path == Path::new(LOCK) {
            continue;
        }
        if kind.is_dir() && is_own_folder(&path) {
            walk(dir, &path, own, foreign)?;
        } else if kind.is_file() && is_own_file(&path) {
            own.push(path);
        } else {
            foreign.push(path);
        }
    }
    Ok(())
}

/// The names that lead from the run's folder to a file or folder.
fn parts(path: &Path) -> Option<Vec<&str>> {
    path.iter().map(|name| name.to_str()).collect()
}

fn is_own_folder(path: &Path) -> bool {
    match parts(path).as_deref() {
        Some(["training" | "backbone" | "adapters"]) => true,
        Some(["adapters", number]) => number.parse::<usize>().is_ok(),
        _ => false,
    }
}

fn is_own_file(path: &Path) -> bool {
    let Some(mut parts) = parts(path) else {
        return false;
    };
    if let Some(name) = parts.last_mut() {
        // A killed run leaves files that had not yet taken their place.
        let growing = name
            .strip_prefix('.')
            .and_then(|name| name.strip_suffix(".partial"));
        *name = growing.unwrap_or(name);
    }
    match parts[..] {
        ["README.md" | "heads.safetensors" | "entity_vectors.safetensors"] => true,
        [name] | ["adapters", _, name] => {
            use adapter_config::{FILE, MODELLING, WEIGHTS};
            [FILE, MODELLING, WEIGHTS].contains(&name)
        }
        ["backbone", name] => name == "model.safetensors" || SETTINGS_FILES.contains(&name),
        ["training", name] => is_of_training(name),
        _ => false,
    }
}

fn is_of_training(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "config.json",
        "replaces.txt",
        "metrics.jsonl",
        tensorboard::FILE,
        "curve.svg",
        "diverged.json",
        "best.safetensors",
        "best.new",
    ];
    let name = name.strip_suffix(".sha256").unwrap_or(name);
    NAMES.contains(&name) || is_of_checkpoint(name)
}

/// Whether a checkpoint, or what it grew from, has this name.
fn is_of_checkpoint(name: &str) -> bool {
    let name = name.strip_suffix(".sha256").unwrap_or(name);
    let name = name.strip_suffix(".damaged").unwrap_or(name);
    let step = name
        .strip_prefix("checkpoint-")
        .and_then(|rest| rest.strip_suffix(".safetensors"));
    name == "checkpoint.new" || step.is_some_and(|step| step.parse::<u64>().is_ok())
}

/// Has the system write down all files of a run and the folders that they lie in.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn sync(dir: &Path) -> Result<()> {
    let [own, _] = own_and_foreign(dir)?;
    let mut folders = BTreeSet::from([dir.to_owned()]);
    for path in &own {
        let file = dir.join(path);
        File::open(&file)
            .and_then(|file| file.sync_all())
            .map_err(Error::io(&file))?;
        folders.extend(path.ancestors().skip(1).map(|folder| dir.join(folder)));
    }
    Ok(folders.iter().try_for_each(|folder| sync_dir(folder))?)
}

/// Removes the files of a run, and the folders that are empty then, so that what a kill leaves is never a run that
/// counts as finished, and always one that is known as ours: the mark of a finished run goes first, that of a run
/// that has begun last. Those of `kept` stay. Gives whether anything is left that ktrain did not write.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn remove(dir: &Path, kept: &[&str]) -> Result<bool> {
    let [mut own, foreign] = own_and_foreign(dir)?;
    own.retain(|path| kept.iter().all(|kept| path != Path::new(kept)));
    let (first, last) = (
        Path::new(adapter_config::FILE),
        Path::new("training/config.json"),
    );
    own.sort_by_key(|path| (path != first, path == last));
    for path in &own {
        let file = dir.join(path);
        fs::remove_file(&file).map_err(Error::io(&file))?;
        if path == first {
            sync_dir(dir)?;
        }
    }
    let mut folders = vec![dir.to_owned()];
    folders.extend(["training", "backbone", "adapters"].map(|name| dir.join(name)));
    if let Ok(entries) = fs::read_dir(dir.join("adapters")) {
        folders.extend(entries.flatten().map(|entry| entry.path()));
    }
    for folder in folders.iter().rev() {
        // One that is not there, or in which something is left, or a mount point.
        let _ = fs::remove_dir(folder);
    }
    Ok(!foreign.is_empty())
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

    #[test]
    fn what_a_run_did_not_write_stays() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let own = [
            "adapter.safetensors",
            "adapters/0/adapter.safetensors",
            "backbone/tokenizer.json",
            "config.json",
            "training/.checkpoint.new.partial",
            "training/best.safetensors.sha256",
            "training/checkpoint-0000000003.safetensors",
            "training/checkpoint-0000000003.safetensors.damaged",
        ];
        let foreign = [
            "adapters/notes/x",
            "backbone/x",
            "training/checkpoint-of-mine.safetensors",
            "w",
        ];
        for name in own.iter().chain(&foreign) {
            put(dir, &[(name, "x")]);
        }
        std::os::unix::fs::symlink("w", dir.join("README.md")).unwrap();
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let [found, left] = own_and_foreign(dir).unwrap();
        assert_eq!(found, paths(&own));
        let foreign = [
            "README.md",
            "adapters/notes",
            "backbone/x",
            "training/checkpoint-of-mine.safetensors",
            "w",
        ];
        assert_eq!(left, paths(&foreign));
        assert!(remove(dir, &[]).unwrap());
        assert_eq!(own_and_foreign(dir).unwrap(), [Vec::new(), left]);
    }
}
