//! `--sweep` and `--seeds`: several runs that differ in settings.

use crate::Error;
use crate::config::Config;
use anyhow::{Result, ensure};

use crate::commands::scaling::Scaling;
use crate::commands::usage::{Usage, usage};

/// Settings with names of their own on the command line, or that all runs of a command share.
const SHARED: [(&str, &str); 3] = [
    ("task", "the dataset says it"),
    ("preset", "name it with --preset"),
    ("precision", "name it with --precision"),
];

/// The flags.
#[derive(clap::Args)]
#[command(next_help_heading = "Several runs")]
pub(crate) struct Sweep {
    /// One run for each value of a setting; repeated, one for each combination. Any setting of
    /// --set, `seed` among them. Its values replace that of the setting's own flag
    #[arg(long, value_name = "KEY=V1,V2")]
    sweep: Vec<String>,
    /// Short for --sweep seed=SEED,...: mean and standard deviation over the seeds
    #[arg(
        long,
        value_name = "SEED,...",
        value_delimiter = ',',
        conflicts_with = "seed"
    )]
    seeds: Vec<u64>,
}

/// The values of each setting in which runs differ, the seeds apart.
pub(crate) struct Axes {
    settings: Vec<(String, Vec<String>)>,
    seeds: Option<Vec<u64>>,
}

/// A value of each setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Combination(pub(crate) Vec<(String, String)>);

impl Sweep {
    /// What the flags ask for. `instead` are more settings that are not swept, each with what sets it.
    pub(crate) fn axes(&self, instead: &[(&str, &str)]) -> Result<Axes> {
        let mut axes = Axes {
            settings: Vec::new(),
            seeds: (!self.seeds.is_empty()).then(|| self.seeds.clone()),
        };
        unique("--seeds", self.seeds.iter().map(u64::to_string))?;
        for sweep in &self.sweep {
            let (key, values) = sweep
                .split_once('=')
                .ok_or_else(|| Usage(format!("--sweep {sweep}: expected KEY=VALUE,...")))?;
            for (shared, instead) in SHARED.iter().chain(instead) {
                ensure!(key != *shared, Usage(format!("--sweep {key}: {instead}")));
            }
            let values: Vec<String> = values.split(',').map(str::to_owned).collect();
            unique("--sweep", values.iter().cloned())?;
            let is_new = axes.settings.iter().all(|(other, _)| other != key)
                && (key != "seed" || axes.seeds.is_none());
            ensure!(is_new, Usage(format!("--sweep names {key} twice")));
            if key == "seed" {
                let seeds = values.iter().map(|value| value.parse());
                let seeds = seeds.collect::<std::result::Result<_, std::num::ParseIntError>>();
                let expected = |_| Usage(format!("--sweep {sweep}: expected numbers"));
                axes.seeds = Some(seeds.map_err(expected)?);
            } else {
                axes.settings.push((key.to_owned(), values));
            }
        }
        Ok(axes)
    }
}

fn unique(flag: &str, values: impl Iterator<Item = String>) -> Result<()> {
    let values: Vec<String> = values.collect();
    for (i, value) in values.iter().enumerate() {
        let is_new = !values[..i].contains(value);
        ensure!(is_new, Usage(format!("{flag} names {value} twice")));
    }
    Ok(())
}

impl Axes {
    /// Whether there is one run alone.
    pub(crate) fn is_single(&self) -> bool {
        self.settings.is_empty() && self.seeds.is_none()
    }

    /// The settings in which runs differ, without the seed.
    pub(crate) fn keys(&self) -> Vec<&str> {
        self.settings.iter().map(|(key, _)| key.as_str()).collect()
    }

    /// The values of a setting.
    pub(crate) fn values(&self, key: &str) -> &[String] {
        let found = self.settings.iter().find(|(own, _)| own == key);
        found.map_or(&[], |(_, values)| values)
    }

    /// Every combination of the settings' values; the last setting varies first.
    pub(crate) fn combinations(&self) -> Vec<Combination> {
        let mut all = vec![Vec::new()];
        for (key, values) in &self.settings {
            all = all
                .into_iter()
                .flat_map(|before: Vec<(String, String)>| {
                    values.iter().map(move |value| {
                        let mut one = before.clone();
                        one.push((key.clone(), value.clone()));
                        one
                    })
                })
                .collect();
        }
        all.into_iter().map(Combination).collect()
    }

    /// The seeds of each combination: none where the runs have one seed, which is no part of their names.
    pub(crate) fn seeds(&self) -> Vec<Option<u64>> {
        match &self.seeds {
            None => vec![None],
            Some(seeds) => seeds.iter().copied().map(Some).collect(),
        }
    }
}

impl Combination {
    /// The values as `KEY=VALUE KEY2=VALUE2`.
    pub(crate) fn name(&self) -> String {
        let values = self.0.iter();
        let values: Vec<String> = values
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        values.join(" ")
    }

    /// The settings with these values, and the sizes that follow from them and the backbone.
    pub(crate) fn apply(
        &self,
        config: &Config,
        seed: Option<u64>,
        scaling: Option<&Scaling>,
    ) -> Result<Config> {
        let mut config = config.clone();
        for (key, value) in &self.0 {
            config = config
                .with(&format!("{key}={value}"))
                .map_err(|error| match error {
                    Error::Assignment {
                        assignment, reason, ..
                    } => Error::Assignment {
                        flag: "--sweep",
                        assignment,
                        reason,
                    },
                    other => other,
                })
                .map_err(usage)?;
        }
        if let Some(scaling) = scaling {
            let keys: Vec<&str> = self.0.iter().map(|(key, _)| key.as_str()).collect();
            config = scaling.apply(config, &keys);
        }
        config.seed = seed.unwrap_or(config.seed);
        config.check().map_err(usage)?;
        Ok(config)
    }
}

/// A name with more words behind it, as far as there are any.
pub(crate) fn joined(words: &[&str]) -> String {
    let words: Vec<&str> = words
        .iter()
        .copied()
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(sweep: &[&str], seeds: &[u64]) -> Result<Axes> {
        let sweep = Sweep {
            sweep: sweep.iter().map(|one| (*one).to_owned()).collect(),
            seeds: seeds.to_vec(),
        };
        sweep.axes(&[("variant", "name it with --variant")])
    }

    #[test]
    fn every_combination_is_a_row_and_every_seed_a_run_of_it() {
        let grid = axes(
            &["learning_rate=1e-3,1e-4", "seed=1,2", "warmup_steps=0,5"],
            &[],
        )
        .unwrap();
        let names: Vec<String> = grid.combinations().iter().map(Combination::name).collect();
        assert_eq!(
            names,
            [
                "learning_rate=1e-3 warmup_steps=0",
                "learning_rate=1e-3 warmup_steps=5",
                "learning_rate=1e-4 warmup_steps=0",
                "learning_rate=1e-4 warmup_steps=5",
            ]
        );
        assert_eq!(grid.keys(), ["learning_rate", "warmup_steps"]);
        assert_eq!(grid.seeds(), [Some(1), Some(2)]);
        let single = axes(&[], &[]).unwrap();
        assert!(single.is_single() && single.seeds() == [None]);
        assert_eq!(single.combinations(), [Combination(Vec::new())]);
    }

    #[test]
    fn sweeps_that_say_nothing_are_refused() {
        let message = |sweep: &[&str], seeds: &[u64]| match axes(sweep, seeds) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(
            message(&["seed"], &[]),
            "--sweep seed: expected KEY=VALUE,..."
        );
        assert_eq!(message(&["seed=1,1"], &[]), "--sweep names 1 twice");
        assert_eq!(message(&["seed=1"], &[2]), "--sweep names seed twice");
        assert_eq!(message(&[], &[4, 4]), "--seeds names 4 twice");
        assert_eq!(
            message(&["seed=a"], &[]),
            "--sweep seed=a: expected numbers"
        );
        assert_eq!(
            message(&["precision=fp32"], &[]),
            "--sweep precision: name it with --precision"
        );
        assert_eq!(
            message(&["variant=adapter"], &[]),
            "--sweep variant: name it with --variant"
        );
    }
}
