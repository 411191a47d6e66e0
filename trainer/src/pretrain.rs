//! `ktrain --shards DIR`: one adapter for each dataset.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use kprep_schemas::Dataset;
use ktrain::Error;
use ktrain::adapter;
use ktrain::checkpoint_files;
use ktrain::config::Config;
use ktrain::log::Talk;
use ktrain::paths::Paths;
use ktrain::run;
use ktrain::seeds::{self, Seeds};
use ktrain::stop::Stop;
use serde_json::json;

use crate::settings::{Settings, checksums};

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
    let mut unfinished = Vec::new();
    let all = all_runs(args, &opened.datasets)?;
    for run in &all {
        if run.paths.check(args.resume, args.overwrite)? {
            talk.say(&format!(
                "{}  finished already: {}",
                run.dataset.manifest.name,
                run.paths.dir.display()
            ));
        } else {
            unfinished.push(run);
        }
    }
    let dir = settings.backbone();
    let files = checksums(&dir)?;
    let mut shared = settings.load(&opened, &files)?;
    shared.stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let memory = shared.backbone.checksum()?;
    // Before anything is replaced.
    if let Some(start) = &shared.start {
        for run in &unfinished {
            start.check(&adapter::specs(&run.config, shared.identity.hidden_size))?;
        }
    }
    let mut summaries = Vec::new();
    for (i, run) in unfinished.iter().enumerate() {
        if let Some(signal) = shared.stop.asked() {
            let (finished, runs) = (all.len() - unfinished.len() + i, all.len());
            Err(Error::StoppedBetween {
                signal,
                finished,
                runs,
            })?;
        }
        let Run {
            dataset,
            config,
            paths,
        } = run;
        paths.prepare(args.overwrite)?;
        if args.skip_damaged
            && let Some(aside) = checkpoint_files::skip_damaged(&paths.checkpoints())?
        {
            talk.say(&format!("skipping a checkpoint, now {}", aside.display()));
        }
        let summary = run::run(dataset, config, &shared, paths)
            .with_context(|| format!("training on {}", dataset.dir.display()))?;
        talk.say(&format!(
            "{}  adapter in {}",
            summary.dataset,
            summary.out.display()
        ));
        summaries.push(summary);
    }
    unchanged("parameters in memory", memory, shared.backbone.checksum()?)?;
    for (file, after) in checksums(&dir)? {
        let before = files.get(&file).cloned().unwrap_or_default();
        unchanged(&file, before, after)?;
    }
    let mut json = json!({"runs": summaries});
    if !args.seeds.is_empty() {
        json["seeds"] = json!(over_seeds(&all, args.seeds.len(), talk)?);
    }
    if settings.json {
        writeln!(io::stdout(), "{json}")?;
    }
    Ok(())
}

/// A dataset with settings, and where its adapter goes.
struct Run<'a> {
    dataset: &'a Dataset,
    config: Config,
    paths: Paths,
}

/// One run a dataset, or with `--seeds` one a seed, those of a dataset together.
fn all_runs<'a>(args: &Args, datasets: &'a [(Dataset, Config)]) -> Result<Vec<Run<'a>>> {
    for (i, seed) in args.seeds.iter().enumerate() {
        ensure!(
            !args.seeds[..i].contains(seed),
            "--seeds names {seed} twice"
        );
    }
    let mut all = Vec::new();
    for (dataset, config) in datasets {
        let paths = Paths::new(&args.out, dataset, args.settings.variant);
        all.extend(args.seeds.iter().map(|&seed| Run {
            dataset,
            config: Config {
                seed,
                ..config.clone()
            },
            paths: paths.of_seed(seed),
        }));
        if args.seeds.is_empty() {
            let config = config.clone();
            all.push(Run {
                dataset,
                config,
                paths,
            });
        }
    }
    Ok(all)
}

/// What the finished runs of each dataset come to together.
fn over_seeds(all: &[Run], seeds: usize, talk: Talk) -> Result<Vec<Seeds>> {
    let mut summaries = Vec::new();
    for runs in all.chunks(seeds) {
        let dataset = runs[0].dataset;
        let dir = runs[0].paths.dir.parent().unwrap_or(Path::new("."));
        let paths: Vec<Paths> = runs.iter().map(|run| run.paths.clone()).collect();
        let (summary, table) = seeds::summarise(dataset, dir, &paths)?;
        talk.say(&format!("{}\n{table}", summary.dataset));
        summaries.push(summary);
    }
    Ok(summaries)
}

fn unchanged(what: &str, before: String, after: String) -> ktrain::Result<()> {
    if before == after {
        return Ok(());
    }
    Err(Error::BackboneChanged {
        what: what.to_owned(),
        before,
        after,
    })
}
