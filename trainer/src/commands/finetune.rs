//! `ktrain finetune`: a backbone, and frozen adapters, on a downstream task.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::slice;

use crate::Error;
use crate::config::Benchmark;
use crate::files::adapter_config::AdapterConfig;
use crate::files::weights::{write_atomically, write_json};
use crate::libtorch::device;
use crate::report::bar_chart;
use crate::report::comparison;
use crate::report::console::{Talk, printable_lines};
use crate::report::table::Table;
use crate::train::checkpoint_files;
use crate::train::paths::Paths;
use crate::train::run::{self, Job, Summary};
use crate::train::run_folder;
use crate::train::shared::Shared;
use crate::train::stop::Stop;
use anyhow::{Context, Result, ensure};
use kprep_schemas::{Dataset, FolderLock, MANIFEST, resolve_out, sha256_file};
use serde_json::json;

use crate::commands::flags::{Flags, checksums, named};
use crate::commands::print::print;
use adapters::Adapters;
use plan::{Asked, Cell, Run};

mod adapters;
mod plan;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The benchmark, if the dataset is not to say it: relation, tacred, semeval, openentity, figer, cosmosqa,
    /// searchqa or quasar-t
    #[arg(value_name = "TASK", value_parser = named::<Benchmark>)]
    task: Option<Benchmark>,
    /// Folder of the dataset, as kprep writes it
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Folder of an adapter that was trained on this backbone, with a name for --rows; may be repeated
    #[arg(long, value_name = "[NAME=]DIR")]
    adapter: Vec<String>,
    /// Folder of a run with --variant multitask, for the row of this name
    #[arg(long, value_name = "DIR")]
    multitask: Option<PathBuf>,
    /// Where the model goes; with --rows, --grid or --seeds all models and the table of their scores
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// One run for each of these seeds, with mean and standard deviation of their scores
    #[arg(
        long,
        value_name = "SEED,...",
        value_delimiter = ',',
        conflicts_with = "seed"
    )]
    seeds: Vec<u64>,
    /// One row of a comparison for each of these: backbone, multitask, none, or names of adapters
    /// joined by +
    #[arg(long, value_name = "ROW,...", value_delimiter = ',')]
    rows: Vec<String>,
    /// One row for each pair of a learning rate and a warm-up, as in the paper's search; the best is chosen by
    /// validation
    #[arg(long, conflicts_with_all = ["rows", "lr", "warmup_steps"])]
    grid: bool,
    /// The learning rates of --grid
    #[arg(long, value_name = "RATE,...", value_delimiter = ',', requires = "grid",
          default_values_t = [2e-5, 1e-5, 5e-6, 1e-6])]
    grid_lr: Vec<f64>,
    /// The warm-ups of --grid, in steps
    #[arg(long, value_name = "STEPS,...", value_delimiter = ',', requires = "grid",
          default_values_t = [0, 200, 500, 1000, 1200])]
    grid_warmup: Vec<u64>,
    /// End a run early after so many validations without a better score [default: never]
    #[arg(long, value_name = "N")]
    early_stopping_patience: Option<u64>,
    #[command(flatten)]
    flags: Flags,
    /// Go on with runs that were cut off
    #[arg(long)]
    resume: bool,
    /// With --resume: where the last checkpoint is damaged, go on from the one before
    #[arg(long, requires = "resume")]
    skip_damaged: bool,
    /// Replace runs that are there
    #[arg(long, conflicts_with = "resume")]
    overwrite: bool,
}

/// Fine-tunes.
pub(crate) fn run(args: &Args) -> Result<()> {
    let device = device::open(&args.flags.device)?; // before anything else asks libtorch for CUDA
    let dataset = Dataset::open(&args.data).map_err(Error::from)?;
    let benchmark = match args.task {
        Some(benchmark) => {
            benchmark.check(&dataset)?;
            benchmark
        }
        None => Benchmark::of_dataset(&dataset)?,
    };
    let asked = Asked {
        benchmark,
        adapters: Adapters::parse(&args.adapter)?,
        args,
        device,
    };
    let mut cells = asked.cells()?;
    let (mut claims, mut runs) = (Vec::new(), Vec::new());
    for cell in &mut cells {
        for run in &mut cell.runs {
            let claim = run.paths.claim(args.resume, args.overwrite)?;
            run.finished = claim.finished;
            claims.push(claim); // to the end of the command
            if run.finished {
                check_finished(run, &asked.adapters, &dataset)?;
                run.paths.forget_replaced()?;
                args.talk()
                    .say(&format!("{}  {}", run.name, already(&run.paths)));
            }
        }
        runs.extend(&cell.runs);
    }
    let all = runs.len();
    let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let mut finished = runs.iter().filter(|run| run.finished).count();
    let _table = args.claim_table(&cells)?;
    let mut summaries = Vec::new();
    for (backbone, cells) in by_backbone(&cells) {
        let runs = cells.iter().flat_map(|cell| &cell.runs);
        let runs: Vec<&Run> = runs.filter(|run| !run.finished).collect();
        if runs.is_empty() {
            continue;
        }
        let configs: Vec<_> = runs.iter().map(|run| &run.config).collect();
        let shared = Shared {
            stop: stop.clone(),
            ..args
                .flags
                .load(backbone, &configs, device, &checksums(backbone)?)?
        };
        let adapters = asked.adapters.load(&runs, &shared)?;
        for run in runs {
            if let Some(signal) = stop.asked() {
                Err(Error::StoppedBetween {
                    signal,
                    finished,
                    runs: all,
                })?;
            }
            prepare(&run.paths, args)?;
            let job = Job {
                configs: vec![run.config.clone()],
                paths: run.paths.clone(),
                name: run.name.clone(),
                knowledge: adapters.of_run(run, &shared)?,
            };
            summaries.extend(one(&dataset, &job, &shared)?);
            finished += 1;
        }
        adapters.check_unchanged()?;
    }
    report(args, &dataset, benchmark, &cells, &summaries)
}

/// A run that is there already may be one with other settings, adapters or data, or damaged.
fn check_finished(run: &Run, adapters: &Adapters, dataset: &Dataset) -> Result<()> {
    let found = AdapterConfig::read(&run.paths.dir)?;
    let mut differences = run.config.differences(&found.run.config);
    let manifest = dataset.dir.join(MANIFEST);
    if sha256_file(&manifest)? != found.run.dataset.manifest_sha256 {
        differences.push("the dataset is another".to_owned());
    }
    let theirs = found.run.adapters.iter().map(|adapter| &adapter.sha256);
    if let Some(ours) = adapters.checksums(&run.uses)?
        && !ours.iter().eq(theirs)
    {
        differences.push("the adapters are others".to_owned());
    }
    ensure!(
        differences.is_empty(),
        "{}: the finished run was made with other settings ({}): give the same ones, or another --out",
        run.paths.dir.display(),
        differences.join("; ")
    );
    Ok(found.check_files()?)
}

/// What is said of a run that is there, and of what was not looked at.
fn already(paths: &Paths) -> String {
    format!(
        "finished already: {} (its settings, adapters and files are those that it was finished with; the backbone that \
         it started from, its training folder and the dataset's shards were not read)",
        paths.dir.display()
    )
}

/// A run, and what there is to say of it.
fn one(dataset: &Dataset, job: &Job, shared: &Shared) -> Result<Vec<Summary>> {
    let before = job.knowledge.iter().map(|one| one.checksum());
    let before = before.collect::<crate::Result<Vec<_>>>()?;
    let done = run::run(&[dataset], slice::from_ref(job), shared)
        .with_context(|| format!("fine-tuning on {}", dataset.dir.display()))?;
    for (knowledge, before) in job.knowledge.iter().zip(before) {
        adapters::unchanged("parameters in memory", before, knowledge.checksum()?)?;
    }
    let dir = job.paths.dir.display();
    shared.talk.say(&format!("{}  model in {dir}", job.name));
    Ok(done)
}

fn prepare(paths: &Paths, args: &Args) -> Result<()> {
    paths.prepare(args.overwrite)?;
    if args.skip_damaged
        && let Some(aside) = checkpoint_files::skip_damaged(&paths.checkpoints())?
    {
        let aside = aside.display();
        args.talk()
            .say(&format!("skipping a checkpoint, now {aside}"));
    }
    Ok(())
}

/// Rows that share a backbone, by its folder.
fn by_backbone(cells: &[Cell]) -> BTreeMap<&Path, Vec<&Cell>> {
    let mut by_backbone: BTreeMap<&Path, Vec<&Cell>> = BTreeMap::new();
    for cell in cells {
        by_backbone.entry(&cell.backbone).or_default().push(cell);
    }
    by_backbone
}

/// Writes the table of several rows or seeds, and the summary.
fn report(
    args: &Args,
    dataset: &Dataset,
    benchmark: Benchmark,
    cells: &[Cell],
    summaries: &[Summary],
) -> Result<()> {
    let mut json = json!({"task": benchmark.name(), "runs": summaries});
    let several = cells.len() > 1 || !args.rows.is_empty() || args.grid;
    if several {
        let rows = cells.iter().map(|cell| (cell.name.as_str(), cell.paths()));
        let what = if args.grid { "setting" } else { "row" };
        let table = Table::read(&dataset.manifest.name, benchmark, what, rows)?;
        write_json(&args.out.join("rows.json"), &table)?;
        let markdown = table.markdown();
        let page = printable_lines(&table.page());
        write_atomically(&args.out.join("README.md"), page.as_bytes())?;
        bar_chart::draw(&table, &args.out.join("rows.svg"))?;
        args.talk().say(&markdown);
        json["table"] = json!(table);
    } else if !args.seeds.is_empty() {
        let (seeds, table) = comparison::summarise(dataset, &args.out, "seed", &cells[0].paths())?;
        args.talk().say(&table);
        json["seeds"] = json!(seeds);
    }
    if args.flags.json {
        print(&format!("{json}\n"))?;
    }
    Ok(())
}

impl Args {
    /// Of several runs the folder above them, which gets their table.
    fn claim_table(&self, cells: &[Cell]) -> Result<Option<FolderLock>> {
        let alone = cells
            .iter()
            .flat_map(|cell| &cell.runs)
            .all(|run| run.paths.dir == self.out);
        if alone {
            return Ok(None); // the run's own folder is claimed already
        }
        Ok(Some(run_folder::lock(&resolve_out(&self.out)?)?))
    }

    fn talk(&self) -> Talk {
        Talk {
            quiet: self.flags.quiet,
        }
    }

    /// The seeds of each row.
    fn each_seed(&self) -> Result<Vec<u64>> {
        for (i, seed) in self.seeds.iter().enumerate() {
            ensure!(
                !self.seeds[..i].contains(seed),
                "--seeds names {seed} twice"
            );
        }
        Ok(if self.seeds.is_empty() {
            vec![self.flags.seed]
        } else {
            self.seeds.clone()
        })
    }
}
