//! `ktrain report`: a page that shows a run to people.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use kprep_schemas::{Dataset, MANIFEST, sha256_file};

use crate::commands::computing::Computing;
use crate::commands::flags::{BackboneFlag, Quiet};
use crate::console::Console;
use crate::files::adapter_config::AdapterConfig;
use crate::files::paths::Paths;
use crate::files::weights::write_atomically;
use crate::report::run_page::{self, Judged, Judgements};
use crate::report::table::{RowRuns, Table};

mod judge;

/// Other runs that are shown beside one.
const ROWS: usize = 24;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a finished run, or of the runs of a sweep. Of several runs on one dataset the first is shown, and
    /// all are compared
    #[arg(value_name = "RUN", required = true, help_heading = "Input")]
    runs: Vec<PathBuf>,
    /// The run's dataset: its rows show what the model gets right and wrong
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    data: Option<PathBuf>,
    #[command(flatten)]
    backbone: BackboneFlag,
    /// The page; replaces the file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: PathBuf,
    /// Rows of the test split that are predicted (of validation, where there is no test split)
    #[arg(
        long,
        value_name = "N",
        default_value_t = 2000,
        help_heading = "Output"
    )]
    rows: usize,
    #[command(flatten)]
    quiet: Quiet,
    #[command(flatten)]
    pub(super) computing: Computing,
}

/// Writes the page.
pub(crate) fn run(args: &Args) -> Result<()> {
    let console = args.quiet.console();
    let (dir, rows) = match args.runs.as_slice() {
        [asked] => rows(asked)?,
        several => compared(several)?,
    };
    let described = AdapterConfig::read(&dir)?;
    let named = rows.len() > 1 || rows.iter().any(|row| row.runs.len() > 1);
    let table = Table::read(&described.run.dataset.name, &[], named, &rows)?;
    let judgements = match &args.data {
        Some(data) => args.judge(&dir, &described, data, console)?,
        None => None,
    };
    let page = run_page::of(&dir, &described, &table, judgements.as_ref())?;
    write_atomically(&args.html, page.html().as_bytes())?;
    console.say(&format!("{}: report written", args.html.display()));
    if args.data.is_none() {
        console.say("without --data DIR, the run's dataset, the page shows no predictions");
    }
    Ok(())
}

impl Args {
    /// What the model says of rows of its dataset; `None` where it predicts nothing that can be shown.
    fn judge(
        &self,
        dir: &Path,
        described: &AdapterConfig,
        data: &Path,
        console: Console,
    ) -> Result<Option<Judgements>> {
        let dataset = Dataset::open(data)?;
        let manifest = data.join(MANIFEST);
        let sha256 = sha256_file(&manifest).with_context(|| manifest.display().to_string())?;
        let own = &described.run.dataset;
        ensure!(
            sha256 == own.manifest_sha256,
            "{}: not the dataset of the run, which is {} with a manifest of SHA-256 {}",
            data.display(),
            own.name,
            own.manifest_sha256
        );
        let (device, precision) = self.computing.start(console)?;
        let backbone = || self.backbone.identity();
        let judged = judge::judge(dir, &dataset, backbone, (device, precision), self.rows)?;
        if judged.is_none() {
            console.say(&format!(
                "{}: predictions of relations and pairs alone are shown",
                described.run.config.task.name()
            ));
        }
        Ok(judged)
    }
}

/// The run that is shown, and the rows of the table: the runs below the folder or, of a run, those beside it that
/// learnt from the same dataset.
fn rows(asked: &Path) -> Result<(PathBuf, Vec<RowRuns>)> {
    let is_run = |dir: &Path| {
        let paths = Paths {
            dir: dir.to_owned(),
        };
        paths.adapter_config().is_file()
    };
    if !is_run(asked) {
        let runs = below(asked, &is_run)?;
        let first = runs.first().with_context(|| {
            format!("{}: no finished run is there or below it", asked.display())
        })?;
        let who = format!("{} holds", asked.display());
        of_one_dataset(&who, "name one of its folders", &runs)?;
        return Ok((first.clone(), by_name(asked, &runs)));
    }
    let own = AdapterConfig::read(asked)?.run;
    // `runs/.` is beside others, too.
    let asked = asked
        .canonicalize()
        .with_context(|| asked.display().to_string())?;
    let above = asked.parent().unwrap_or(&asked);
    let mut beside = below(above, &is_run)?;
    beside.retain(|dir| {
        AdapterConfig::read(dir).is_ok_and(|other| {
            let (one, other) = (&own, &other.run);
            one.dataset == other.dataset && one.config.task == other.config.task
        })
    });
    beside.sort_by_key(|dir| (*dir != asked, dir.clone()));
    beside.truncate(ROWS);
    Ok((asked.clone(), by_name(above, &beside)))
}

/// The first of these runs, and a row of the table for each, by what tells their folders apart.
fn compared(asked: &[PathBuf]) -> Result<(PathBuf, Vec<RowRuns>)> {
    let mut runs: Vec<PathBuf> = Vec::new();
    for dir in asked {
        AdapterConfig::read(dir)?;
        let dir = dir
            .canonicalize()
            .with_context(|| dir.display().to_string())?;
        ensure!(!runs.contains(&dir), "{} is named twice", dir.display());
        runs.push(dir);
    }
    of_one_dataset("the command names", "name those of one dataset", &runs)?;
    let mut above = runs[0].as_path();
    while let Some(parent) = above.parent()
        && !runs
            .iter()
            .all(|dir| dir != above && dir.starts_with(above))
    {
        above = parent;
    }
    Ok((runs[0].clone(), by_name(above, &runs)))
}

/// Whether these runs can be compared.
fn of_one_dataset(who: &str, instead: &str, runs: &[PathBuf]) -> Result<()> {
    let mut by_dataset = BTreeMap::new();
    for dir in runs {
        let run = AdapterConfig::read(dir)?.run;
        let of = (run.dataset.name.clone(), run.dataset.manifest_sha256);
        by_dataset.entry(of).or_insert(dir);
    }
    let names: Vec<&str> = by_dataset.keys().map(|(name, _)| name.as_str()).collect();
    let dirs = by_dataset.values().map(|dir| dir.display().to_string());
    ensure!(
        by_dataset.len() <= 1,
        "{who} runs on {} datasets ({}), whose scores are no table: {instead}, as in {}",
        names.len(),
        names.join(", "),
        dirs.collect::<Vec<_>>().join(" or ")
    );
    Ok(())
}

/// Finished runs in a folder and in its folders, by name.
fn below(dir: &Path, is_run: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(dir.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if is_run(&path) {
                found.push(path);
            } else if path.is_dir() && depth < 2 {
                folders.push((path, depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Rows of runs that differ in their seed alone.
fn by_name(above: &Path, runs: &[PathBuf]) -> Vec<RowRuns> {
    let mut rows: Vec<RowRuns> = Vec::new();
    for dir in runs {
        let name = dir.strip_prefix(above).unwrap_or(dir);
        let parts = name.iter().map(|part| part.to_string_lossy());
        let parts: Vec<_> = parts.filter(|part| !part.starts_with("seed-")).collect();
        let mut name = parts.join("/");
        if name.is_empty() {
            let folder = above.file_name().unwrap_or_default();
            name = folder.to_string_lossy().into_owned();
        }
        let paths = Paths { dir: dir.clone() };
        match rows.iter_mut().find(|row| row.name == name) {
            Some(row) => row.runs.push(paths),
            None => rows.push(RowRuns {
                name,
                runs: vec![paths],
            }),
        }
    }
    rows
}
