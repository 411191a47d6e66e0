//! The command that was typed, for a dataset's card.

use std::ffi::OsString;
use std::path::Path;

use clap::{Arg, ArgMatches, Command, parser::ValueSource};

/// Arguments that shape no byte of a dataset.
const SHAPELESS: [&str; 7] = [
    "threads",
    "quiet",
    "json",
    "overwrite",
    "resume",
    "facts",
    "out",
];

/// The command line of this run, which builds what it built again, a word each.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommandLine {
    /// For a run that makes one dataset. Its place is none of its content: only its name is here.
    pub(crate) dataset: Vec<String>,
    /// For a run that makes several datasets, whose names do not depend on `--out`.
    pub(crate) tables: Vec<String>,
}

impl CommandLine {
    /// The arguments of a program with these commands, as they were typed. Empty where they cannot
    /// be read: nothing is built then either.
    pub(crate) fn of(program: &Command, typed: impl IntoIterator<Item = OsString>) -> Self {
        let Ok(matches) = program.clone().try_get_matches_from(typed) else {
            return Self::default();
        };
        let Some((name, matches)) = matches.subcommand() else {
            return Self::default();
        };
        let Some(command) = program.find_subcommand(name) else {
            return Self::default();
        };
        let tables = of(command, matches);
        let mut dataset = tables.clone();
        if let Some(name) = name_of_out(matches) {
            dataset.extend(["--out".to_owned(), name]);
        }
        Self { dataset, tables }
    }
}

fn of(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let mut words = vec!["kprep".to_owned(), command.get_name().to_owned()];
    let inner = matches.subcommand();
    if let Some((command, matches)) =
        inner.and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)))
    {
        words.extend(of(command, matches).into_iter().skip(1));
    }
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        let typed = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if typed && !SHAPELESS.contains(&id) {
            words.extend(words_of(arg, matches));
        }
    }
    words
}

fn name_of_out(matches: &ArgMatches) -> Option<String> {
    if let Some((_, matches)) = matches.subcommand() {
        return name_of_out(matches);
    }
    let mut out = matches.try_get_raw("out").ok()??;
    let name = Path::new(out.next()?).file_name()?;
    Some(name.to_string_lossy().into_owned())
}

fn words_of(arg: &Arg, matches: &ArgMatches) -> Vec<String> {
    let mut values: Vec<_> = matches
        .get_raw(arg.get_id().as_str())
        .unwrap_or_default()
        .map(|value| value.to_string_lossy().into_owned())
        .collect();
    let Some(long) = arg.get_long() else {
        return values; // the inputs
    };
    if !arg.get_action().takes_values() {
        return vec![format!("--{long}")];
    }
    if let Some(delimiter) = arg.get_value_delimiter() {
        values = vec![values.join(&delimiter.to_string())];
    }
    let option = |value: String| {
        if value.starts_with('-') {
            vec![format!("--{long}={value}")]
        } else {
            vec![format!("--{long}"), value]
        }
    };
    values.into_iter().flat_map(option).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::commands::Cli;

    #[test]
    fn what_shapes_the_dataset_is_told() {
        let told = |line: &str| {
            let command = Cli::command();
            let typed = line.split_whitespace();
            let matches = command.clone().try_get_matches_from(typed).unwrap();
            let (name, matches) = matches.subcommand().unwrap();
            let words = of(command.find_subcommand(name).unwrap(), matches);
            (words.join(" "), name_of_out(matches).unwrap())
        };
        let expected = |line: &str, out: &str| (line.to_owned(), out.to_owned());
        assert_eq!(
            told("bin/kprep trex -q b a --threads 3 --out /x/set/ --drop P31 --drop P279 --snap"),
            expected("kprep trex b a --drop P31,P279 --snap", "set")
        );
        assert_eq!(told("kprep trex --json"), expected("kprep trex", "trex-rc"));
        assert_eq!(
            told("kprep task cosmosqa valid.csv --split-percent 80,10,10 -q -o data/c"),
            expected(
                "kprep task cosmosqa valid.csv --split-percent 80,10,10",
                "c"
            )
        );
        assert_eq!(
            told(
                "kprep wikipedia d.xml --namespace=-1,0 --drop-section A --drop-section B --resume"
            ),
            expected(
                "kprep wikipedia d.xml --drop-section A --drop-section B --namespace=-1,0",
                "wikipedia"
            )
        );
    }
}
