//! Figures of a dataset as text, charts and an HTML page.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::console::tell;

mod about;
pub(crate) mod benchmark;
mod benchmark_page;
mod benchmark_report;
pub(crate) mod benchmark_text;
pub(crate) mod class_table;
pub(crate) mod count;
pub(crate) mod counted;
mod dumps;
pub(crate) mod guess;
pub(crate) mod head_page;
mod head_report;
pub(crate) mod heads;
pub(crate) mod pairs;
pub(crate) mod preview;
pub(crate) mod relation_page;
mod relation_report;
pub(crate) mod relation_text;
pub(crate) mod relations;
pub(crate) mod spans;
pub(crate) mod tally;
pub(crate) mod text;

/// The forms of a report beside text.
#[derive(Debug, clap::Args)]
pub(crate) struct Forms {
    /// Print everything as JSON: all labels, and how often each length occurs
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Write a report with charts, too; replaces the file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
}

/// Writes beside the file and renames, so that it is never half there. Says which file it wrote.
fn write(path: &Path, content: &str) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::write(&partial, content).and_then(|()| fs::rename(&partial, path));
    written.with_context(|| path.display().to_string())?;
    tell(&format_args!("{}: report written", path.display()));
    Ok(())
}
