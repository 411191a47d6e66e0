//! The files of a benchmark, and the split of each.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use kprep_ingest::Input;
use kprep_schemas::{GroupBy, Split, Splitter};
use serde_json::{Map, Value, json};

use super::out::Out;
use crate::build::inputs;
use crate::flags::SplitFiles;

/// Which files there are, and how they are split.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// Files and folders. The name of a file, or of its folder, says its split: train; dev, val,
    /// valid or validation; test
    #[arg(value_name = "FILE", help_heading = "Input")]
    files: Vec<PathBuf>,

    #[command(flatten)]
    named: SplitFiles,

    /// Pool all FILEs and split them by a hash: percent for train, validation and test, e.g.
    /// 80,10,10
    #[arg(long, value_name = "PERCENT,PERCENT,PERCENT", value_parser = shares, conflicts_with_all = ["train_file", "validation_file", "test_file"], help_heading = "Splits")]
    split_percent: Option<[u8; 3]>,

    /// Percent of the train rows to hold out for validation, by a hash, where no file is for
    /// validation
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(..=50), help_heading = "Splits")]
    hold_out_percent: u8,
}

/// Three percentages that are 100 together.
fn shares(text: &str) -> Result<[u8; 3], String> {
    let parts: Result<Vec<u8>, _> = text.split(',').map(str::parse).collect();
    match parts.ok().and_then(|parts| <[u8; 3]>::try_from(parts).ok()) {
        Some(parts) if parts.iter().map(|&part| u32::from(part)).sum::<u32>() == 100 => Ok(parts),
        _ => Err("expected three percentages that are 100 together, like 80,10,10".into()),
    }
}

/// Where the rows of a file go.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    Given(Split),
    Hash(Splitter),
}

/// The inputs in the order of splits and arguments, each with its place.
pub(crate) struct Files {
    pub(crate) inputs: Vec<Input>,
    pub(crate) places: Vec<Place>,
    /// How the rows were split, for the card.
    pub(crate) told: String,
    /// Whether all splits are made by the hash.
    pub(crate) hashed: bool,
}

impl Files {
    /// Files that all go into the test split.
    pub(crate) fn test_only(paths: &[PathBuf], suffixes: &[&str], to: &Out) -> Result<Self> {
        let inputs = inputs::find(paths, suffixes, &to.place, to.args.run.quiet)?;
        refuse_streams(&inputs)?;
        Ok(Self {
            places: vec![Place::Given(Split::Test); inputs.len()],
            inputs,
            told: "All rows are in the test split: nothing is trained on them.".into(),
            hashed: false,
        })
    }

    pub(crate) fn group_by(&self, group_by: GroupBy) -> GroupBy {
        if self.hashed { group_by } else { GroupBy::Row }
    }
}

impl FileArgs {
    /// Finds the files.
    pub(crate) fn find(&self, suffixes: &[&str], to: &Out) -> Result<Files> {
        let seed = to.args.seed.seed;
        let find = |paths: &[PathBuf]| inputs::find(paths, suffixes, &to.place, to.args.run.quiet);
        let named = self.named.by_split();
        ensure!(
            !self.files.is_empty() || named.iter().any(|files| !files.is_empty()),
            "no FILE given: `kprep task NAME --help` says which files the task needs"
        );
        if let Some([_, validation, test]) = self.split_percent {
            let inputs = find(&self.files)?;
            refuse_streams(&inputs)?;
            let splitter = Splitter {
                seed,
                validation,
                test,
            };
            return Ok(Files {
                places: vec![Place::Hash(splitter); inputs.len()],
                inputs,
                told: "All files were pooled and split by a hash.".into(),
                hashed: true,
            });
        }
        let mut placed = Vec::new();
        for path in &self.files {
            let folder = path.file_name().unwrap_or_default().to_string_lossy();
            let named = |input: &Input| split_of(&input.name).or_else(|| split_of(&folder));
            for input in find(std::slice::from_ref(path))? {
                let split = named(&input);
                let shown = input.path.display();
                ensure!(
                    split.is_some(),
                    "{shown}: its name does not tell whether it is for train, dev or test: name it \
                     with --train-file, --validation-file or --test-file, or pool all files with \
                     --split-percent 80,10,10"
                );
                placed.extend(split.map(|split| (split, input)));
            }
        }
        for (split, paths) in Split::ALL.into_iter().zip(named) {
            let found = find(paths)?;
            placed.extend(found.into_iter().map(|input| (split, input)));
        }
        // Stable: the files of a split keep their order.
        placed.sort_by_key(|(split, _)| *split);
        self.placed(placed, seed)
    }

    fn placed(&self, placed: Vec<(Split, Input)>, seed: u64) -> Result<Files> {
        let has = |split| placed.iter().any(|(of, _)| *of == split);
        let hold_out = self.hold_out_percent > 0 && has(Split::Train) && !has(Split::Validation);
        let hashed = hold_out && !has(Split::Test);
        let held = Place::Hash(Splitter {
            seed,
            validation: self.hold_out_percent,
            test: 0,
        });
        let (splits, inputs): (Vec<Split>, Vec<Input>) = placed.into_iter().unzip();
        refuse_streams(&inputs)?;
        let place = |split| match split {
            Split::Train if hold_out => held,
            split => Place::Given(split),
        };
        let told = if hold_out {
            let percent = self.hold_out_percent;
            format!(
                "Splits are the files' own, but for {percent} percent of the training records, held \
                 out for validation by a hash."
            )
        } else {
            "Splits are the files' own.".into()
        };
        Ok(Files {
            places: splits.into_iter().map(place).collect(),
            inputs,
            told,
            hashed,
        })
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let arguments =
            json!({"split-percent": self.split_percent, "hold-out-percent": self.hold_out_percent});
        arguments.as_object().cloned().unwrap_or_default()
    }
}

fn refuse_streams(inputs: &[Input]) -> Result<()> {
    ensure!(
        !inputs.iter().any(Input::is_stream),
        "the input is looked at twice, which a pipe cannot be: save it as a file, which may be compressed"
    );
    Ok(())
}

/// The split that a name tells: the file's own name first, then the folders that it is in.
fn split_of(name: &str) -> Option<Split> {
    name.rsplit('/').find_map(|part| {
        let part = part.to_lowercase();
        let words = part.split(|c: char| !c.is_alphanumeric());
        let mut splits = words.filter_map(|word| match word {
            "train" => Some(Split::Train),
            "dev" | "val" | "valid" | "validation" => Some(Split::Validation),
            "test" => Some(Split::Test),
            _ => None,
        });
        let first = splits.next()?;
        splits.all(|split| split == first).then_some(first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_splits() {
        assert_eq!(split_of("TRAIN_FILE.TXT.gz"), Some(Split::Train));
        assert_eq!(split_of("val/000001-test.json"), Some(Split::Test));
        assert_eq!(split_of("val/000001.json"), Some(Split::Validation));
        assert_eq!(split_of("train_dev.json"), None);
        assert_eq!(split_of("contest.json"), None);
        assert_eq!(shares("80,10,10"), Ok([80, 10, 10]));
        assert!(shares("80,10").is_err() && shares("80,10,5").is_err());
    }
}
