//! `kprep man`: the help of all commands as manual pages.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Command;
use clap_mangen::generate_to;

/// Write a manual page for each command.
///
/// Example: kprep man ~/.local/share/man/man1
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Folder for kprep.1, kprep-trex.1 and so on; made if there is none
    #[arg(value_name = "DIR", help_heading = "Output")]
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, program: Command) -> Result<ExitCode> {
    let written = fs::create_dir_all(&args.dir).and_then(|()| generate_to(program, &args.dir));
    written.with_context(|| args.dir.display().to_string())?;
    Ok(ExitCode::SUCCESS)
}
