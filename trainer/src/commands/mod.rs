//! The command line: one file a command, with its flags and what it does.

use std::backtrace::Backtrace;
use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::panic::{self, PanicHookInfo};
use std::process::{self, ExitCode};

use crate::Error;
use crate::console::printable_lines;
use crate::libtorch::reason::reason_of_panic;
use crate::stop;
use clap::{CommandFactory, Parser};
use kprep_schemas::with_causes;

mod bench;
mod cli;
mod completions;
mod computing;
mod defaults;
mod embed;
mod encode;
mod finetune;
mod flags;
mod import_adapter;
mod info;
mod plan;
mod predict;
mod print;
mod probe;
mod report;
mod scaling;
mod score;
mod settings;
mod sweep;
mod train;
mod training_flags;
mod usage;

use cli::{Cli, Command};
use usage::Usage;

/// Wrong use of the command line; clap has the same.
const USAGE: u8 = 2;

/// Runs what the command line asks for.
pub fn run_command_line() -> ExitCode {
    with_environment();
    let _ = stop::survive_file_limits(); // else the program ends at the limit, as others do
    let cli = Cli::parse_from(with_verb(env::args_os().collect()));
    panic::set_hook(Box::new(say_panic));
    // What unwinds has been said by then, and is a failure like any other.
    panic::catch_unwind(|| exit_code(run(&cli.command))).unwrap_or(ExitCode::FAILURE)
}

/// The command line with `train` in it, where it starts with a flag of training: `ktrain --shards DIR`.
fn with_verb(mut args: Vec<OsString>) -> Vec<OsString> {
    let first = args
        .get(1)
        .map(|first| first.to_string_lossy().into_owned());
    let is_own = |flag: &str| ["--help", "-h", "--version", "-V"].contains(&flag);
    if first.is_some_and(|first| first.starts_with('-') && !is_own(&first)) {
        args.insert(1, "train".into());
    }
    args
}

/// Runs a command. libtorch's number of threads is one for the whole process: it is set here, and nowhere else.
fn run(command: &Command) -> anyhow::Result<()> {
    if let Some(computing) = command.computing() {
        tch::set_num_threads(computing.threads()? as i32);
    }
    match command {
        Command::Train(args) => train::run(args),
        Command::Finetune(args) => finetune::run(args),
        Command::Predict(args) => predict::run(args),
        Command::Encode(args) => encode::run(args),
        Command::Embed(args) => embed::run(args),
        Command::Probe(args) => probe::run(args),
        Command::Score(args) => score::run(args),
        Command::Info(args) => info::run(args),
        Command::Settings(args) => settings::run(args),
        Command::Report(args) => report::run(args),
        Command::ImportAdapter(args) => import_adapter::run(args),
        Command::Bench(args) => bench::run(args),
        Command::Completions(args) => completions::completions(args, Cli::command()),
        Command::Man(args) => completions::man(args, Cli::command()),
    }
}

/// The exit code of a command, after it was said why it failed.
fn exit_code(done: anyhow::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // A library's message may have lines of its own; what files say is escaped in each.
            let text = printable_lines(&with_causes(error.as_ref()));
            let _ = writeln!(io::stderr(), "error: {text}");
            if error.is::<Usage>() {
                return USAGE.into();
            }
            let signal = error.downcast_ref::<Error>().and_then(Error::signal);
            signal.map_or(ExitCode::FAILURE, |signal| stop::exit_code(signal).into())
        }
    }
}

/// Says a panic in a sentence. tch panics where libtorch refuses an operation or memory: libtorch's
/// reason is said as an error's is. Any other panic is a fault of this program, named with its place.
fn say_panic(panic: &PanicHookInfo<'_>) {
    let text = panic.payload_as_str().unwrap_or("a panic without a reason");
    let text = reason_of_panic(text).unwrap_or_else(|| {
        let place = panic.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        format!("{text}, at {place}: this is a fault of ktrain, please report it")
    });
    let _ = writeln!(io::stderr(), "error: {text}");
    if env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
        let _ = writeln!(io::stderr(), "{}", Backtrace::force_capture());
    }
}

/// What libraries read from the environment before `main`.
///
/// Threads sleep while they wait for each other: by default they spin, and where another program
/// uses the same cores, each wait then lasts until that program is interrupted. Training was ten
/// times slower beside one busy program. And freed memory is kept, in large pages: by default each
/// operation gets its own from the system, which clears every page of it first. That was a fifth of
/// a training step.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("OMP_WAIT_POLICY", "passive"),
    (
        "MALLOC_CONF",
        "thp:always,oversize_threshold:0,dirty_decay_ms:-1,muzzy_decay_ms:-1",
    ),
];

/// Restarts the program with [`ENVIRONMENT`], as far as it is not set otherwise.
fn with_environment() {
    let missing = ENVIRONMENT
        .iter()
        .filter(|(name, _)| env::var_os(name).is_none());
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return;
    }
    if let Ok(program) = env::current_exe() {
        let mut typed = env::args_os();
        let name = typed.next().unwrap_or_else(|| "ktrain".into());
        // On failure this process goes on as it is, only slower.
        let _ = process::Command::new(program)
            .arg0(name)
            .args(typed)
            .envs(missing.into_iter().copied())
            .exec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn training_is_the_command_without_a_verb() {
        let with = |args: &[&str]| {
            let args = args.iter().map(OsString::from).collect();
            let args = with_verb(args).into_iter().skip(1);
            args.map(|arg| arg.to_string_lossy().into_owned())
                .collect::<Vec<String>>()
                .join(" ")
        };
        assert_eq!(with(&["ktrain", "--shards", "x"]), "train --shards x");
        assert_eq!(
            with(&["ktrain", "-q", "--shards", "x"]),
            "train -q --shards x"
        );
        assert_eq!(
            with(&["ktrain", "train", "--shards", "x"]),
            "train --shards x"
        );
        for own in ["--help", "-h", "--version", "-V", "info"] {
            assert_eq!(with(&["ktrain", own]), own);
        }
        assert_eq!(with(&["ktrain"]), "");
    }
}
