//! Which runs a command line asks for.

use std::path::{Path, PathBuf};

use crate::config::benchmark::Knowing;
use crate::config::{Benchmark, Config};
use crate::train::paths::{self, Paths};
use anyhow::{Context, Result, ensure};
use tch::Device;

use super::Args;
use super::adapters::{Adapters, Uses};

/// What the flags say of it.
pub(super) struct Asked<'a> {
    pub(super) benchmark: Benchmark,
    pub(super) adapters: Adapters,
    pub(super) args: &'a Args,
    pub(super) device: Device,
}

/// Runs that differ in their seed alone: a row of the table.
pub(super) struct Cell {
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
    /// It is there already.
    pub(super) finished: bool,
}

impl Cell {
    pub(super) fn paths(&self) -> Vec<Paths> {
        self.runs.iter().map(|run| run.paths.clone()).collect()
    }
}

impl Asked<'_> {
    /// One for each row or setting, or one alone.
    pub(super) fn cells(&self) -> Result<Vec<Cell>> {
        let (args, out) = (self.args, &self.args.out);
        if args.grid {
            let mut cells = Vec::new();
            for rate in &args.grid_lr {
                for warm_up in &args.grid_warmup {
                    let name = format!("lr={rate:e} warm-up={warm_up}");
                    let dir = out.join(format!("lr-{rate:e}-warmup-{warm_up}"));
                    let sets = [
                        format!("learning_rate={rate}"),
                        format!("warmup_steps={warm_up}"),
                    ];
                    cells.push(self.cell(&name, &dir, &self.adapters.all(), &sets)?);
                }
            }
            return Ok(cells);
        }
        if args.rows.is_empty() {
            let name = out.file_name().unwrap_or_default().to_string_lossy();
            return Ok(vec![self.cell(&name, out, &self.adapters.all(), &[])?]);
        }
        let mut cells: Vec<Cell> = Vec::new();
        for row in &args.rows {
            ensure!(
                cells.iter().all(|cell| cell.name != *row),
                "--rows names {row} twice"
            );
            let uses = match row.as_str() {
                "backbone" | "multitask" => Uses::Nothing,
                "none" => Uses::Random,
                names => self.adapters.named(names)?,
            };
            cells.push(self.cell(row, &paths::below(out, row)?, &uses, &[])?);
        }
        Ok(cells)
    }

    fn cell(&self, name: &str, dir: &Path, uses: &Uses, sets: &[String]) -> Result<Cell> {
        let args = self.args;
        let backbone = match name {
            "multitask" if !args.rows.is_empty() => {
                let run = args.multitask.as_ref().context(
                    "--rows multitask needs the folder of a run with --variant multitask: name it with --multitask",
                )?;
                Paths { dir: run.clone() }.backbone()
            }
            _ => args.flags.backbone(),
        };
        let several = !args.seeds.is_empty();
        let seeds = args.each_seed()?;
        let runs = seeds.into_iter().map(|seed| {
            let config = self.config(uses, seed)?.with_all(sets)?;
            config.check()?;
            let (dir, name) = if several {
                (
                    dir.join(format!("seed-{seed}")),
                    format!("{name} seed={seed}"),
                )
            } else {
                (dir.to_owned(), name.to_owned())
            };
            Ok(Run {
                name,
                config,
                uses: uses.clone(),
                paths: Paths { dir },
                finished: false,
            })
        });
        Ok(Cell {
            name: name.to_owned(),
            backbone,
            runs: runs.collect::<Result<_>>()?,
        })
    }

    /// The settings of a run.
    fn config(&self, uses: &Uses, seed: u64) -> Result<Config> {
        let instead = [
            ("variant", "ktrain finetune has its own"),
            ("benchmark", "name it before the flags"),
            ("adapters", "name them with --adapter"),
            ("cached_states", "the backbone changes with each step"),
            ("seed", "name it with --seed or --seeds"),
        ];
        let flags = &self.args.flags;
        let tasks = self.adapters.tasks(uses)?;
        let mut config = self.benchmark.config(flags.preset, Knowing::of(&tasks));
        config.seed = seed;
        config.early_stopping_patience = self.args.early_stopping_patience;
        config.adapters = Some(match uses {
            Uses::Nothing => 0,
            Uses::Random => 1,
            Uses::Named(named) => named.len(),
        });
        if let Some(pads) = self.adapters.pads(uses)? {
            config.adapter_pads = pads;
        }
        Ok(flags.config(config, &instead, self.device)?)
    }
}
