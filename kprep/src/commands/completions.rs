//! `kprep completions`: the program's commands and flags for a shell.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Command;
use clap_complete::{Shell, generate};

use crate::console::Answer;

/// Print a completion script for a shell.
///
/// Example: kprep completions bash > ~/.local/share/bash-completion/completions/kprep
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum, value_name = "SHELL", help_heading = "Input")]
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut program: Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    generate(args.shell, &mut program, "kprep", &mut script);
    Answer::new().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
