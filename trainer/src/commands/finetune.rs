//! `ktrain finetune`: a backbone, and frozen adapters, on a downstream task.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::slice;

use crate::Error;
use crate::config::Benchmark;
use crate::files::adapter_config::AdapterConfig;
use crate::files::paths::Paths;
use crate::libtorch::device;
use crate::report::table::{RowRuns, Table};
use crate::stop::Stop;
use crate::train::run::{self, RunSpec, Summary};
use crate::train::run_folder::{self, Claim};
use crate::train::shared::Shared;
use anyhow::{Context, Result, ensure};
use kprep_schemas::{Dataset, FolderLock, MANIFEST, resolve_out, sha256_file};
use serde_json::json;

use crate::commands::computing::Computing;
use crate::commands::flags::{
    Advanced, BackboneFlag, Existing, Flags, Printing, Recipe, SkipDamaged, checksums,
};
use crate::commands::print::print;
use crate::commands::sweep::Sweep;
use adapters::Adapters;
use plan::{Plan, Row, Run};

mod adapters;
mod plan;

/// The flags.
#[derive(clap::Args)]
#[command(mut_arg("precision", |precision| precision.default_value("auto")))]
pub(crate) struct Args {
    /// Benchmark: settings and scores [default: detected from the dataset's records and classes]
    #[arg(value_name = "TASK", value_enum)]
    task: Option<Benchmark>,
    /// Folder of the dataset, from kprep
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    data: PathBuf,
    /// Folder of an adapter that was trained on this backbone, with a name for --rows; may be
    /// repeated
    #[arg(long, value_name = "[NAME=]DIR", help_heading = "Input")]
    adapter: Vec<String>,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// Folder of a run with --variant multitask, for the row `multitask`
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    multitask: Option<PathBuf>,
    /// Folder for the model; with --rows, --sweep or --seeds for all models and their table
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,
    #[command(flatten)]
    existing: Existing,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    flags: Flags,
    /// Stop after this number of validations without a better score [default: never]
    #[arg(long, value_name = "N", help_heading = "Training")]
    early_stopping_patience: Option<u64>,
    /// One row of the table for each model: backbone, multitask, random, or names of adapters
    /// joined by +
    #[arg(
        long,
        value_name = "ROW,...",
        value_delimiter = ',',
        help_heading = "Several runs"
    )]
    rows: Vec<String>,
    #[command(flatten)]
    sweep: Sweep,
    #[command(flatten)]
    pub(super) computing: Computing,
    #[command(flatten)]
    advanced: Advanced,
    #[command(flatten)]
    skip_damaged: SkipDamaged,
}

/// Fine-tunes.
pub(crate) fn run(args: &Args) -> Result<()> {
    let device = device::open(&args.computing.device)?; // before anything else asks libtorch for CUDA
    let dataset = Dataset::open(&args.data).map_err(Error::from)?;
    let benchmark = match args.task {
        Some(benchmark) => {
            benchmark.check(&dataset)?;
            benchmark
        }
        None => Benchmark::of_dataset(&dataset)?,
    };
    let plan = Plan::new(benchmark, args, device)?;
    let mut rows = plan.rows()?;
    // The folders are held to the end of the command.
    let _claims = args.claim(&mut rows, &plan.adapters, &dataset)?;
    let _table = args.claim_table(&plan)?;
    let summaries = train_all(&plan, &rows, &dataset)?;
    report(&plan, &dataset, &rows, &summaries)
}

/// Trains the runs that are left, those of each backbone together.
fn train_all(plan: &Plan, rows: &[Row], dataset: &Dataset) -> Result<Vec<Summary>> {
    let (args, console) = (plan.args, plan.args.printing.console());
    let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let all = rows.iter().flat_map(|row| &row.runs);
    let mut finished = all.clone().filter(|run| run.finished).count();
    let all = all.count();
    let mut summaries = Vec::new();
    for (backbone, rows) in by_backbone(rows) {
        let runs = rows.iter().flat_map(|row| &row.runs);
        let runs: Vec<&Run> = runs.filter(|run| !run.finished).collect();
        if runs.is_empty() {
            continue;
        }
        let configs: Vec<_> = runs.iter().map(|run| &run.config).collect();
        let files = checksums(backbone)?;
        let recipe = args.recipe();
        let shared = Shared {
            stop: stop.clone(),
            ..recipe.load(backbone, &configs, plan.device, &files, console)?
        };
        let adapters = plan
            .adapters
            .load(runs.iter().map(|run| &run.uses), &shared)?;
        for run in runs {
            if let Some(signal) = stop.signal() {
                Err(Error::StoppedBetween {
                    signal,
                    finished,
                    runs: all,
                })?;
            }
            args.existing
                .prepare(&run.paths, &args.skip_damaged, console)?;
            let run = RunSpec {
                configs: vec![run.config.clone()],
                paths: run.paths.clone(),
                name: run.name.clone(),
                knowledge: adapters.of_run(&run.uses, &run.config, &shared)?,
            };
            summaries.extend(train(dataset, &run, &shared)?);
            finished += 1;
        }
        adapters.check_unchanged()?;
    }
    Ok(summaries)
}

/// A finished run may be one with other settings, adapters or data, or damaged.
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

/// What is said of a finished run, and of what was not read.
fn already(paths: &Paths) -> String {
    format!(
        "finished already: {} (its settings, adapters and files are those that it was finished with; the backbone that \
         it started from, its training folder and the dataset's shards were not read)",
        paths.dir.display()
    )
}

/// Trains one run.
fn train(dataset: &Dataset, run: &RunSpec, shared: &Shared) -> Result<Vec<Summary>> {
    let before = run.knowledge.iter().map(|one| one.checksum());
    let before = before.collect::<crate::Result<Vec<_>>>()?;
    let done = run::run(&[dataset], slice::from_ref(run), shared)
        .with_context(|| format!("fine-tuning on {}", dataset.dir.display()))?;
    for (knowledge, before) in run.knowledge.iter().zip(before) {
        adapters::unchanged("parameters in memory", before, knowledge.checksum()?)?;
    }
    let dir = run.paths.dir.display();
    shared.console.say(&format!("{}  model in {dir}", run.name));
    Ok(done)
}

/// Rows that share a backbone, by its folder.
fn by_backbone(rows: &[Row]) -> BTreeMap<&Path, Vec<&Row>> {
    let mut by_backbone: BTreeMap<&Path, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_backbone.entry(&row.backbone).or_default().push(row);
    }
    by_backbone
}

/// Writes the table of several runs, and the summary.
fn report(plan: &Plan, dataset: &Dataset, rows: &[Row], summaries: &[Summary]) -> Result<()> {
    let args = plan.args;
    let mut json = json!({"task": plan.benchmark.name(), "runs": summaries});
    if !plan.is_single() {
        let all: Vec<RowRuns> = rows.iter().map(Row::table_row).collect();
        let (name, keys) = (&dataset.manifest.name, plan.axes.keys());
        let table = Table::read(name, &keys, !args.rows.is_empty(), &all)?;
        table.write(dataset, &args.out)?;
        args.printing.table(&table.markdown())?;
        let console = args.printing.console();
        console.say(&format!("table in {}", args.out.display()));
        json["tables"] = json!([table]);
    }
    if args.printing.json {
        print(&format!("{json}\n"))?;
    }
    Ok(())
}

impl Args {
    fn recipe(&self) -> Recipe<'_> {
        Recipe {
            flags: &self.flags,
            computing: &self.computing,
            advanced: &self.advanced,
        }
    }

    /// Claims the folder of each run, before any work is done, and checks those that are finished.
    fn claim(
        &self,
        rows: &mut [Row],
        adapters: &Adapters,
        dataset: &Dataset,
    ) -> Result<Vec<Claim>> {
        let mut claims = Vec::new();
        for run in rows.iter_mut().flat_map(|row| &mut row.runs) {
            let claim = run
                .paths
                .claim(self.existing.resume, self.existing.overwrite)?;
            run.finished = claim.finished;
            claims.push(claim);
            if run.finished {
                check_finished(run, adapters, dataset)?;
                run.paths.forget_replaced()?;
                let console = self.printing.console();
                console.say(&format!("{}  {}", run.name, already(&run.paths)));
            }
        }
        Ok(claims)
    }

    /// Claims the folder above several runs. Of a single run the folder is claimed already.
    fn claim_table(&self, plan: &Plan) -> Result<Option<FolderLock>> {
        if plan.is_single() {
            return Ok(None);
        }
        Ok(Some(run_folder::lock(&resolve_out(&self.out)?)?))
    }
}
