//! The words of WNDB's synsets with their sense keys, numbers and counts.

use std::mem;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_align::lemma;
use kprep_ingest::Input;
use kprep_ingest::wordnet::{
    DataSynset, DataWord, Part, SenseCount, WordNetError, index_entries, sense_index,
};
use kprep_schemas::Synset;
use rustc_hash::FxHashMap;

use super::data::Data;
use super::read::in_file;

/// A row for each synset. A sense whose number is not known yet has the number 0.
pub(crate) struct Senses {
    pub(crate) rows: Vec<Synset>,
    /// Words that differ from an earlier one of their synset in capitals alone.
    pub(crate) capitals: u64,
    /// Row and word of each key.
    by_key: FxHashMap<String, (u32, u32)>,
}

impl Senses {
    /// Takes the texts out of `data`.
    pub(crate) fn of(data: &mut Data) -> Result<Self> {
        let mut senses = Self {
            rows: Vec::with_capacity(data.synsets.len()),
            capitals: 0,
            by_key: FxHashMap::default(),
        };
        for row in 0..data.synsets.len() {
            let keys = keys(data, row)?;
            for (word, key) in keys.iter().enumerate() {
                let place = (row as u32, word as u32);
                if senses.by_key.insert(key.clone(), place).is_some() {
                    let expected = "a sense key of its own".to_owned();
                    return Err(data.fault(
                        row,
                        expected,
                        &format!("{key}, which another word has"),
                    ));
                }
            }
            senses.capitals += (data.synsets[row].words.len() - keys.len()) as u64;
            let synset = &mut data.synsets[row];
            let (gloss, example) = (
                mem::take(&mut synset.definition),
                mem::take(&mut synset.examples),
            );
            let words = kept(&synset.words);
            let words = words.map(|word| word.text.replace('_', " "));
            senses.rows.push(Synset {
                id: format!("{:08}-{}", synset.offset, synset.kind),
                pos: synset.kind.to_string(),
                lexfile: synset.lexfile.into(),
                word: words.collect(),
                sense_number: vec![0; keys.len()],
                tag_count: vec![0; keys.len()],
                sense_key: keys.into_iter().collect(),
                gloss,
                example,
                ..Synset::default()
            });
        }
        Ok(senses)
    }

    /// Numbers and counts of `index.sense`, which must have the same senses.
    pub(crate) fn add_sense_index(
        &mut self,
        data: &Data,
        index: &Input,
        read: &Arc<AtomicU64>,
    ) -> Result<()> {
        index.visit(read, |name, content| {
            for sense in sense_index(content) {
                let (at, sense) = sense.map_err(in_file(name))?;
                let fault = |expected: String, found: &str| {
                    Err(in_file(name)(WordNetError::syntax(at, expected, found)))
                };
                let Some(&(row, word)) = self.by_key.get(&sense.key) else {
                    let expected = "a sense of the data files (is it of the same version?)";
                    return fault(expected.into(), &sense.key);
                };
                let (row, word) = (row as usize, word as usize);
                let offset = data.synsets[row].offset;
                if offset != sense.offset {
                    let file = data.name(data.part(row));
                    let expected =
                        format!("the offset {offset:08}, where {file} has {}", sense.key);
                    return fault(expected, &format!("{:08}", sense.offset));
                }
                let row = &mut self.rows[row];
                if row.sense_number[word] != 0 {
                    return fault("each sense once".into(), &format!("{} again", sense.key));
                }
                row.sense_number[word] = sense.number.into();
                row.tag_count[word] = sense.count.try_into().unwrap_or(i32::MAX);
            }
            Ok(())
        })
    }

    /// Numbers by the order of `index.noun` and its like.
    pub(crate) fn add_index(
        &mut self,
        data: &Data,
        files: &[Input],
        read: &Arc<AtomicU64>,
    ) -> Result<()> {
        for (part, input) in Part::ALL.into_iter().zip(files) {
            input.visit(read, |name, content| -> Result<()> {
                for entry in index_entries(content) {
                    let (at, entry) = entry.map_err(in_file(name))?;
                    let wanted = entry.lemma.replace('_', " ");
                    for (number, offset) in (1..).zip(entry.offsets) {
                        let row = data.find(part, offset);
                        let row = row.map(|row| &mut self.rows[row]);
                        let place = row.and_then(|row| {
                            let mut words = row.word.iter();
                            let word = words.position(|word| word.to_lowercase() == wanted)?;
                            Some(&mut row.sense_number[word])
                        });
                        let Some(place) = place else {
                            let file = data.name(part);
                            let expected =
                                format!("the offset of a synset of {file} with {}", entry.lemma);
                            let found = format!("{offset:08}");
                            return Err(in_file(name)(WordNetError::syntax(at, expected, found)));
                        };
                        if *place != 0 {
                            let expected = format!("each sense of {} once", entry.lemma);
                            let found = format!("{offset:08} again");
                            return Err(in_file(name)(WordNetError::syntax(at, expected, found)));
                        }
                        *place = number;
                    }
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Takes a count of `cntlist`; false if there is no such sense.
    pub(crate) fn add_count(&mut self, count: &SenseCount) -> bool {
        let place = self.by_key.get(&count.key);
        if let Some(&(row, word)) = place {
            let count = count.count.try_into().unwrap_or(i32::MAX);
            self.rows[row as usize].tag_count[word as usize] = count;
        }
        place.is_some()
    }

    /// Refuses senses that no index had, and words whose senses are not 1, 2, ….
    pub(crate) fn expect_numbers(&self, data: &Data) -> Result<()> {
        let mut senses = Vec::new();
        for (row, synset) in self.rows.iter().enumerate() {
            if let Some(word) = synset.sense_number.iter().position(|&number| number == 0) {
                let key = &synset.sense_key[word];
                let expected = format!("the sense {key} in an index, too");
                return Err(data.fault(row, expected, "a synset that the index does not have"));
            }
            let part = Part::of_letter(&synset.pos);
            for (word, &number) in synset.word.iter().zip(&synset.sense_number) {
                senses.push((lemma(word), part, number, row));
            }
        }
        senses.sort_unstable();
        for senses in senses.chunk_by(|a, b| (&a.0, a.1) == (&b.0, b.1)) {
            let mut numbered = (1..).zip(senses);
            if let Some((expected, (word, _, number, row))) = numbered.find(|(n, s)| *n != s.2) {
                let expected =
                    format!("the senses of {word} numbered 1, 2, … in the index, here {expected}");
                return Err(data.fault(*row, expected, &number.to_string()));
            }
        }
        Ok(())
    }
}

/// The words of a synset without those that differ from an earlier one in capitals alone.
fn kept(words: &[DataWord]) -> impl Iterator<Item = &DataWord> {
    let numbers = kept_numbers(words).into_iter().enumerate();
    let mut next = 0;
    numbers.filter_map(move |(word, number)| {
        let first = number == next;
        next += usize::from(first);
        first.then(|| &words[word])
    })
}

/// For each word of a synset, its number among the kept ones.
pub(crate) fn kept_numbers(words: &[DataWord]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::with_capacity(words.len());
    let lemmas: Vec<String> = words.iter().map(|word| lemma(&word.text)).collect();
    let mut next = 0;
    for (i, word) in lemmas.iter().enumerate() {
        let same = lemmas[..i].iter().position(|other| other == word);
        numbers.push(match same {
            Some(other) => numbers[other],
            None => next,
        });
        next += usize::from(same.is_none());
    }
    numbers
}

/// The keys of the kept words, as senseidx(5WN) makes them.
fn keys(data: &Data, row: usize) -> Result<Vec<String>> {
    let synset = &data.synsets[row];
    let head = match synset.kind {
        's' => {
            let head = head(data, synset).ok_or_else(|| {
                let expected = "a pointer `&` of a satellite to its head".to_owned();
                data.fault(row, expected, "none")
            })?;
            format!("{}:{:02}", head.text.to_lowercase(), head.lex_id)
        }
        _ => ":".to_owned(),
    };
    let kind = "nvars".find(synset.kind).unwrap_or_default() + 1;
    let lexfile = synset.lexfile;
    let key = |word: &DataWord| {
        let lemma = word.text.to_lowercase();
        format!("{lemma}%{kind}:{lexfile:02}:{:02}:{head}", word.lex_id)
    };
    Ok(kept(&synset.words).map(key).collect())
}

/// The first word of the adjective that a satellite belongs to.
fn head<'a>(data: &'a Data, satellite: &DataSynset) -> Option<&'a DataWord> {
    let mut similar = satellite.pointers.iter().filter(|pointer| {
        pointer.relation == "similar" && pointer.part == Part::Adj && pointer.words.is_none()
    });
    similar.find_map(|pointer| {
        let head = &data.synsets[data.find(Part::Adj, pointer.offset)?];
        (head.kind == 'a').then(|| &head.words[0])
    })
}
