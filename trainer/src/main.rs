//! `ktrain`: knowledge adapters from kprep's datasets.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod pretrain;

/// Pre-train one knowledge adapter for every dataset below a folder.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    pretrain: pretrain::Args,
}

#[derive(Subcommand)]
enum Command {}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => pretrain::run(&cli.pretrain),
        Some(command) => match command {},
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
