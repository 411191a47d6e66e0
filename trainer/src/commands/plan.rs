//! The runs of `ktrain train`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::commands::scaling::Scaling;
use crate::commands::sweep::{Axes, Combination, joined};
use crate::commands::usage::Usage;
use crate::config::{Config, Task, Variant};
use crate::files::paths::Paths;
use crate::report::table::RowRuns;
use crate::train::run::RunSpec;
use anyhow::{Result, bail, ensure};
use kprep_schemas::Dataset;

/// What the runs are planned from.
pub(crate) struct Plan<'a> {
    pub(crate) variant: Variant,
    pub(crate) axes: &'a Axes,
    /// The names of all datasets, chosen or not.
    pub(crate) names: &'a [String],
    /// Folder of the adapters.
    pub(crate) out: &'a Path,
    /// The backbone that the adapters follow.
    pub(crate) scaling: &'a Scaling,
}

/// The runs on one dataset, or on the two of a multi-task run.
pub(crate) struct DatasetRuns<'a> {
    pub(crate) datasets: Vec<&'a Dataset>,
    /// Runs that differ in their seed alone, in the order of the sweep.
    pub(crate) rows: Vec<Row>,
    /// Of a sweep, the folder above its runs, for their table.
    pub(crate) table: Option<PathBuf>,
}

/// Runs that differ in their seed alone.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) runs: Vec<RunSpec>,
}

impl DatasetRuns<'_> {
    /// All runs.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &RunSpec> {
        self.rows.iter().flat_map(|row| &row.runs)
    }

    /// The rows' folders.
    pub(crate) fn table_rows(&self) -> Vec<RowRuns> {
        let rows = self.rows.iter();
        rows.map(|row| RowRuns {
            name: row.name.clone(),
            runs: row.runs.iter().map(|run| run.paths.clone()).collect(),
        })
        .collect()
    }
}

impl Plan<'_> {
    /// For each dataset a run, or those of the sweep.
    pub(crate) fn runs<'d>(
        &self,
        datasets: &'d [(Dataset, Config)],
    ) -> Result<Vec<DatasetRuns<'d>>> {
        let variants = self.axes.values("variant");
        let multitask = self.variant == Variant::Multitask
            || variants.iter().any(|variant| variant == "multitask");
        ensure!(
            variants.is_empty() || !multitask,
            Usage(format!(
                "--sweep variant={}: a multi-task backbone learns from alternating batches of two datasets, which other \
                 variants do not read: train it apart, with --variant multitask",
                variants.join(",")
            ))
        );
        let mut all = Vec::new();
        for (datasets, configs) in by_run(self.variant, datasets, self.names)? {
            all.push(self.dataset_runs(datasets, &configs)?);
        }
        let mut folders = BTreeSet::new();
        for run in all.iter().flat_map(DatasetRuns::runs) {
            ensure!(
                folders.insert(&run.paths.dir),
                "two datasets are named {}, and both adapters would go to {}: name the folder of one with --shards",
                run.name,
                run.paths.dir.display()
            );
        }
        Ok(all)
    }

    fn dataset_runs<'d>(
        &self,
        datasets: Vec<&'d Dataset>,
        configs: &[Config],
    ) -> Result<DatasetRuns<'d>> {
        let names = datasets.iter().map(|dataset| &*dataset.manifest.name);
        let name = names.collect::<Vec<&str>>().join("+");
        let paths = Paths::new(self.out, &name, self.variant)?;
        let table = (!self.axes.is_single()).then(|| paths.sweep(&self.axes.keys()));
        let dir = table.as_ref().unwrap_or(&paths.dir);
        let mut rows = Vec::new();
        for combination in self.axes.combinations() {
            let runs = self.axes.seeds().into_iter().map(|seed| {
                let seeds = seed.map_or(String::new(), |seed| format!("seed={seed}"));
                Ok(RunSpec {
                    configs: with_values(configs, &combination, seed, self.scaling)?,
                    paths: Paths::of_sweep(dir, &combination.0, seed)?,
                    name: joined(&[&name, &combination.name(), &seeds]),
                    knowledge: Vec::new(),
                })
            });
            let values = combination.name();
            rows.push(Row {
                name: if values.is_empty() {
                    name.clone()
                } else {
                    values
                },
                runs: runs.collect::<Result<_>>()?,
            });
        }
        Ok(DatasetRuns {
            datasets,
            rows,
            table,
        })
    }
}

fn with_values(
    configs: &[Config],
    combination: &Combination,
    seed: Option<u64>,
    scaling: &Scaling,
) -> Result<Vec<Config>> {
    let configs = configs.iter().map(|config| {
        let config = combination.apply(config, seed, Some(scaling))?;
        check_variant(config.variant)?;
        Ok(config)
    });
    configs.collect()
}

/// Fine-tuning has a command of its own.
pub(crate) fn check_variant(variant: Variant) -> Result<()> {
    ensure!(
        variant != Variant::Finetune,
        Usage(
            "variant finetune is what ktrain finetune does: see ktrain finetune --help".to_owned()
        )
    );
    Ok(())
}

/// Runs in groups that share one pass through the backbone, each in the order of the command.
pub(crate) fn passes(runs: Vec<RunSpec>) -> Vec<Vec<RunSpec>> {
    let mut passes: Vec<Vec<RunSpec>> = Vec::new();
    for run in runs {
        let shares = |pass: &&mut Vec<RunSpec>| {
            let mut configs = pass[0].configs.iter().zip(&run.configs);
            configs.all(|(one, other)| one.shares_pass(other))
        };
        match passes.iter_mut().find(shares) {
            Some(pass) => pass.push(run),
            None => passes.push(vec![run]),
        }
    }
    passes
}

/// Datasets that a run learns from, with their settings: one, or with `--variant multitask` two.
type OfRun<'a> = (Vec<&'a Dataset>, Vec<Config>);

fn by_run<'d>(
    variant: Variant,
    all: &'d [(Dataset, Config)],
    names: &[String],
) -> Result<Vec<OfRun<'d>>> {
    if variant != Variant::Multitask {
        let all = all.iter();
        let each = all.map(|(dataset, config)| (vec![dataset], vec![config.clone()]));
        return Ok(each.collect());
    }
    let of_task = |task| {
        let of_task = all.iter().filter(|(_, config)| config.task == task);
        let of_task: Vec<_> = of_task.collect();
        let [(dataset, config)] = of_task.as_slice() else {
            bail!(
                "--variant multitask learns from alternating batches of one dataset of relations and one of \
                 dependencies, and {} of {} are chosen: name one of each with --only NAME,NAME; below --shards there \
                 are {}",
                of_task.len(),
                task.name(),
                names.join(", ")
            );
        };
        Ok((dataset, config.clone()))
    };
    let [relation, dependency] = [of_task(Task::Relation)?, of_task(Task::Dependency)?];
    Ok(vec![(
        vec![relation.0, dependency.0],
        vec![relation.1, dependency.1],
    )])
}
