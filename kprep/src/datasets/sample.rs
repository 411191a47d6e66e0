//! A sample of a dataset: which rows it has, and the dataset that they make.

use anyhow::{Result, ensure};
use kprep_schemas::{
    Card, Dataset, DatasetWriter, Funnel, Manifest, OutputDir, Provenance, Record, Split,
    TypingExample,
};
use serde_json::json;

use self::choice::{Choice, Chosen};
use self::shares::shares;
use self::strata::{Counts, Strata, Stratify};
use crate::datasets::dispatch::{self, Work};
use crate::datasets::entity_table;
use crate::datasets::merge;
use crate::datasets::relation_table::{RELATIONS, RelationTable, relation_names};
use crate::datasets::source_card;

pub(crate) mod choice;
pub(crate) mod shares;
pub(crate) mod strata;

/// How a sample is drawn.
pub(crate) struct Options {
    /// Rows to draw; all if there are fewer.
    pub(crate) rows: u64,
    /// What keeps its share.
    pub(crate) stratify: Option<Stratify>,
    pub(crate) seed: u64,
}

/// A sample of a dataset.
pub(crate) struct Sample {
    pub(crate) options: Options,
    pub(crate) dataset: Dataset,
    /// For the card.
    pub(crate) command_line: Vec<String>,
}

/// A sample, and where it goes.
pub(crate) struct Claimed {
    pub(crate) out: OutputDir,
    pub(crate) sample: Sample,
}

impl Work for Claimed {
    type Output = Result<Manifest>;

    fn run<R: Record>(self) -> Result<Manifest> {
        let Self { out, sample } = self;
        let Sample {
            options, dataset, ..
        } = &sample;
        let manifest = &dataset.manifest;
        let strata = sample.strata::<R>()?;
        let mut chosen = sample.choose::<R>(&strata)?;
        let names = manifest.class_names.clone();
        let mut table = RelationTable::new(names.len());
        let mut writer = DatasetWriter::create(out, names)?;
        sample.rows(|split, key, row: R| {
            if chosen.takes(strata.of(split, &row), key) {
                table.add(split, &row);
                writer.push(split, row)?;
            }
            Ok(())
        })?;
        if R::RELATION_TABLE {
            let english = relation_names(dataset)?;
            let mut table = table.finish(&manifest.class_names, |_| None);
            for (row, name) in table.iter_mut().zip(english) {
                row.name = name;
            }
            writer.write_table(RELATIONS, &table)?;
        }
        entity_table::copy(std::slice::from_ref(dataset), &mut writer)?;
        let read: u64 = strata.counts.iter().sum();
        ensure!(read > 0, "{}: no row to choose from", dataset.dir.display());
        let mut funnel = Funnel::new("rows", read);
        let lost = read.saturating_sub(options.rows);
        funnel.stage("sampled", [("not in the sample", lost)]);
        Ok(writer.finish(sample.provenance(funnel)?, &sample.card())?)
    }
}

impl Sample {
    /// All rows in order, each with its key.
    fn rows<R: Record>(&self, mut visit: impl FnMut(Split, u64, R) -> Result<()>) -> Result<()> {
        for split in Split::ALL {
            for batch in self.dataset.batches::<R>(split)? {
                let batch = batch?;
                let keys = dispatch::keys(&batch)?;
                for (row, key) in batch.into_iter().zip(keys) {
                    visit(split, key, row)?;
                }
            }
        }
        Ok(())
    }

    fn strata<R: Record>(&self) -> Result<Strata> {
        let (by, manifest) = (self.options.stratify, &self.dataset.manifest);
        if by != Some(Stratify::Relation) {
            return Ok(Strata::plain(by, manifest));
        }
        let mut counts = Counts::default();
        self.rows(|_, _, row: R| {
            counts.add(&row);
            Ok(())
        })?;
        Ok(Strata::classes(counts, &manifest.class_names))
    }

    fn choose<R: Record>(&self, strata: &Strata) -> Result<Chosen> {
        let shares = shares(&strata.counts, self.options.rows);
        let mut choice = Choice::new(self.options.seed, &shares);
        self.rows(|split, key, row: R| {
            choice.offer(strata.of(split, &row), key);
            Ok(())
        })?;
        Ok(choice.finish())
    }

    fn provenance(&self, funnel: Funnel) -> Result<Provenance> {
        let Self {
            options, dataset, ..
        } = self;
        let stratify = options.stratify.map(|by| format!("{by:?}").to_lowercase());
        let source = merge::describe(std::slice::from_ref(dataset));
        let mut arguments =
            json!({"rows": options.rows, "stratify": stratify, "seed": options.seed})
                .as_object()
                .cloned()
                .unwrap_or_default();
        arguments.extend(source);
        Ok(Provenance {
            objective: dataset.manifest.objective.clone(),
            command: "sample",
            arguments,
            seed: dataset.manifest.seed,
            split_by: dataset.manifest.split_by,
            inputs: vec![merge::input(dataset)?],
            funnel,
        })
    }

    fn card(&self) -> Card {
        let Self {
            options, dataset, ..
        } = self;
        let common = source_card::card(std::slice::from_ref(dataset), self.command_line.clone());
        let kept = match options.stratify {
            None => "",
            Some(Stratify::Relation) if dataset.manifest.record == TypingExample::NAME => {
                " Each combination of types has its share of the rows there."
            }
            Some(Stratify::Relation) => " Each relation has its share of the rows there.",
            Some(Stratify::Split) => " Each split has its share of the rows there.",
        };
        Card {
            title: format!("{}, a sample", common.title),
            summary: format!(
                "A uniform sample of the rows of the dataset {}, each with the split that it has \
                 there: those with the lowest hash of id and seed.{kept}",
                dataset.manifest.name
            ),
            source: "The rows are those of the dataset that `manifest.json` names, and stand under \
                     the terms that its card names.",
            ..common
        }
    }
}
