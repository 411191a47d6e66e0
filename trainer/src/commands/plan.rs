//! Which runs a command line asks for.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::{Config, Task, Variant};
use crate::train::paths::Paths;
use crate::train::run::Job;
use anyhow::{Context, Result, bail, ensure};
use kprep_schemas::Dataset;

/// What the flags say of it.
pub(crate) struct Asked<'a> {
    pub(crate) variant: Variant,
    pub(crate) seed: u64,
    /// `--seeds`.
    pub(crate) seeds: &'a [u64],
    /// `--runs`.
    pub(crate) runs: Option<&'a str>,
    /// Where the adapters go.
    pub(crate) out: &'a Path,
}

/// Runs that are trained together.
pub(crate) struct Group<'a> {
    /// One dataset, or those that a run learns by turns.
    pub(crate) datasets: Vec<&'a Dataset>,
    pub(crate) jobs: Vec<Job>,
    /// The setting in which its runs, and those of the groups beside it, differ.
    pub(crate) key: Option<&'a str>,
}

/// For each dataset one run, with `--seeds` one a seed, each alone, or with `--runs` one a value,
/// all together.
pub(crate) fn groups<'a>(
    asked: &Asked<'a>,
    datasets: &'a [(Dataset, Config)],
) -> Result<Vec<Group<'a>>> {
    let differ = differ(asked)?;
    let mut groups = Vec::new();
    for (datasets, configs) in lessons(asked.variant, datasets)? {
        let names = datasets.iter().map(|dataset| &*dataset.manifest.name);
        let name = names.collect::<Vec<&str>>().join("+");
        let paths = Paths::new(asked.out, &name, asked.variant)?;
        let Some((key, values)) = &differ else {
            let jobs = vec![Job {
                configs,
                paths,
                name,
                knowledge: Vec::new(),
            }];
            groups.push(Group {
                datasets,
                jobs,
                key: None,
            });
            continue;
        };
        let jobs = values.iter().map(|value| {
            Ok(Job {
                configs: with_value(asked, &configs, key, value)?,
                paths: paths.of_value(key, value)?,
                name: format!("{name} {key}={value}"),
                knowledge: Vec::new(),
            })
        });
        let jobs = jobs.collect::<Result<Vec<Job>>>()?;
        let together = if asked.runs.is_some() { jobs.len() } else { 1 };
        groups.extend(jobs.chunks(together).map(|jobs| Group {
            datasets: datasets.clone(),
            jobs: jobs.to_vec(),
            key: Some(key),
        }));
    }
    let mut folders = BTreeSet::new();
    for job in groups.iter().flat_map(|group| &group.jobs) {
        ensure!(
            folders.insert(&job.paths.dir),
            "two datasets are named {}, and both adapters would go to {}: name the folder of one with --shards",
            job.name,
            job.paths.dir.display()
        );
    }
    if let Some(runs) = asked.runs {
        let pads = |group: &Group| -> Vec<Option<usize>> {
            let jobs = group.jobs.iter();
            jobs.map(|job| job.config().pads_to()).collect()
        };
        let alike = |pads: Vec<_>| pads.windows(2).all(|pair| pair[0] == pair[1]);
        ensure!(
            groups.iter().map(pads).all(alike),
            "--runs {runs}: these runs pad their inputs differently, so they cannot share a pass through the backbone"
        );
    }
    Ok(groups)
}

/// The setting in which runs differ, and its values.
fn differ<'a>(asked: &Asked<'a>) -> Result<Option<(&'a str, Vec<String>)>> {
    let (flag, key, values) = match asked.runs {
        None if asked.seeds.is_empty() => return Ok(None),
        None => {
            let seeds = asked.seeds.iter().map(u64::to_string);
            ("--seeds", "seed", seeds.collect::<Vec<_>>())
        }
        Some(runs) => {
            let (key, values) = runs
                .split_once('=')
                .with_context(|| format!("--runs {runs}: expected KEY=VALUE,..."))?;
            ensure!(
                Config::shares_batches(key),
                "--runs {key}: runs on one pass through the backbone cannot differ in this setting, with which \
                 their batches, or what is read of them, would differ, too"
            );
            let multitask = asked.variant == Variant::Multitask
                || values.split(',').any(|value| value == "multitask");
            ensure!(
                key != "variant" || !multitask,
                "--runs {runs}: a backbone that is trained on both tasks by turns cannot share batches with other \
                 variants: train it apart, with --variant multitask"
            );
            let values = values.split(',').map(str::to_owned);
            ("--runs", key, values.collect())
        }
    };
    for (i, value) in values.iter().enumerate() {
        ensure!(!values[..i].contains(value), "{flag} names {value} twice");
    }
    Ok(Some((key, values)))
}

/// The settings of one of several runs.
fn with_value(
    asked: &Asked,
    configs: &[Config],
    key: &str,
    value: &str,
) -> crate::Result<Vec<Config>> {
    let configs = configs.iter().map(|config| {
        let mut config = config.with(&format!("{key}={value}"))?;
        if key == "seed" && asked.runs.is_some() {
            // On one pass through the backbone the data has one order.
            config.order_seed = config.order_seed.or(Some(asked.seed));
        }
        config.check()?;
        Ok(config)
    });
    configs.collect()
}

/// Datasets that a run learns, with their settings: one, or with `--variant multitask` two by turns.
type Lessons<'a> = (Vec<&'a Dataset>, Vec<Config>);

fn lessons(variant: Variant, all: &[(Dataset, Config)]) -> Result<Vec<Lessons<'_>>> {
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
                "--variant multitask learns one dataset of relations and one of heads by turns; below --shards \
                 there are {} of {}",
                of_task.len(),
                task.name()
            );
        };
        Ok((dataset, config.clone()))
    };
    let [relation, heads] = [of_task(Task::Relation)?, of_task(Task::Dependency)?];
    Ok(vec![(vec![relation.0, heads.0], vec![relation.1, heads.1])])
}
