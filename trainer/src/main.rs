//! `ktrain`: knowledge adapters from kprep's datasets.

use std::env;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{self, ExitCode};

use clap::{Parser, Subcommand};
use kprep_schemas::with_causes;
use ktrain::{Error, stop};

mod bench;
mod encode;
mod info;
mod pretrain;
mod settings;

/// Pre-train one knowledge adapter for every dataset below a folder.
///
/// Ctrl-C and SIGTERM write a checkpoint after the step that runs, and end the program with exit
/// code 130 or 143; --resume goes on. A run that has done its last step is finished first, and the
/// next one is not begun; where it was the last, the program ends as if no signal had come. A second
/// signal ends it at once. Any error is exit code 1.
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
    Bench(Box<bench::Args>),
    /// Tell what an adapter, a backbone or a preset is, and how many parameters it has
    Info(info::Args),
    /// Write the features of a text's lines as safetensors
    ///
    /// Tensor `0` holds the features of the first line, tensor `1` those of the second and so on:
    /// [pieces, width] in fp32. The width is the backbone's last hidden state s once, then the
    /// output o of each adapter, in the order of the flags: [s ; o1 ; o2 ...]. White space
    /// separates words; each is taken with a space before it, as in training. Lines have a start
    /// and an end piece; an empty line has these two alone.
    Encode(encode::Args),
}

fn main() -> ExitCode {
    wait_passively();
    let cli = Cli::parse();
    let done = match cli.command {
        None => pretrain::run(&cli.pretrain),
        Some(Command::Bench(args)) => bench::run(&args),
        Some(Command::Info(args)) => info::run(&args),
        Some(Command::Encode(args)) => encode::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {}", with_causes(error.as_ref()));
            match error.downcast_ref::<Error>() {
                Some(Error::Stopped { signal, .. } | Error::StoppedBetween { signal, .. }) => {
                    stop::exit_code(*signal).into()
                }
                _ => ExitCode::FAILURE,
            }
        }
    }
}

/// Starts the program anew with threads that sleep while they wait for each other.
///
/// By default they spin, and where another program uses the same cores, each wait then lasts
/// until that program is interrupted: training was ten times slower beside one busy program. The
/// OpenMP library reads its environment before `main`, so setting it here would be too late.
fn wait_passively() {
    const POLICY: &str = "OMP_WAIT_POLICY";
    if env::var_os(POLICY).is_some() {
        return;
    }
    if let Ok(program) = env::current_exe() {
        // On failure this process goes on as it is, only slower beside others.
        let _ = process::Command::new(program)
            .args(env::args_os().skip(1))
            .env(POLICY, "passive")
            .exec();
    }
}
