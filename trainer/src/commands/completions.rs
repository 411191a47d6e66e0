//! `ktrain completions` and `ktrain man`: made from the command line itself.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;

use crate::commands::print::print;

/// The flags of `completions`.
#[derive(clap::Args)]
pub(crate) struct CompletionsArgs {
    /// Shell that reads them
    #[arg(value_enum)]
    shell: Shell,
}

/// The flags of `man`.
#[derive(clap::Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages, `man1` for example
    dir: PathBuf,
}

/// Prints the completions of a shell for this command line.
pub(crate) fn completions(args: &CompletionsArgs, mut program: Command) -> Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut program, "ktrain", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(())
}

/// Writes a page for the program and one for each command.
pub(crate) fn man(args: &ManArgs, program: Command) -> Result<()> {
    let dir = &args.dir;
    let in_dir = || dir.display().to_string();
    fs::create_dir_all(dir).with_context(in_dir)?;
    clap_mangen::generate_to(program, dir).with_context(in_dir)?;
    Ok(())
}
