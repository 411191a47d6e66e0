//! `kprep task`: the files of downstream benchmarks to datasets.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::commands::command_line::CommandLine;
mod cosmosqa;
mod lama;
mod quasar;
mod searchqa;
mod semeval;
mod tacred;
mod typing;

/// Build a dataset from a downstream benchmark's own files, for `ktrain finetune` and `ktrain
/// probe`.
///
/// Example: kprep task semeval train.txt test.txt --out data/semeval
///
/// Reads files and folders, compressed or not, record by record. A record that is malformed or
/// gives no row is counted under its reason and written to rejects.jsonl.zst. `kprep task NAME
/// --help` says which files NAME needs and where they come from.
///
/// A record that is larger than any of its benchmark is lost as malformed: 16 MB of JSON or a row
/// of CSV, 1 MB of lines without a blank one, or of a mention.
///
/// Memory: some megabytes a thread, a row group a split as packed pages, and 16 bytes a row for the
/// ids seen.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    Semeval(semeval::Args),
    Tacred(tacred::Args),
    Openentity(typing::OpenEntity),
    Figer(typing::Figer),
    Cosmosqa(cosmosqa::Args),
    Searchqa(searchqa::Args),
    QuasarT(quasar::Args),
    Lama(lama::Args),
}

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let command_line = command_line.dataset;
    match &args.task {
        Task::Semeval(args) => semeval::run(args, command_line),
        Task::Tacred(args) => tacred::run(args, command_line),
        Task::Openentity(args) => typing::open_entity(args, command_line),
        Task::Figer(args) => typing::figer(args, command_line),
        Task::Cosmosqa(args) => cosmosqa::run(args, command_line),
        Task::Searchqa(args) => searchqa::run(args, command_line),
        Task::QuasarT(args) => quasar::run(args, command_line),
        Task::Lama(args) => lama::run(args, command_line),
    }
}
