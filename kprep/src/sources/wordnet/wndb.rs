//! A folder of WNDB to rows.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Error, Result};
use kprep_ingest::wordnet::{
    DataSynset, Part, WordNetError, cntlist, cntlist_rev, data_synsets, notice_lines,
};
use kprep_schemas::Position;

use super::folder::{Counts, Folder, Order};
use super::read::in_file;
use super::senses::Senses;
use super::tables::{About, Tables};
use super::{forms, pointers};

/// The synsets of the four data files, file after file.
pub(crate) struct Data {
    pub(crate) synsets: Vec<DataSynset>,
    /// The offset of each: a short list to search in.
    offsets: Vec<u32>,
    /// The line of each.
    lines: Vec<u64>,
    /// Where each file ends in the lists.
    ends: Vec<usize>,
    names: Vec<String>,
}

impl Data {
    fn read(folder: &Folder, read: &Arc<AtomicU64>) -> Result<Self> {
        let mut data = Self {
            synsets: Vec::new(),
            offsets: Vec::new(),
            lines: Vec::new(),
            ends: Vec::new(),
            names: Vec::new(),
        };
        for (part, input) in Part::ALL.into_iter().zip(&folder.data) {
            input.visit(read, |name, content| -> Result<()> {
                for synset in data_synsets(content) {
                    let (at, synset) = synset.map_err(in_file(name))?;
                    if Part::of_letter(&synset.kind.to_string()) != Some(part) {
                        let expected = format!("a synset of the type {}", part.letter());
                        let found = synset.kind.to_string();
                        return Err(in_file(name)(WordNetError::syntax(at, expected, found)));
                    }
                    data.offsets.push(synset.offset);
                    data.synsets.push(synset);
                    data.lines.push(at.line);
                }
                Ok(())
            })?;
            data.ends.push(data.synsets.len());
            data.names.push(input.name.clone());
        }
        Ok(data)
    }

    /// Which file a synset is of.
    pub(crate) fn part(&self, row: usize) -> Part {
        Part::ALL[self.ends.partition_point(|&end| end <= row)]
    }

    /// The synset at an offset of a file: offsets are the places of lines, so they ascend.
    pub(crate) fn find(&self, part: Part, offset: u32) -> Option<usize> {
        let file = part as usize;
        let start = file.checked_sub(1).map_or(0, |before| self.ends[before]);
        let at = self.offsets[start..self.ends[file]].binary_search(&offset);
        Some(start + at.ok()?)
    }

    /// The name of a part's data file.
    pub(crate) fn name(&self, part: Part) -> &str {
        &self.names[part as usize]
    }

    /// Something is wrong with the line of a synset.
    pub(crate) fn fault(&self, row: usize, expected: String, found: &str) -> Error {
        let at = Position {
            byte: self.synsets[row].offset.into(),
            line: self.lines[row],
            record: 0,
        };
        in_file(self.name(self.part(row)))(WordNetError::syntax(at, expected, found))
    }
}

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
