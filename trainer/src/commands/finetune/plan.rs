//! The runs of `ktrain finetune`.

use std::path::{Path, PathBuf};

use crate::commands::sweep::{Axes, Combination, joined};
use crate::config::benchmark::Knowing;
use crate::config::{Benchmark, Config, Task, reference};
use crate::files::paths::{self, Paths};
use crate::report::table::RowRuns;
use anyhow::{Context, Result, ensure};
use tch::Device;

use super::Args;
use super::adapters::{Adapters, Uses};

/// Settings that no `--set` and no `--sweep` changes, each with what does.
const INSTEAD: [(&str, &str); 4] = [
    ("variant", "ktrain finetune has its own"),
    ("benchmark", "name it before the flags"),
    ("adapters", "name them with --adapter"),
    ("cached_states", "the backbone changes with each step"),
];
/// Settings of adapters, which are frozen here.
const OF_ADAPTERS: [&str; 10] = [
    "adapter_layers",
    "adapter_transformer_layers",
    "adapter_hidden_size",
    "adapter_attention_heads",
    "adapter_ffn_size",
    "adapter_layer_norm_eps",
    "adapter_init_std",
    "adapter_fuse",
    "adapter_plug",
    "adapter_pads",
];
const IN_ADAPTER: &str =
    "a frozen adapter keeps the setting of its training: set it with ktrain train";
/// Why a setting of another task is refused.
const IN_RELATIONS: &str = "only benchmarks of relations use it";
const IN_KNOWLEDGE: &str = "no benchmark uses it: set it with ktrain train";
/// Which a `--set` does not change either.
const SEED: (&str, &str) = ("seed", "name it with --seed or --seeds");

/// What the runs are planned from.
pub(super) struct Plan<'a> {
    pub(super) benchmark: Benchmark,
    pub(super) adapters: Adapters,
    pub(super) axes: Axes,
    /// Settings that no `--set` and no `--sweep` changes, each with what does, or why nothing does.
    instead: Vec<(&'static str, &'static str)>,
    pub(super) args: &'a Args,
    pub(super) device: Device,
}

/// Runs that differ in their seed alone: a row of the table.
pub(super) struct Row {
    pub(super) name: String,
    /// The folder of the backbone.
    pub(super) backbone: PathBuf,
    pub(super) runs: Vec<Run>,
}

/// A run.
pub(super) struct Run {
    pub(super) name: String,
    pub(super) config: Config,
    pub(super) uses: Uses,
    pub(super) paths: Paths,
    /// Whether it was finished by an earlier command.
    pub(super) finished: bool,
}

impl Row {
    /// The row's folders.
    pub(super) fn table_row(&self) -> RowRuns {
        RowRuns {
            name: self.name.clone(),
            runs: self.runs.iter().map(|run| run.paths.clone()).collect(),
        }
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(benchmark: Benchmark, args: &'a Args, device: Device) -> Result<Self> {
        let instead = instead(benchmark, args);
        Ok(Self {
            benchmark,
            adapters: Adapters::parse(&args.adapter)?,
            axes: args.sweep.axes(&instead)?,
            instead,
            args,
            device,
        })
    }

    /// Whether there is one run alone, in the output folder itself.
    pub(super) fn is_single(&self) -> bool {
        self.axes.is_single() && self.args.rows.is_empty()
    }

    /// One for each model of `--rows` with each combination of the sweep.
    pub(super) fn rows(&self) -> Result<Vec<Row>> {
        let (args, out) = (self.args, &self.args.out);
        if args.rows.is_empty() {
            let name = out.file_name().unwrap_or_default().to_string_lossy();
            return self.combinations(None, &name, out, &self.adapters.all());
        }
        let mut rows: Vec<Row> = Vec::new();
        for (i, row) in args.rows.iter().enumerate() {
            ensure!(!args.rows[..i].contains(row), "--rows names {row} twice");
            let uses = match row.as_str() {
                "backbone" | "multitask" => Uses::Nothing,
                "random" => Uses::Random,
                names => self.adapters.named(names)?,
            };
            let dir = paths::below(out, row)?;
            rows.extend(self.combinations(Some(row), row, &dir, &uses)?);
        }
        Ok(rows)
    }

    /// A row of each combination of the sweep, of one model.
    fn combinations(
        &self,
        model: Option<&str>,
        name: &str,
        dir: &Path,
        uses: &Uses,
    ) -> Result<Vec<Row>> {
        let backbone = match model {
            Some("multitask") => {
                let run = self.args.multitask.as_ref().context(
                    "--rows multitask needs the folder of a run with --variant multitask: name it with --multitask",
                )?;
                Paths { dir: run.clone() }.backbone()
            }
            _ => self.args.backbone.dir(),
        };
        let combinations = self.axes.combinations().into_iter().map(|combination| {
            let values = combination.name();
            let name = match model {
                None if !values.is_empty() => values,
                _ => joined(&[name, &values]),
            };
            Ok(Row {
                runs: self.runs(&name, dir, uses, &combination)?,
                name,
                backbone: backbone.clone(),
            })
        });
        combinations.collect()
    }

    /// One for each seed.
    fn runs(
        &self,
        name: &str,
        dir: &Path,
        uses: &Uses,
        combination: &Combination,
    ) -> Result<Vec<Run>> {
        let config = self.config(uses)?;
        let runs = self.axes.seeds().into_iter().map(|seed| {
            let seeds = seed.map_or(String::new(), |seed| format!("seed={seed}"));
            Ok(Run {
                name: joined(&[name, &seeds]),
                config: combination.apply(&config, seed, None)?,
                uses: uses.clone(),
                paths: Paths::of_sweep(dir, &combination.0, seed)?,
                finished: false,
            })
        });
        runs.collect()
    }

    /// The settings of a run, but for those of the sweep.
    fn config(&self, uses: &Uses) -> Result<Config> {
        let flags = &self.args.flags;
        let tasks = self.adapters.tasks(uses)?;
        let mut config = self.benchmark.config(flags.preset, Knowing::of(&tasks));
        config.seed = flags.seed;
        config.early_stopping_patience = self.args.early_stopping_patience;
        config.adapters = Some(match uses {
            Uses::Nothing => 0,
            Uses::Random => 1,
            Uses::Named(named) => named.len(),
        });
        if let Some(pads) = self.adapters.pads(uses)? {
            config.adapter_pads = pads;
        }
        let instead = [&self.instead[..], &[SEED]].concat();
        let recipe = self.args.recipe();
        let scaling = recipe.scaling(&self.args.backbone.dir())?;
        recipe.config(config, &instead, &scaling, self.device)
    }
}

/// Settings that these runs would record and not use, and those that another flag sets.
fn instead(benchmark: Benchmark, args: &Args) -> Vec<(&'static str, &'static str)> {
    let mut all = INSTEAD.to_vec();
    // Without --adapter, the settings shape the randomly initialised one.
    let shapes_random = args.adapter.is_empty() && args.rows.iter().any(|row| row == "random");
    if !shapes_random {
        all.extend(OF_ADAPTERS.map(|key| (key, IN_ADAPTER)));
    }
    all.push(("objective", IN_KNOWLEDGE));
    if benchmark.task() != Task::Relation {
        all.push(("adapter_dropout", IN_RELATIONS)); // of a stacked head
    }
    let unused = reference::all().filter(|setting| !setting.is_used_by(benchmark.task()));
    all.extend(unused.map(|setting| {
        let of_relations = setting.is_used_by(Task::Relation);
        let why = if of_relations {
            IN_RELATIONS
        } else {
            IN_KNOWLEDGE
        };
        (setting.name, why)
    }));
    all
}
