//! `ktrain train`: an adapter for each dataset.

use std::path::PathBuf;

use crate::Error;
use crate::config::{Task, Variant};
use crate::files::paths::Paths;
use crate::model::adapter;
use crate::report::table::Table;
use crate::stop::Stop;
use crate::train::finished;
use crate::train::run::{self, RunSpec, Summary};
use crate::train::run_folder::{self, Claim};
use crate::train::shared::Shared;
use anyhow::{Context, Result};
use kprep_schemas::{Dataset, FolderLock, resolve_out};
use serde_json::json;

use crate::commands::computing::Computing;
use crate::commands::flags::{Checksums, Existing, Printing, SkipDamaged, checksums};
use crate::commands::plan::{DatasetRuns, Plan, check_variant, passes};
use crate::commands::print::print;
use crate::commands::sweep::{Axes, Sweep};
use crate::commands::training_flags::{
    INSTEAD, Input, More, Opened, Settings, Training, check_used,
};

/// The flags.
#[derive(clap::Args)]
#[command(mut_arg("precision", |precision| precision.default_value("auto")))]
#[command(mut_arg("preset", |preset| preset.default_value("scaled")))]
pub(crate) struct Args {
    #[command(flatten)]
    input: Input,
    /// Folder for the adapters, one folder a dataset inside
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "runs",
        help_heading = "Output"
    )]
    out: PathBuf,
    #[command(flatten)]
    existing: Existing,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    settings: Settings,
    #[command(flatten)]
    sweep: Sweep,
    #[command(flatten)]
    pub(super) computing: Computing,
    #[command(flatten)]
    more: More,
    #[command(flatten)]
    skip_damaged: SkipDamaged,
}

/// Runs that are still to be trained, those of each pass through the backbone together.
struct Pass<'a> {
    datasets: &'a [&'a Dataset],
    runs: Vec<RunSpec>,
}

/// Trains.
pub(crate) fn run(args: &Args) -> Result<()> {
    let (settings, console) = (&args.settings, args.printing.console());
    check_variant(settings.variant)?;
    let axes = args.sweep.axes(&INSTEAD[1..])?; // variants may be compared
    let opened = args.training().open()?;
    let plan = Plan {
        variant: settings.variant,
        axes: &axes,
        names: &opened.names,
        out: &args.out,
        scaling: &opened.scaling,
    };
    let all = plan.runs(&opened.datasets)?;
    let tasks: Vec<Task> = opened.datasets.iter().map(|(_, own)| own.task).collect();
    check_used("--set", args.more.advanced.set_keys(), &tasks)?;
    check_used("--sweep", axes.keys().into_iter(), &tasks)?;
    // The folders are held to the end of the command.
    let (_claims, finished, unfinished) = args.claim(&all)?;
    let _tables = claim_tables(&all)?;
    let dir = args.input.backbone.dir();
    let files = checksums(&dir)?;
    let mut shared = args.load(&all, &opened, &files)?;
    shared.stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let memory = shared.backbone.checksum()?;
    for (datasets, run) in &finished {
        finished::check(datasets, run, &shared)?;
        run.paths.forget_replaced()?;
        console.say(&format!("{}  {}", run.name, already(&run.paths)));
    }
    let summaries = args.train_all(&unfinished, finished.len(), &shared)?;
    unchanged("parameters in memory", memory, shared.backbone.checksum()?)?;
    for (file, after) in checksums(&dir)? {
        let before = files.get(&file).cloned().unwrap_or_default();
        unchanged(&file, before, after)?;
    }
    let mut json = json!({"runs": summaries});
    if !axes.is_single() {
        json["tables"] = json!(write_tables(&all, &axes, &args.printing)?);
    }
    if args.printing.json {
        print(&format!("{json}\n"))?;
    }
    Ok(())
}

/// Claims of folders, the finished runs with their datasets, and the passes that are left.
type Claimed<'a> = (
    Vec<Claim>,
    Vec<(&'a [&'a Dataset], &'a RunSpec)>,
    Vec<Pass<'a>>,
);

impl Args {
    fn training(&self) -> Training<'_> {
        Training {
            input: &self.input,
            settings: &self.settings,
            computing: &self.computing,
            more: &self.more,
            console: self.printing.console(),
        }
    }

    /// Claims the folder of each run, before any work is done.
    fn claim<'a>(&self, all: &'a [DatasetRuns<'a>]) -> Result<Claimed<'a>> {
        let (mut claims, mut finished, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        for one in all {
            let mut left = Vec::new();
            for run in one.runs() {
                let claim = run
                    .paths
                    .claim(self.existing.resume, self.existing.overwrite)?;
                if claim.finished {
                    finished.push((one.datasets.as_slice(), run));
                } else {
                    left.push(run.clone());
                }
                claims.push(claim);
            }
            unfinished.extend(passes(left).into_iter().map(|runs| Pass {
                datasets: &one.datasets,
                runs,
            }));
        }
        Ok((claims, finished, unfinished))
    }

    /// Loads the backbone, and checks every run against it before anything is replaced.
    fn load(&self, all: &[DatasetRuns], opened: &Opened, files: &Checksums) -> Result<Shared> {
        let runs = || all.iter().flat_map(DatasetRuns::runs);
        let configs: Vec<_> = runs().flat_map(|run| &run.configs).collect();
        let shared = self.training().load(&configs, opened.device, files)?;
        if let Some(start) = &shared.start {
            for run in runs() {
                start.check(&adapter::specs(run.config(), shared.identity.hidden_size))?;
            }
        }
        Ok(shared)
    }

    /// Trains one pass after the other.
    fn train_all(
        &self,
        unfinished: &[Pass],
        mut finished: usize,
        shared: &Shared,
    ) -> Result<Vec<Summary>> {
        let left: usize = unfinished.iter().map(|pass| pass.runs.len()).sum();
        let all = finished + left;
        let mut summaries = Vec::new();
        for Pass { datasets, runs } in unfinished {
            if let Some(signal) = shared.stop.signal() {
                Err(Error::StoppedBetween {
                    signal,
                    finished,
                    runs: all,
                })?;
            }
            for run in runs {
                self.existing
                    .prepare(&run.paths, &self.skip_damaged, shared.console)?;
            }
            let done = run::run(datasets, runs, shared)
                .with_context(|| format!("training on {}", datasets[0].dir.display()))?;
            for (run, summary) in runs.iter().zip(&done) {
                let what = trained(run.config().variant);
                let out = summary.out.display();
                shared
                    .console
                    .say(&format!("{}  {what} in {out}", run.name));
            }
            finished += runs.len();
            summaries.extend(done);
        }
        Ok(summaries)
    }
}

/// What a run leaves.
fn trained(variant: Variant) -> &'static str {
    match variant {
        Variant::Multitask | Variant::Finetune => "backbone and prediction heads",
        Variant::Backbone => "prediction head",
        Variant::Adapter | Variant::Random => "adapter",
    }
}

/// What is said of a finished run, and of what was not read.
fn already(paths: &Paths) -> String {
    format!(
        "finished already: {} (its settings and files are those that it was finished with; its training folder and the \
         dataset's shards were not read)",
        paths.dir.display()
    )
}

/// Claims the folders above the runs of a sweep.
fn claim_tables(all: &[DatasetRuns]) -> Result<Vec<FolderLock>> {
    let above = all.iter().filter_map(|one| one.table.as_ref());
    let locks = above.map(|dir| Ok(run_folder::lock(&resolve_out(dir)?)?));
    locks.collect()
}

/// Writes a table for each dataset.
fn write_tables(all: &[DatasetRuns], axes: &Axes, printing: &Printing) -> Result<Vec<Table>> {
    let mut tables = Vec::new();
    for one in all {
        let Some(dir) = &one.table else { continue };
        let names: Vec<&str> = one
            .datasets
            .iter()
            .map(|dataset| &*dataset.manifest.name)
            .collect();
        let table = Table::read(&names.join("+"), &axes.keys(), false, &one.table_rows())?;
        table.write(one.datasets[0], dir)?;
        printing.table(&format!("{}\n\n{}", table.dataset, table.markdown()))?;
        let console = printing.console();
        console.say(&format!("{}  table in {}", table.dataset, dir.display()));
        tables.push(table);
    }
    Ok(tables)
}

fn unchanged(what: &str, before: String, after: String) -> crate::Result<()> {
    if before == after {
        return Ok(());
    }
    Err(Error::BackboneChanged {
        what: what.to_owned(),
        before,
        after,
    })
}
