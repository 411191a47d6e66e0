//! `ktrain --shards DIR`: one adapter for each dataset.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use ktrain::Error;
use ktrain::checkpoint_files;
use ktrain::paths::Paths;
use ktrain::run;
use ktrain::stop::Stop;

use crate::settings::{Settings, checksums};

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Where the adapters go, one folder a dataset
    #[arg(long, value_name = "DIR", default_value = "runs")]
    out: PathBuf,
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
    let mut runs = Vec::new();
    for (dataset, config) in &opened.datasets {
        let paths = Paths::new(&args.out, dataset, settings.variant);
        if paths.check(args.resume, args.overwrite)? {
            talk.say(&format!(
                "{}  finished already: {}",
                dataset.manifest.name,
                paths.dir.display()
            ));
        } else {
            runs.push((dataset, config, paths));
        }
    }
    let dir = settings.backbone();
    let files = checksums(&dir)?;
    let mut shared = settings.load(&opened, &files)?;
    shared.stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let memory = shared.backbone.checksum()?;
    let mut summaries = Vec::new();
    for (dataset, config, paths) in runs {
        paths.prepare(args.overwrite)?;
        if args.skip_damaged
            && let Some(aside) = checkpoint_files::skip_damaged(&paths.checkpoints())?
        {
            talk.say(&format!("skipping a checkpoint, now {}", aside.display()));
        }
        let summary = run::run(dataset, config, &shared, &paths)
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
    if settings.json {
        writeln!(io::stdout(), "{}", serde_json::json!({"runs": summaries}))?;
    }
    Ok(())
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
