//! Where aligned pages go: a dataset, or T-REx's JSON.

use std::fs;

use anyhow::{Context, Result};
use kprep_align::distant::PageOutcome;
use kprep_schemas::{
    AlignedPage, DatasetWriter, Funnel, GroupBy, InputFile, OutputDir, Provenance, Reject, Split,
    sha256_file,
};
use serde_json::{Map, Value, json};

use super::args::{Args, Format};
use super::sources::Sources;
use super::trex_folder::TrexFolder;
use super::{PageName, card};
use crate::build::inputs;

pub(crate) enum Output {
    Parquet(Box<DatasetWriter<AlignedPage>>),
    /// There is no place for rejects in it: they are only counted.
    Trex(TrexFolder),
}

impl Output {
    pub(crate) fn create(args: &Args) -> Result<Self> {
        Ok(match args.format {
            Format::Parquet => {
                let out = OutputDir::claim(&args.out, args.run.overwrite)?;
                let writer = DatasetWriter::create(out, Vec::new())?;
                Self::Parquet(Box::new(writer))
            }
            Format::Trex => Self::Trex(TrexFolder::create(&args.out, args.run.overwrite)?),
        })
    }

    /// Adds what a page gave. Nothing is split here: that is for those who read it.
    pub(crate) fn write(&mut self, page: &PageName, outcome: PageOutcome) -> Result<()> {
        match (self, outcome.page) {
            (Self::Parquet(writer), Ok(row)) => writer.push(Split::Train, row)?,
            (Self::Parquet(writer), Err((loss, detail))) => writer.reject(&Reject {
                doc_id: Some(page.id.clone()),
                reason: loss.reason(),
                detail: [page.title.as_str(), &detail]
                    .join(" ")
                    .trim_end()
                    .to_owned(),
                ..Reject::default()
            })?,
            (Self::Trex(folder), Ok(row)) => folder.write(&row)?,
            (Self::Trex(_), Err(_)) => {}
        }
        Ok(())
    }

    pub(crate) fn finish(
        self,
        args: &Args,
        sources: &Sources,
        funnel: &Funnel,
        command_line: Vec<String>,
    ) -> Result<()> {
        match self {
            Self::Parquet(writer) => {
                let provenance = Provenance {
                    objective: None,
                    command: "align",
                    arguments: arguments(args),
                    seed: 0, // nothing is drawn
                    split_by: GroupBy::Document,
                    inputs: described(sources)?,
                    funnel: funnel.clone(),
                };
                writer.finish(
                    provenance,
                    &card::card(sources.pages.manifest.languages.clone(), command_line),
                )?;
            }
            Self::Trex(folder) => folder.finish()?,
        }
        Ok(())
    }
}

/// The shards that were read, by the dataset that they are of.
fn described(sources: &Sources) -> Result<Vec<InputFile>> {
    let datasets = [
        ("pages", &sources.pages),
        ("entities", &sources.entities),
        ("triples", &sources.triples),
        ("properties", &sources.properties),
    ];
    let files = inputs::of_datasets(&datasets).into_iter();
    let redirects = sources.redirects.iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let context = || path.display().to_string();
        Ok(InputFile {
            name: format!("redirects/{name}"),
            bytes: Some(fs::metadata(path).with_context(context)?.len()),
            sha256: Some(sha256_file(path).with_context(context)?),
        })
    });
    files.map(Ok).chain(redirects).collect()
}

/// The arguments that shape the dataset.
fn arguments(args: &Args) -> Map<String, Value> {
    let sorted = |ids: &[String]| {
        let mut ids = ids.to_vec();
        ids.sort();
        ids
    };
    let arguments = json!({
        "coreference": args.coreference,
        "type": sorted(&args.types),
        "exclude-type": sorted(&args.exclude_type),
        "min-entities": args.min_entities,
        "max-entities": args.max_entities,
        "limit": args.limit,
    });
    arguments.as_object().cloned().unwrap_or_default()
}
