//! The command that was typed, for a dataset's card.

use std::path::Path;

use clap::{Arg, ArgMatches, Command, CommandFactory, parser::ValueSource};

use crate::Cli;

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

/// The command line that builds the dataset of this run again, a word each. The place of the dataset
/// is none of its content, so only its name is told.
pub(crate) fn typed() -> Vec<String> {
    let command = Cli::command();
    match command.clone().try_get_matches_from(std::env::args_os()) {
        Ok(matches) => of(&command, &matches),
        Err(_) => Vec::new(), // then nothing is built
    }
}

fn of(command: &Command, matches: &ArgMatches) -> Vec<String> {
    let mut words = vec![command.get_name().to_owned()];
    let Some((name, matches)) = matches.subcommand() else {
        return words;
    };
    words.push(name.to_owned());
    let Some(command) = command.find_subcommand(name) else {
        return words;
    };
    for arg in command.get_arguments() {
        let id = arg.get_id().as_str();
        let typed = matches.try_contains_id(id).unwrap_or(false)
            && matches.value_source(id) == Some(ValueSource::CommandLine);
        if typed && !SHAPELESS.contains(&id) {
            words.extend(words_of(arg, matches));
        }
    }
    let out = matches.try_get_raw("out").ok().flatten();
    let out = out.and_then(|mut values| Path::new(values.next()?).file_name());
    if let Some(name) = out {
        words.extend(["--out".to_owned(), name.to_string_lossy().into_owned()]);
    }
    words
}

fn words_of(arg: &Arg, matches: &ArgMatches) -> Vec<String> {
    let values = matches.get_raw(arg.get_id().as_str()).unwrap_or_default();
    let mut values: Vec<_> = values
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
    use super::*;

    #[test]
    fn what_shapes_the_dataset_is_told() {
        let told = |line: &str| {
            let command = Cli::command();
            let matches = command
                .clone()
                .try_get_matches_from(line.split_whitespace())
                .unwrap();
            of(&command, &matches).join(" ")
        };
        assert_eq!(
            told(
                "bin/kprep trex -q b a --threads 3 --out /x/y/set/ --drop P31 --drop P279 --snap --seed 7"
            ),
            "kprep trex b a --drop P31,P279 --snap --seed 7 --out set"
        );
        assert_eq!(told("kprep trex --json"), "kprep trex --out trex-rc");
        assert_eq!(
            told(
                "kprep wikipedia d.xml --namespace -1,0 --drop-section A --drop-section B --resume"
            ),
            "kprep wikipedia d.xml --drop-section A --drop-section B --namespace=-1,0 --out wikipedia"
        );
    }
}
