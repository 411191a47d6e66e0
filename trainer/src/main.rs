//! `ktrain`: knowledge adapters from kprep's datasets.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod pretrain;
mod settings;

/// Pre-train one knowledge adapter for every dataset below a folder.
#[derive(Parser)]
#[command(
    version,
    args_override_self = true,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    pretrain: pretrain::Args,
}

#[derive(Subcommand)]
enum Command {
    /// Measure the data loader and the training step, each alone
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command {
        None => pretrain::run(&cli.pretrain),
        Some(Command::Bench(args)) => bench::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
