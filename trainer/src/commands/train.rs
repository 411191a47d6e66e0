//! `ktrain --shards DIR`: one adapter for each dataset.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::ptr;

use crate::Error;
use crate::config::Variant;
use crate::model::adapter;
use crate::report::comparison::{self, Comparison};
use crate::report::console::Talk;
use crate::train::checkpoint_files;
use crate::train::finished;
use crate::train::paths::Paths;
use crate::train::run::{self, Job};
use crate::train::run_folder;
use crate::train::stop::Stop;
use anyhow::{Context, Result};
use kprep_schemas::{FolderLock, resolve_out};
use serde_json::json;

use crate::commands::flags::checksums;
use crate::commands::plan::{self, Asked, Group};
use crate::commands::print::print;
use crate::commands::settings::Settings;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Where the adapters go, one folder a dataset
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
    /// One run for each of these seeds, with mean and standard deviation of their scores
    #[arg(
        long,
        value_name = "SEED,...",
        value_delimiter = ',',
        conflicts_with = "seed"
    )]
    seeds: Vec<u64>,
    /// One run for each of these values of a setting, all on one pass through the backbone:
    /// `learning_rate=1e-5,2e-5`, `seed=42,43` (in the same order of data), `variant=adapter,random`
    #[arg(long, value_name = "KEY=VALUE,...", conflicts_with = "seeds")]
    runs: Option<String>,
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

/// Trains.
pub(crate) fn run(args: &Args) -> Result<()> {
    let settings = &args.settings;
    let opened = settings.open()?;
    let talk = opened.talk;
    let asked = Asked {
        variant: settings.variant,
        seed: settings.flags.seed,
        seeds: &args.seeds,
        runs: args.runs.as_deref(),
        out: &args.out,
    };
    let all = plan::groups(&asked, &opened.datasets)?;
    let (mut claims, mut unfinished, mut complete) = (Vec::new(), Vec::new(), Vec::new());
    for group in &all {
        let mut jobs = Vec::new();
        for job in &group.jobs {
            let claim = job.paths.claim(args.resume, args.overwrite)?;
            if claim.finished {
                complete.push((&group.datasets, job));
            } else {
                jobs.push(job.clone());
            }
            claims.push(claim); // to the end of the command
        }
        if !jobs.is_empty() {
            unfinished.push((&group.datasets, jobs));
        }
    }
    let _tables = args.claim_tables(&all)?;
    let dir = settings.flags.backbone();
    let files = checksums(&dir)?;
    let mut shared = settings.load(&opened, &files)?;
    shared.stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let memory = shared.backbone.checksum()?;
    for (datasets, job) in complete {
        finished::check(datasets, job, &shared)?;
        job.paths.forget_replaced()?;
        talk.say(&format!("{}  {}", job.name, already(&job.paths)));
    }
    // Before anything is replaced.
    for job in unfinished.iter().flat_map(|(_, jobs)| jobs) {
        job.config().check_plug_points(shared.identity.layers)?;
        if let Some(start) = &shared.start {
            start.check(&adapter::specs(job.config(), shared.identity.hidden_size))?;
        }
    }
    let runs: usize = all.iter().map(|group| group.jobs.len()).sum();
    let mut left: usize = unfinished.iter().map(|(_, jobs)| jobs.len()).sum();
    let mut summaries = Vec::new();
    for (datasets, jobs) in &unfinished {
        if let Some(signal) = shared.stop.asked() {
            let finished = runs - left;
            Err(Error::StoppedBetween {
                signal,
                finished,
                runs,
            })?;
        }
        for Job { paths, .. } in jobs {
            paths.prepare(args.overwrite)?;
            if args.skip_damaged
                && let Some(aside) = checkpoint_files::skip_damaged(&paths.checkpoints())?
            {
                talk.say(&format!("skipping a checkpoint, now {}", aside.display()));
            }
        }
        let done = run::run(datasets, jobs, &shared)
            .with_context(|| format!("training on {}", datasets[0].dir.display()))?;
        for (job, summary) in jobs.iter().zip(&done) {
            let what = match job.config().variant {
                Variant::Multitask | Variant::Finetune => "backbone and heads",
                Variant::Backbone => "head",
                Variant::Adapter | Variant::Random => "adapter",
            };
            talk.say(&format!(
                "{}  {what} in {}",
                job.name,
                summary.out.display()
            ));
        }
        left -= jobs.len();
        summaries.extend(done);
    }
    unchanged("parameters in memory", memory, shared.backbone.checksum()?)?;
    for (file, after) in checksums(&dir)? {
        let before = files.get(&file).cloned().unwrap_or_default();
        unchanged(&file, before, after)?;
    }
    let mut json = json!({"runs": summaries});
    if let Some(name) = args.compared() {
        json[name] = json!(compare(&all, talk)?);
    }
    if settings.flags.json {
        print(&format!("{json}\n"))?;
    }
    Ok(())
}

/// What is said of a run that is there, and of what was not looked at.
fn already(paths: &Paths) -> String {
    format!(
        "finished already: {} (its settings and files are those that it was finished with; its training folder and the \
         dataset's shards were not read)",
        paths.dir.display()
    )
}

impl Args {
    /// Of several runs the folder above them, which gets their table.
    fn claim_tables(&self, all: &[Group]) -> Result<Vec<FolderLock>> {
        let above = all.iter().filter(|_| self.compared().is_some());
        let above = above.flat_map(|group| &group.jobs);
        let above: BTreeSet<&Path> = above.filter_map(|job| job.paths.dir.parent()).collect();
        let locks = above
            .into_iter()
            .map(|dir| Ok(run_folder::lock(&resolve_out(dir)?)?));
        locks.collect()
    }

    /// What the comparison of several runs is called in the summary.
    fn compared(&self) -> Option<&'static str> {
        let seeds = (!self.seeds.is_empty()).then_some("seeds");
        seeds.or(self.runs.is_some().then_some("comparisons"))
    }
}

/// What the finished runs of each dataset come to together.
fn compare(all: &[Group], talk: Talk) -> Result<Vec<Comparison>> {
    let mut comparisons = Vec::new();
    for groups in all.chunk_by(|a, b| ptr::eq(a.datasets[0], b.datasets[0])) {
        let (dataset, key) = (groups[0].datasets[0], groups[0].key.unwrap_or_default());
        let jobs = groups.iter().flat_map(|group| &group.jobs);
        let paths: Vec<Paths> = jobs.map(|job| job.paths.clone()).collect();
        let dir = paths[0].dir.parent().unwrap_or(Path::new("."));
        let (comparison, table) = comparison::summarise(dataset, dir, key, &paths)?;
        talk.say(&format!("{}\n{table}", comparison.dataset));
        comparisons.push(comparison);
    }
    Ok(comparisons)
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
