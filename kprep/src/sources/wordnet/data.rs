//! The synsets of WNDB's data files, by their places there.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Error, Result};
use kprep_ingest::wordnet::{DataSynset, Part, WordNetError, data_synsets};
use kprep_schemas::Position;

use super::folder::Folder;
use super::read::in_file;

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
    pub(super) fn read(folder: &Folder, read: &Arc<AtomicU64>) -> Result<Self> {
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
