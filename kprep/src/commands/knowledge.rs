//! `kprep knowledge`: tables of knowledge to datasets with an objective.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::commands::command_line::CommandLine;

mod facts;
mod links;
mod replaced;
mod supersenses;
mod synonyms;

/// Build a dataset from which an adapter learns one kind of knowledge.
///
/// Example: kprep knowledge synonyms --wordnet data/wordnet --out data/synonyms
///
/// Reads what `kprep wordnet`, `kprep graph`, `kprep wikidata` and `kprep wikipedia` wrote. The manifest
/// states the objective by the name of the system that it comes from (`libert`), by which `ktrain train`
/// knows what to learn. `kprep knowledge NAME --help` says which tables NAME needs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    knowledge: Knowledge,
}

#[derive(Debug, Subcommand)]
enum Knowledge {
    Facts(facts::Args),
    Synonyms(synonyms::Args),
    Supersenses(supersenses::Args),
    Replaced(replaced::Args),
    Links(links::Args),
}

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let command_line = command_line.dataset;
    match &args.knowledge {
        Knowledge::Facts(args) => facts::run(args, command_line),
        Knowledge::Synonyms(args) => synonyms::run(args, command_line),
        Knowledge::Supersenses(args) => supersenses::run(args, command_line),
        Knowledge::Replaced(args) => replaced::run(args, command_line),
        Knowledge::Links(args) => links::run(args, command_line),
    }
}
