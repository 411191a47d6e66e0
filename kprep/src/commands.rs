//! The commands: the arguments of each, and what it does as a sequence of calls.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser, Subcommand};
use kprep_schemas::with_causes;

use self::command_line::CommandLine;
use crate::console;

pub(crate) mod align;
pub(crate) mod command_line;
pub(crate) mod completions;
pub(crate) mod deps;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod graph;
pub(crate) mod head;
pub(crate) mod import;
pub(crate) mod knowledge;
pub(crate) mod man;
pub(crate) mod merge;
pub(crate) mod sample;
pub(crate) mod stats;
pub(crate) mod task;
pub(crate) mod trex;
pub(crate) mod validate;
pub(crate) mod wikidata;
pub(crate) mod wikipedia;
pub(crate) mod wordnet;

/// Knowledge sources to sharded Parquet datasets.
///
/// Reads T-REx dumps, dependency parses, dumps of Wikidata and Wikipedia, wordnets and knowledge graphs,
/// plain or compressed, and writes dataset folders that load unchanged in Hugging Face datasets, Polars, DuckDB and
/// pandas. Every dropped record is counted under its reason; the same input gives the same bytes.
///
/// Exit codes: 0 done, 1 failed, 2 usage, 3 done, but more malformed records than --max-errors
/// were lost.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Trex(trex::Args),
    Deps(deps::Args),
    Wikidata(wikidata::Args),
    Wikipedia(wikipedia::Args),
    Wordnet(wordnet::Args),
    Graph(graph::Args),
    Align(align::Args),
    Knowledge(knowledge::Args),
    Task(task::Args),
    Validate(validate::Args),
    Head(head::Args),
    Stats(stats::Args),
    Export(export::Args),
    Import(import::Args),
    Merge(merge::Args),
    Sample(sample::Args),
    Diff(diff::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Runs the program on the arguments of this process.
pub fn main() -> ExitCode {
    // A file that reaches the limit of `ulimit -f` is a fault of writing with the file's name, and
    // not the end of the program without a word. That it cannot be had is no fault.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    let cli = Cli::parse();
    let typed = CommandLine::of(&Cli::command(), std::env::args_os());
    let done = match cli.command {
        Command::Trex(args) => trex::run(&args, typed),
        Command::Deps(args) => deps::run(&args, typed),
        Command::Align(args) => align::run(&args, typed),
        Command::Wikidata(args) => wikidata::run(&args, &typed),
        Command::Wikipedia(args) => wikipedia::run(&args, &typed),
        Command::Wordnet(args) => wordnet::run(&args, &typed),
        Command::Graph(args) => graph::run(&args, &typed),
        Command::Knowledge(args) => knowledge::run(&args, typed),
        Command::Task(args) => task::run(&args, typed),
        Command::Validate(args) => validate::run(&args),
        Command::Head(args) => head::run(&args),
        Command::Stats(args) => stats::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Import(args) => import::run(&args, typed),
        Command::Merge(args) => merge::run(&args, typed),
        Command::Sample(args) => sample::run(&args, typed),
        Command::Diff(args) => Ok(diff::run(&args)),
        Command::Completions(args) => completions::run(&args, Cli::command()),
        Command::Man(args) => man::run(&args, Cli::command()),
    };
    match done {
        Ok(code) => code,
        Err(error) if console::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            console::tell(&format_args!("kprep: {}", with_causes(error.as_ref())));
            ExitCode::FAILURE
        }
    }
}
