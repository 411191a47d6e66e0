//! A dataset written in another program's format.

use anyhow::Result;
use kprep_schemas::{Dataset, DependencyExample, Record, RelationExample, Split, Unfit};
use serde::Serialize;

use super::conllu::Conllu;
use super::export_counts::Counts;
use super::export_format::Format;
use super::export_output::Output;
use super::find_head::FindHead;
use super::kadapter::KAdapter;
use super::tacred::Tacred;
use super::trex::RelationDocument;

/// Writes the rows of these splits, one split after the other. TACRED's relations have the names in
/// `names`, by label, where there is one.
pub(crate) fn export(
    dataset: &Dataset,
    splits: &[Split],
    format: Format,
    names: &[Option<String>],
    out: &mut Output,
) -> Result<Counts> {
    let mut counts = Counts::default();
    for &split in splits {
        let to = (&mut *out, &mut counts);
        match format {
            Format::Tacred => rows(dataset, split, to, |row, buffer| {
                json(&Tacred::new(row, name_of(row, names)), buffer)
            }),
            Format::Kadapter => rows(dataset, split, to, |row: &RelationExample, buffer| {
                json(&KAdapter::from(row), buffer)
            }),
            Format::FindHead => rows(dataset, split, to, find_head),
            Format::Conllu => {
                let mut writer = Conllu::default();
                rows(dataset, split, to, |row, buffer| {
                    Ok(writer.write(row, buffer))
                })
            }
            Format::Trex => trex(dataset, split, to),
            Format::Jsonl => jsonl(dataset, split, to),
        }?;
    }
    Ok(counts)
}

fn find_head(row: &DependencyExample, buffer: &mut Vec<u8>) -> Result<Result<(), Unfit>> {
    match FindHead::new(row) {
        Ok(sentence) => json(&sentence, buffer),
        Err(unfit) => Ok(Err(unfit)),
    }
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
