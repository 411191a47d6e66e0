//! The adapters of a command line.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::Error;
use crate::config::{Config, Pads, Task};
use crate::files::adapter_config::{self, AdapterConfig};
use crate::model::frozen_adapter::FrozenAdapter;
use crate::train::shared::Shared;
use anyhow::{Context, Result, ensure};
use kprep_schemas::{is_plain_name, sha256_file};

/// Names and folders, in the order of the flags.
pub(super) struct Adapters(Vec<(String, PathBuf)>);

/// Which adapters a run has beside the backbone.
#[derive(Clone)]
pub(super) enum Uses {
    /// None.
    Nothing,
    /// A randomly initialised one.
    Random,
    /// Those of these indexes.
    Named(Vec<usize>),
}

impl Adapters {
    /// Of `[NAME=]DIR`; without a name an adapter is called as its folder.
    pub(super) fn parse(flags: &[String]) -> Result<Self> {
        let mut all: Vec<(String, PathBuf)> = Vec::new();
        for flag in flags {
            let named = flag.split_once('=').filter(|_| !Path::new(flag).is_dir());
            let (name, dir) = if let Some((name, dir)) = named {
                (name.to_owned(), PathBuf::from(dir))
            } else {
                let dir = PathBuf::from(flag);
                let name = dir.file_name().unwrap_or_default().to_string_lossy();
                (name.into_owned(), dir)
            };
            let reserved = ["backbone", "multitask", "random", ""].contains(&name.as_str());
            ensure!(
                !reserved && is_plain_name(&name) && !name.contains(['+', ',']),
                "--adapter {flag}: {name:?} cannot be a name of an adapter: give another with --adapter NAME=DIR"
            );
            ensure!(
                all.iter().all(|(other, _)| *other != name),
                "--adapter {flag}: there is another adapter of the name {name}: give it one with --adapter NAME=DIR"
            );
            all.push((name, dir));
        }
        Ok(Self(all))
    }

    /// All of them together.
    pub(super) fn all(&self) -> Uses {
        match self.0.len() {
            0 => Uses::Nothing,
            n => Uses::Named((0..n).collect()),
        }
    }

    /// Those whose names are joined by `+`.
    pub(super) fn named(&self, row: &str) -> Result<Uses> {
        let index = |name: &str| {
            let found = self.0.iter().position(|(own, _)| own == name);
            found.with_context(|| {
                format!(
                    "--rows {row}: no adapter of the name {name}; rows are backbone, multitask, random, and the names \
                     given with --adapter NAME=DIR, joined by +"
                )
            })
        };
        let named: Vec<usize> = row.split('+').map(index).collect::<Result<_>>()?;
        for (i, one) in named.iter().enumerate() {
            ensure!(
                !named[..i].contains(one),
                "--rows {row} names an adapter twice"
            );
        }
        Ok(Uses::Named(named))
    }

    /// The tasks that they were trained on.
    pub(super) fn tasks(&self, uses: &Uses) -> Result<Vec<Task>> {
        let configs = self.configs(uses)?;
        Ok(configs.iter().map(|config| config.task).collect())
    }

    /// Whether they attend to pads, in which they must agree; none without an adapter.
    pub(super) fn pads(&self, uses: &Uses) -> Result<Option<Pads>> {
        let configs = match uses {
            Uses::Random => self.configs(&self.all())?.into_iter().take(1).collect(),
            uses => self.configs(uses)?,
        };
        let pads: Vec<Pads> = configs.iter().map(|config| config.adapter_pads).collect();
        ensure!(
            pads.windows(2).all(|pair| pair[0] == pair[1]),
            "one of the adapters attends to pads and another masks them (adapter_pads): they cannot share inputs"
        );
        Ok(pads.first().copied())
    }

    fn configs(&self, uses: &Uses) -> Result<Vec<Config>> {
        let Uses::Named(named) = uses else {
            return Ok(Vec::new());
        };
        named
            .iter()
            .map(|&i| Ok(self.read(i)?.run.config))
            .collect()
    }

    fn read(&self, i: usize) -> Result<AdapterConfig> {
        let dir = &self.0[i].1;
        ensure!(
            !adapter_config::is_missing(dir),
            "{}: {}",
            dir.display(),
            adapter_config::why_missing(dir, "adapter")
        );
        Ok(AdapterConfig::read(dir)?)
    }

    /// The checksums of their weights, as the runs that made them state them. A randomly initialised adapter has
    /// none: it is a function of the settings.
    pub(super) fn checksums(&self, uses: &Uses) -> Result<Option<Vec<String>>> {
        let named = match uses {
            Uses::Nothing => return Ok(Some(Vec::new())),
            Uses::Random => return Ok(None),
            Uses::Named(named) => named,
        };
        let sha256 = |&i: &usize| {
            Ok(self
                .read(i)?
                .weights_sha256()
                .unwrap_or_default()
                .to_owned())
        };
        named.iter().map(sha256).collect::<Result<_>>().map(Some)
    }

    /// Loads those that some runs use.
    pub(super) fn load<'u>(
        &self,
        all: impl Iterator<Item = &'u Uses>,
        shared: &Shared,
    ) -> Result<Loaded> {
        let mut loaded = Loaded {
            by_index: BTreeMap::new(),
            shape: None,
        };
        for uses in all {
            match uses {
                Uses::Nothing => {}
                Uses::Random => loaded.shape = self.configs(&self.all())?.into_iter().next(),
                Uses::Named(named) => {
                    for &i in named {
                        let dir = &self.0[i].1;
                        loaded.add(i, dir, shared)?;
                    }
                }
            }
        }
        Ok(loaded)
    }
}

/// Adapters in memory.
pub(super) struct Loaded {
    by_index: BTreeMap<usize, (PathBuf, Rc<FrozenAdapter>)>,
    /// The settings of the first one, whose shape a randomly initialised one has.
    shape: Option<Config>,
}

impl Loaded {
    fn add(&mut self, i: usize, dir: &Path, shared: &Shared) -> Result<()> {
        if let Entry::Vacant(free) = self.by_index.entry(i) {
            let knowledge = FrozenAdapter::load(dir, &shared.identity, shared.device)?;
            free.insert((dir.to_owned(), Rc::new(knowledge)));
        }
        Ok(())
    }

    /// The adapters of a run with these settings. A randomly initialised one starts as one that the run's seed would train.
    pub(super) fn of_run(
        &self,
        uses: &Uses,
        config: &Config,
        shared: &Shared,
    ) -> Result<Vec<Rc<FrozenAdapter>>> {
        Ok(match uses {
            Uses::Nothing => Vec::new(),
            Uses::Random => {
                let shape = self.shape.as_ref().unwrap_or(config);
                let (seed, backbone) = (config.seed, &shared.identity);
                let random = FrozenAdapter::without(shape, seed, backbone, shared.device)?;
                vec![Rc::new(random)]
            }
            Uses::Named(named) => {
                let known = named.iter().filter_map(|i| self.by_index.get(i));
                known.map(|(_, knowledge)| Rc::clone(knowledge)).collect()
            }
        })
    }

    /// Proves that the files are still those that were loaded.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        for (dir, knowledge) in self.by_index.values() {
            let path = dir.join(adapter_config::WEIGHTS);
            let after = sha256_file(&path).with_context(|| path.display().to_string())?;
            unchanged("file", knowledge.identity.sha256.clone(), after)?;
        }
        Ok(())
    }
}

pub(super) fn unchanged(what: &str, before: String, after: String) -> crate::Result<()> {
    if before == after {
        return Ok(());
    }
    Err(Error::AdapterChanged {
        what: what.to_owned(),
        before,
        after,
    })
}
