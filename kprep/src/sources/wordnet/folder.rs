//! A folder of WNDB: which of its files are there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use kprep_ingest::wordnet::Part;
use kprep_ingest::{Input, without_compression};

/// The files of a wordnet that are read.
pub(crate) struct Folder {
    /// The synsets, in the order of [`Part::ALL`].
    pub(crate) data: Vec<Input>,
    pub(crate) order: Order,
    /// The irregular forms that are there.
    pub(crate) exceptions: Vec<(Part, Input)>,
}

/// Where the order of senses and their counts come from.
pub(crate) enum Order {
    /// `index.sense` says both.
    SenseIndex(Input),
    /// `index.noun` and its like, in the order of [`Part::ALL`], and a list of counts, if there is one.
    Index(Vec<Input>, Option<Counts>),
}

/// A list of counts.
pub(crate) enum Counts {
    Rev(Input),
    List(Input),
}

impl Folder {
    /// The files in the folder, or in the folder `dict` in it.
    pub(crate) fn find(dir: &Path) -> Result<Self> {
        let mut files = named(dir)?;
        if !files.contains_key("data.noun") && dir.join("dict").is_dir() {
            files = named(&dir.join("dict"))?;
        }
        ensure!(
            files.contains_key("data.noun"),
            "{}: no data.noun in this folder or in its folder dict: expected WordNet's files (data.noun, data.verb, \
             data.adj, data.adv), or a file in WN-LMF",
            dir.display()
        );
        let input = |name: &str| -> Result<Option<Input>> {
            Ok(files.get(name).map(|path| Input::new(path)).transpose()?)
        };
        let all = |kind: &str| -> Result<Vec<Input>> {
            let each = Part::ALL.into_iter().map(|part| {
                let name = format!("{kind}.{}", part.name());
                input(&name)?.with_context(|| format!("{}: no {name}", dir.display()))
            });
            each.collect()
        };
        let data = all("data")?;
        let order = match input("index.sense")? {
            Some(index) => Order::SenseIndex(index),
            None => Order::Index(
                all("index").context(
                    "expected index.sense or index.noun, index.verb, index.adj and index.adv, which say the order of \
                     senses",
                )?,
                match input("cntlist.rev")? {
                    Some(counts) => Some(Counts::Rev(counts)),
                    None => input("cntlist")?.map(Counts::List),
                },
            ),
        };
        let mut exceptions = Vec::new();
        for part in Part::ALL {
            if let Some(file) = input(&format!("{}.exc", part.name()))? {
                exceptions.push((part, file));
            }
        }
        Ok(Self {
            data,
            order,
            exceptions,
        })
    }

    /// All files, in the order in which they are read.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let mut inputs = self.data.clone();
        match &self.order {
            Order::SenseIndex(index) => inputs.push(index.clone()),
            Order::Index(index, counts) => {
                inputs.extend(index.iter().cloned());
                inputs.extend(counts.iter().map(|counts| match counts {
                    Counts::Rev(input) | Counts::List(input) => input.clone(),
                }));
            }
        }
        inputs.extend(self.exceptions.iter().map(|(_, input)| input.clone()));
        inputs
    }
}

/// Whether a wordnet has files of this name.
fn is_of_wordnet(name: &str) -> bool {
    let (stem, extension) = name.split_once('.').unwrap_or((name, ""));
    ["data", "index", "cntlist"].contains(&stem) || extension == "exc"
}

/// The files of a folder by name, without the suffix of a compression.
fn named(dir: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| dir.display().to_string())?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.with_context(|| dir.display().to_string())?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // What is no folder must open: a link to nowhere is a missing file, not a wordnet without it.
        let name = without_compression(&name);
        if is_of_wordnet(name) && !path.is_dir() {
            let other = files.insert(name.to_owned(), path.clone());
            ensure!(
                other.is_none(),
                "{}: the same file is there twice, compressed and not: remove one",
                path.display()
            );
        }
    }
    Ok(files)
}
