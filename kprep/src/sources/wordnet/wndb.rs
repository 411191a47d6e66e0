//! A folder of WNDB to rows.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::wordnet::{cntlist, cntlist_rev, notice_lines};

use super::data::Data;
use super::folder::{Counts, Folder, Order};
use super::read::in_file;
use super::senses::Senses;
use super::tables::{About, Tables};
use super::{forms, pointers};

/// Reads a folder.
pub(crate) fn tables(folder: &Folder, read: &Arc<AtomicU64>) -> Result<Tables> {
    let mut data = Data::read(folder, read)?;
    let mut tables = Tables {
        about: about(folder)?,
        ..Tables::default()
    };
    let mut senses = Senses::of(&mut data)?;
    tables.capitals = senses.capitals;
    match &folder.order {
        Order::SenseIndex(index) => senses.add_sense_index(&data, index, read)?,
        Order::Index(index, counts) => {
            senses.add_index(&data, index, read)?;
            tables.foreign_counts = add_counts(&mut senses, counts.as_ref(), read)?;
            let told = match counts {
                Some(Counts::Rev(file) | Counts::List(file)) => format!("those of {}", file.name),
                None => "0: there is no cntlist.rev or cntlist".to_owned(),
            };
            tables
                .notes
                .push(format!("no index.sense: tag counts are {told}"));
        }
    }
    let (numbered, facts) = rayon::join(
        || senses.expect_numbers(&data),
        || pointers::facts(&data, &senses.rows, &tables.about.name),
    );
    numbered?;
    tables.facts = facts?;
    tables.synsets = senses.rows;
    drop(data);
    if folder.exceptions.is_empty() {
        let note = "no irregular forms: there is no noun.exc, verb.exc, adj.exc or adv.exc";
        tables.notes.push(note.to_owned());
    }
    tables.foreign_forms = forms::add(&mut tables.synsets, &folder.exceptions, read)?;
    Ok(tables)
}

/// Takes the counts of a list. Returns how many are of other senses: those of older versions stay in it.
fn add_counts(senses: &mut Senses, counts: Option<&Counts>, read: &Arc<AtomicU64>) -> Result<u64> {
    let mut foreign = 0;
    match counts {
        None => {}
        Some(Counts::Rev(input)) => input.visit(read, |name, content| -> Result<()> {
            for count in cntlist_rev(content) {
                let (_, count) = count.map_err(in_file(name))?;
                foreign += u64::from(!senses.add_count(&count));
            }
            Ok(())
        })?,
        Some(Counts::List(input)) => input.visit(read, |name, content| -> Result<()> {
            for count in cntlist(content) {
                let (_, count) = count.map_err(in_file(name))?;
                foreign += u64::from(!senses.add_count(&count));
            }
            Ok(())
        })?,
    }
    Ok(foreign)
}

/// The notice at the start of `data.noun`. Its line of the copyright names the version.
fn about(folder: &Folder) -> Result<About> {
    let mut notice = Vec::new();
    folder.data[0].look(|_, content| -> Result<()> {
        notice = notice_lines(content)?;
        Ok(())
    })?;
    let mut names = notice
        .iter()
        .filter_map(|line| line.split_once(" Copyright"));
    let name = names.next().map_or("WordNet", |(name, _)| name);
    Ok(About {
        name: name.to_owned(),
        language: "en".into(),
        notice,
    })
}
