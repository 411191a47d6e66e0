//! What may be removed: a dataset of this program, recognised by its whole manifest, and of it the
//! files that the manifest lists.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::folder_card::{self, CARD};
use crate::{Error, MANIFEST, Manifest, Result, printable};

/// What the manifest is called while the files that it lists are removed. No reader takes what is
/// left for a dataset then, and what is left can still be told from files of others.
const REMOVED: &str = "removed-manifest.json";

/// The folder of the shards.
const DATA: &str = "data";

/// Files of others that a message names.
const NAMED: usize = 5;

/// Makes sure that everything at `out` was written by this program: a dataset, or the tables of one
/// run.
///
/// # Errors
/// [`Error::NotOurs`] names what was not.
pub(crate) fn check_ours(out: &Path) -> Result<()> {
    let refuse = |found| Err(not_ours(out, found));
    let datasets = match datasets(out)? {
        Ok(datasets) => datasets,
        Err(found) => return refuse(found),
    };
    let mut foreign = Vec::new();
    for (dir, manifest) in &datasets {
        find_foreign(dir, dir, &listed(manifest), &mut foreign)?;
    }
    if foreign.is_empty() {
        return Ok(());
    }
    foreign.sort();
    let mut names = foreign
        .iter()
        .take(NAMED)
        .map(|path| shown(path.strip_prefix(out).unwrap_or(path)))
        .collect::<Vec<_>>()
        .join(", ");
    if foreign.len() > NAMED {
        names = format!("{names} and {} more", foreign.len() - NAMED);
    }
    refuse(format!("its manifest does not list {names}"))
}

pub(crate) fn not_ours(path: &Path, found: String) -> Error {
    Error::NotOurs {
        path: path.to_owned(),
        found,
    }
}

/// The dataset at `out`, or the tables of one run in it; otherwise, why it is neither.
fn datasets(out: &Path) -> Result<std::result::Result<Vec<(PathBuf, Manifest)>, String>> {
    if !out.is_dir() {
        return Ok(Err("it is a file".to_owned()));
    }
    if out.join(MANIFEST).exists() {
        let manifest = Manifest::read(out);
        return Ok(manifest
            .map(|manifest| vec![(out.to_owned(), manifest)])
            .map_err(|error| error.to_string()));
    }
    let mut tables: Vec<(PathBuf, Manifest)> = Vec::new();
    let card = out.join(CARD);
    for dir in entries(out)?.into_iter().filter(|path| *path != card) {
        let name = shown(dir.strip_prefix(out).unwrap_or(&dir));
        // A link may lead to a dataset that is someone else's.
        let is_dir = fs::symlink_metadata(&dir).is_ok_and(|found| found.is_dir());
        let manifest = Manifest::read(&dir);
        let (true, Ok(manifest)) = (is_dir, manifest) else {
            return Ok(Err(format!("it has {name}, which is no dataset of kprep")));
        };
        // A folder in which someone gathers datasets is not the output of one run.
        let run = |table: &Manifest| (table.command.clone(), table.arguments.clone());
        if let Some((_, first)) = tables.first()
            && run(first) != run(&manifest)
        {
            let [a, b] = [&first.name, &manifest.name].map(|name| printable(name));
            let found = format!("it has {a} and {b}, which are of different runs");
            return Ok(Err(found));
        }
        tables.push((dir, manifest));
    }
    let all = tables.iter().map(|(_, manifest)| manifest);
    if card.exists() && fs::read_to_string(&card).ok() != Some(folder_card::render(all)) {
        return Ok(Err(format!("its {CARD} is not as kprep wrote it")));
    }
    Ok(if tables.len() > 1 {
        Ok(tables)
    } else {
        Err("it has no manifest.json of kprep".to_owned())
    })
}

fn listed(manifest: &Manifest) -> HashSet<&str> {
    let files = manifest.listed().map(|(path, ..)| path);
    files.chain([MANIFEST]).collect()
}

/// Finds what is at and below `dir`, but is not listed. Links are never followed.
fn find_foreign(
    root: &Path,
    dir: &Path,
    listed: &HashSet<&str>,
    foreign: &mut Vec<PathBuf>,
) -> Result<()> {
    for path in entries(dir)? {
        let kind = fs::symlink_metadata(&path).map_err(Error::io(&path))?;
        let inside = path.strip_prefix(root).ok().and_then(Path::to_str);
        let has_listed = |inside: &str| {
            let mut listed = listed.iter().filter_map(|file| file.strip_prefix(inside));
            listed.any(|rest| rest.starts_with('/'))
        };
        match inside {
            Some(inside) if kind.is_file() && listed.contains(inside) => {}
            // A table without rows has no shard in its folder.
            Some(inside) if kind.is_dir() && (inside == DATA || has_listed(inside)) => {
                find_foreign(root, &path, listed, foreign)?;
            }
            _ => foreign.push(path),
        }
    }
    Ok(())
}

/// Removes a dataset, or the tables of a run, that [`check_ours`] has looked at: the manifest stops
/// being one first, then the files that it lists go. Goes on where a run was killed. Whatever else
/// is there stays.
///
/// # Errors
/// [`Error::NotOurs`] if something else is there, [`Error::Io`].
pub(crate) fn remove_ours(dir: &Path) -> Result<()> {
    let removed = dir.join(REMOVED);
    let manifest = dir.join(MANIFEST);
    if manifest.exists() {
        Manifest::read(dir)?;
        fs::rename(&manifest, &removed).map_err(Error::io(&manifest))?;
    }
    if removed.exists() {
        let manifest = Manifest::read_file(&removed)?;
        for (path, ..) in manifest.listed() {
            remove_listed(dir, path)?;
        }
        let data = dir.join(DATA);
        if data.is_dir() {
            remove_empty(&data)?;
        }
        remove_file(&removed)?;
    } else {
        // First, while it can be told from the tables that it is ours.
        if let Ok(Ok(_)) = datasets(dir) {
            remove_file(&dir.join(CARD))?;
        }
        for path in entries(dir)? {
            if fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir()) {
                remove_ours(&path)?;
            }
        }
    }
    remove_empty(dir)
}

/// Removes a listed file, and its folder when it was the last one there.
fn remove_listed(dir: &Path, path: &str) -> Result<()> {
    let full = dir.join(path);
    let parents = full.ancestors().skip(1).take_while(|parent| *parent != dir);
    // A folder that someone replaced by a link leads to files of theirs.
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if parents.clone().any(is_link) {
        return Ok(());
    }
    remove_file(&full)?;
    for parent in parents {
        if fs::remove_dir(parent).is_err() {
            break; // not empty yet
        }
    }
    Ok(())
}

pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::io(path)(e)),
        _ => Ok(()),
    }
}

/// Removes a folder that must be empty.
pub(crate) fn remove_empty(dir: &Path) -> Result<()> {
    let left = entries(dir)?;
    match left.first() {
        Some(path) => {
            let name = shown(path.strip_prefix(dir).unwrap_or(path));
            Err(not_ours(
                dir,
                format!("it has {name}, which kprep did not write"),
            ))
        }
        None => fs::remove_dir(dir).map_err(Error::io(dir)),
    }
}

/// What is in a folder, by name.
pub(crate) fn entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).map_err(Error::io(dir))?;
    let mut paths: Vec<_> = entries
        .map(|entry| Ok(entry.map_err(Error::io(dir))?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy()).into_owned()
}
