//! `kprep export`: a dataset in the formats of others.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use kprep_parse::{FindHead, write_conllu};
use kprep_schemas::{
    Dataset, HeadExample, KAdapter, Record, RelationDocument, RelationExample, Split, Tacred, Unfit,
};
use serde::Serialize;

use crate::console;
use crate::datasets::relation_table::relation_names;
use crate::formats::counts::Counts;
use crate::formats::export_format::Format;
use crate::formats::output::Output;

/// Write a dataset in a format that other programs read.
///
/// Rows come in their stored order, so that the same dataset gives the same bytes. A row that the
/// format cannot hold is left out and counted under its reason. The file appears when it is
/// complete. Memory: a few thousand rows; for trex the rows of one document.
///
/// K-Adapter's released code reads one file a split:
///
///   kprep export data/trex-rc --format kadapter --split train --out train.json
///   kprep export data/trex-rc --format kadapter --split validation --out dev.json
///
/// It knows the relations of its own list alone and ends at any other.
///
/// What comes back: `kprep import` makes the same dataset of jsonl, and of tacred, kadapter and
/// find-head one that exports the same bytes. `kprep deps` reads conllu and gives the same rows.
/// `kprep trex --min-pairs 1` reads trex and gives the same rows but for their ids and the split:
/// only sentences that have rows are known, so that places in the document are others.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// The format
    #[arg(long, value_enum)]
    format: Format,

    /// The file to write; - is stdout
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    out: PathBuf,

    /// Which split
    #[arg(long, value_enum, default_value_t = Which::All)]
    split: Which,

    /// With tacred: relations by their English label, where there is one, in place of the P-id
    #[arg(long)]
    label: bool,

    /// Replace the file at --out
    #[arg(long)]
    overwrite: bool,

    /// No summary on stderr
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Train,
    Validation,
    Test,
    /// One after the other
    All,
}

impl Which {
    fn splits(self) -> &'static [Split] {
        match self {
            Self::Train => &[Split::Train],
            Self::Validation => &[Split::Validation],
            Self::Test => &[Split::Test],
            Self::All => &Split::ALL,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dataset = Dataset::open(&args.dir)?;
    args.format.check(&dataset)?;
    let names = if args.label {
        relation_names(&dataset)?
    } else {
        Vec::new()
    };
    let mut out = Output::create(&args.out, args.overwrite, args.format.is_array())?;
    let mut counts = Counts::default();
    for &split in args.split.splits() {
        let to = (&mut out, &mut counts);
        let done = match args.format {
            Format::Tacred => rows(&dataset, split, to, |row, buffer| {
                json(&Tacred::new(row, name_of(row, &names)), buffer)
            }),
            Format::Kadapter => rows(&dataset, split, to, |row: &RelationExample, buffer| {
                json(&KAdapter::from(row), buffer)
            }),
            Format::FindHead => {
                rows(
                    &dataset,
                    split,
                    to,
                    |row: &HeadExample, buffer| match FindHead::new(row) {
                        Ok(sentence) => json(&sentence, buffer),
                        Err(unfit) => Ok(Err(unfit)),
                    },
                )
            }
            Format::Conllu => conllu(&dataset, split, to),
            Format::Trex => trex(&dataset, split, to),
            Format::Jsonl => jsonl(&dataset, split, to),
        };
        done?;
    }
    out.finish()?;
    if !args.quiet {
        console::tell(&counts);
    }
    Ok(ExitCode::SUCCESS)
}

type To<'a> = (&'a mut Output, &'a mut Counts);

/// Writes each row of a split by itself.
fn rows<R: Record>(
    dataset: &Dataset,
    split: Split,
    (out, counts): To<'_>,
    mut write: impl FnMut(&R, &mut Vec<u8>) -> Result<Result<(), Unfit>>,
) -> Result<()> {
    let mut buffer = Vec::new();
    for row in dataset.rows::<R>(split)? {
        buffer.clear();
        let written = write(&row?, &mut buffer)?;
        if written.is_ok() {
            out.write(&buffer)?;
        }
        counts.add(written);
    }
    Ok(())
}

fn json(row: &impl Serialize, buffer: &mut Vec<u8>) -> Result<Result<(), Unfit>> {
    serde_json::to_writer(buffer, row)?;
    Ok(Ok(()))
}

fn conllu(dataset: &Dataset, split: Split, to: To<'_>) -> Result<()> {
    let mut document = None;
    rows(dataset, split, to, |row: &HeadExample, buffer| {
        let new = document.as_ref() != Some(&row.doc_id);
        let mut text = String::new();
        let written = write_conllu(row, new, &mut text);
        if new && written.is_ok() {
            document = Some(row.doc_id.clone());
        }
        buffer.extend(text.into_bytes());
        Ok(written)
    })
}

fn trex(dataset: &Dataset, split: Split, (out, counts): To<'_>) -> Result<()> {
    let write = |document: &RelationDocument, out: &mut Output| -> Result<()> {
        if !document.is_empty() {
            let mut buffer = Vec::new();
            document.write(&mut buffer)?;
            out.write(&buffer)?;
        }
        Ok(())
    };
    let mut document: Option<RelationDocument> = None;
    for row in dataset.rows::<RelationExample>(split)? {
        let row = row?;
        if let Some(done) = document.take_if(|document| !document.has(&row)) {
            write(&done, out)?;
        }
        let document = document.get_or_insert_with(|| RelationDocument::of(&row));
        counts.add(document.add(&row));
    }
    document.map_or(Ok(()), |last| write(&last, out))
}

fn jsonl(dataset: &Dataset, split: Split, (out, counts): To<'_>) -> Result<()> {
    for lines in dataset.json_lines(split) {
        let (rows, lines) = lines?;
        out.write(&lines)?;
        counts.written += rows;
    }
    Ok(())
}

fn name_of<'a>(row: &'a RelationExample, names: &'a [Option<String>]) -> &'a str {
    let label = row.label.and_then(|label| usize::try_from(label).ok());
    let name = label.and_then(|label| names.get(label)?.as_deref());
    name.unwrap_or(&row.relation)
}
