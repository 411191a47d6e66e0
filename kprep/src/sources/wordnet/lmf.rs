//! A file of WN-LMF to rows.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Result, anyhow};
use kprep_align::lemma;
use kprep_ingest::Input;
use kprep_ingest::wordnet::{
    LmfEntry, LmfItem, LmfLexicon, LmfReader, LmfRelation, LmfSense, LmfSynset, WordNetError,
};
use kprep_schemas::{Fact, Position, Synset, Words, lexfile_number};
use rustc_hash::{FxHashMap, FxHashSet};

use super::WANTED;
use super::read::in_file;
use super::tables::{About, Tables};
use crate::build::inputs;

/// What a file holds, put together by ids.
struct Lmf {
    name: String,
    lexicon: LmfLexicon,
    entries: Vec<(Position, LmfEntry)>,
    synsets: Vec<(Position, LmfSynset)>,
}

/// A sense: its entry, and its number among the senses of that.
type Place = (u32, u32);

/// Reads a file.
pub(crate) fn tables(input: &Input, read: &Arc<AtomicU64>) -> Result<Tables> {
    let mut files = Vec::new();
    input.visit(read, |name, content| -> Result<()> {
        if let Some(other) = inputs::refused(content, &WANTED) {
            return Err(anyhow!("{name}: {other}"));
        }
        files.push(Lmf::read(name, LmfReader::new(content))?);
        Ok(())
    })?;
    match files.as_slice() {
        [file] => file.tables(),
        _ => Err(anyhow!(
            "{}: expected one file of WN-LMF, found {} in an archive",
            input.name,
            files.len()
        )),
    }
}

impl Lmf {
    fn read(
        name: &str,
        items: impl Iterator<Item = kprep_ingest::wordnet::WordNetResult<(Position, LmfItem)>>,
    ) -> Result<Self> {
        let mut lexicon = None;
        let (mut entries, mut synsets) = (Vec::new(), Vec::new());
        for item in items {
            let (at, item) = item.map_err(in_file(name))?;
            match item {
                LmfItem::Lexicon(_) if lexicon.is_some() => {
                    let expected = "one Lexicon a file: write each into a file of its own";
                    return Err(in_file(name)(WordNetError::syntax(at, expected, "another")));
                }
                LmfItem::Lexicon(found) => lexicon = Some(found),
                LmfItem::Entry(entry) => entries.push((at, entry)),
                LmfItem::Synset(synset) => synsets.push((at, synset)),
            }
        }
        let lmf = Self {
            name: name.to_owned(),
            lexicon: lexicon.ok_or_else(|| anyhow!("{name}: expected a Lexicon, found none"))?,
            entries,
            synsets,
        };
        lmf.check_ids()?;
        Ok(lmf)
    }

    /// Refuses ids that stand twice: entries, senses and synsets have one namespace.
    fn check_ids(&self) -> Result<()> {
        let entries = self.entries.iter().flat_map(|(at, entry)| {
            let senses = entry.senses.iter().map(move |sense| (at, &sense.id));
            [(at, &entry.id)].into_iter().chain(senses)
        });
        let synsets = self.synsets.iter().map(|(at, synset)| (at, &synset.id));
        let mut seen = FxHashSet::default();
        match entries.chain(synsets).find(|(_, id)| !seen.insert(*id)) {
            Some((at, id)) => {
                let expected = "an id of its own";
                let error = WordNetError::syntax(*at, expected, format!("{id} again"));
                Err(in_file(&self.name)(error))
            }
            None => Ok(()),
        }
    }

    fn tables(&self) -> Result<Tables> {
        let members = self.members()?;
        let numbers = self.numbers();
        let keys = self.keys(&members)?;
        let about = self.about();
        let known: FxHashSet<&str> = self.synsets.iter().map(|(_, s)| s.id.as_str()).collect();
        let mut tables = Tables::default();
        for (at, synset) in &self.synsets {
            let places = members.get(synset.id.as_str());
            let unknown = |name: &str| lexfile_number(name).is_none();
            tables.unknown_lexfiles += u64::from(synset.lexfile.as_deref().is_some_and(unknown));
            let (row, capitals) =
                self.row(synset, places.map_or(&[], Vec::as_slice), &numbers, &keys);
            if let Err(why) = kprep_schemas::Record::check(&row, &kprep_schemas::Rules::default()) {
                return Err(anyhow!("{}, {at}: {}: {why}", self.name, synset.id));
            }
            tables.capitals += capitals;
            let mut add = |head: &str, relation: &LmfRelation| -> Result<()> {
                tables.facts.push(Fact {
                    head: head.to_owned(),
                    relation: relation.relation.clone(),
                    tail: self.tail(relation, &known, &keys)?,
                    source: about.name.clone(),
                });
                Ok(())
            };
            for relation in &synset.relations {
                add(&row.id, relation)?;
            }
            for &place in places.into_iter().flatten() {
                let sense = self.sense(place);
                for relation in &sense.relations {
                    add(&keys[sense.id.as_str()], relation)?;
                }
            }
            tables.synsets.push(row);
        }
        tables.about = about;
        Ok(tables)
    }

    fn about(&self) -> About {
        let lexicon = &self.lexicon;
        About {
            name: format!("{} {}", lexicon.label, lexicon.version),
            language: lexicon.language.clone(),
            notice: vec![lexicon.license.clone()],
        }
    }

    fn sense(&self, (entry, sense): Place) -> &LmfSense {
        &self.entries[entry as usize].1.senses[sense as usize]
    }

    fn senses(&self) -> impl Iterator<Item = (Place, &LmfEntry, &LmfSense)> {
        self.entries.iter().enumerate().flat_map(|(e, (_, entry))| {
            let senses = entry.senses.iter().enumerate();
            senses.map(move |(s, sense)| ((e as u32, s as u32), entry, sense))
        })
    }

    /// The senses of each synset: in the order of its members, which are ids of senses or of their words;
    /// those that are none come behind, in the order of the file.
    fn members(&self) -> Result<FxHashMap<&str, Vec<Place>>> {
        let mut members: FxHashMap<&str, Vec<Place>> = FxHashMap::default();
        for (_, synset) in &self.synsets {
            members.insert(&synset.id, Vec::new());
        }
        for (place, _, sense) in self.senses() {
            let Some(list) = members.get_mut(sense.synset.as_str()) else {
                let at = self.entries[place.0 as usize].0;
                let found = sense.synset.clone();
                let error = WordNetError::syntax(at, "the id of a synset of this file", found);
                return Err(in_file(&self.name)(error));
            };
            list.push(place);
        }
        for (_, synset) in &self.synsets {
            let rank = |place: &Place| {
                let (entry, sense) = (&self.entries[place.0 as usize].1, self.sense(*place));
                let mut order = synset.members.iter();
                let rank = order.position(|id| id == sense.id || id == entry.id);
                rank.unwrap_or(usize::MAX)
            };
            if let Some(list) = members.get_mut(synset.id.as_str()) {
                list.sort_by_key(rank);
            }
        }
        Ok(members)
    }

    /// Which sense of its lemma each one is: by `n`, else by the order in the entry; entries of the same
    /// lemma go on where the one before ends.
    fn numbers(&self) -> FxHashMap<Place, i32> {
        let mut of_lemma: BTreeMap<(String, &str), Vec<(u32, Place)>> = BTreeMap::new();
        for (place, entry, sense) in self.senses() {
            let pos = if entry.pos == "s" { "a" } else { &entry.pos };
            let number = sense.number.unwrap_or(place.1 + 1);
            let list = of_lemma.entry((lemma(&entry.lemma), pos)).or_default();
            list.push((number, place));
        }
        let mut numbers = FxHashMap::default();
        for list in of_lemma.values_mut() {
            list.sort_unstable();
            // Words that differ in capitals alone share the sense of their synset.
            let mut seen = FxHashSet::default();
            let mut number = 0;
            for (_, place) in &*list {
                number += i32::from(seen.insert(self.sense(*place).synset.as_str()));
                numbers.insert(*place, number);
            }
        }
        numbers
    }

    /// The key of each sense by its id; words of a synset that differ in capitals alone share the first
    /// one's.
    fn keys(&self, members: &FxHashMap<&str, Vec<Place>>) -> Result<FxHashMap<&str, String>> {
        let (mut keys, mut seen) = (FxHashMap::default(), FxHashSet::default());
        for (_, synset) in &self.synsets {
            let mut of_lemma: FxHashMap<String, String> = FxHashMap::default();
            for &place in members.get(synset.id.as_str()).into_iter().flatten() {
                let (at, entry) = &self.entries[place.0 as usize];
                let sense = self.sense(place);
                let key = match of_lemma.entry(lemma(&entry.lemma)) {
                    Entry::Occupied(first) => first.get().clone(),
                    Entry::Vacant(first) => {
                        let key = self.key(entry, sense);
                        if !seen.insert(key.clone()) {
                            let expected = "a sense key of its own";
                            let found = format!("{key}, which another word has");
                            let error = WordNetError::syntax(*at, expected, found);
                            return Err(in_file(&self.name)(error));
                        }
                        first.insert(key).clone()
                    }
                };
                keys.insert(sense.id.as_str(), key);
            }
        }
        Ok(keys)
    }

    /// The old sense key: `dc:identifier`, or what the id holds of it (`oewn-goose__1.05.00..`); else the
    /// id without the lexicon's name.
    fn key(&self, entry: &LmfEntry, sense: &LmfSense) -> String {
        if let Some(key) = &sense.identifier
            && key.contains('%')
        {
            return key.clone();
        }
        match sense.id.rsplit_once("__") {
            Some((_, rest)) if rest.bytes().filter(|&byte| byte == b'.').count() == 4 => {
                let lemma = entry.lemma.to_lowercase().replace(' ', "_");
                let rest = rest
                    .replace('.', ":")
                    .replace("-sp-", "_")
                    .replace("-ap-", "'");
                format!("{lemma}%{rest}")
            }
            _ => self.bare(&sense.id),
        }
    }

    /// An id without the name of the lexicon.
    fn bare(&self, id: &str) -> String {
        let bare = id.strip_prefix(&self.lexicon.id);
        let bare = bare.and_then(|id| id.strip_prefix('-'));
        bare.unwrap_or(id).to_owned()
    }

    fn tail(
        &self,
        relation: &LmfRelation,
        synsets: &FxHashSet<&str>,
        keys: &FxHashMap<&str, String>,
    ) -> Result<String> {
        let target = relation.target.as_str();
        if synsets.contains(target) {
            return Ok(self.bare(target));
        }
        keys.get(target).cloned().ok_or_else(|| {
            let expected = "the id of a synset or a sense of this file";
            in_file(&self.name)(WordNetError::syntax(relation.at, expected, target))
        })
    }

    /// The row of a synset, and how many of its words differ in capitals alone.
    fn row(
        &self,
        synset: &LmfSynset,
        places: &[Place],
        numbers: &FxHashMap<Place, i32>,
        keys: &FxHashMap<&str, String>,
    ) -> (Synset, u64) {
        let lexfile = synset.lexfile.as_deref().and_then(lexfile_number);
        let mut row = Synset {
            id: self.bare(&synset.id),
            pos: synset.pos.clone(),
            lexfile: lexfile.unwrap_or(-1),
            gloss: synset.definitions.join("; "),
            example: synset.examples.clone(),
            ..Synset::default()
        };
        let mut lemmas: Vec<String> = Vec::new();
        for &place in places {
            let (entry, sense) = (&self.entries[place.0 as usize].1, self.sense(place));
            row.example.extend(sense.examples.iter());
            if row.pos.is_empty() {
                row.pos.clone_from(&entry.pos);
            }
            let lemma = lemma(&entry.lemma);
            if lemmas.contains(&lemma) {
                continue;
            }
            let word = lemmas.len() as i32;
            lemmas.push(lemma);
            row.word.push(&entry.lemma);
            row.sense_key.push(&keys[sense.id.as_str()]);
            row.sense_number.push(numbers[&place]);
            row.tag_count
                .push(sense.count.try_into().unwrap_or(i32::MAX));
            let forms: Words = entry.forms.iter().map(self::lemma).collect();
            row.form_word.extend(forms.iter().map(|_| word));
            row.form.extend(forms.iter());
        }
        let capitals = places.len() - lemmas.len();
        (row, capitals as u64)
    }
}
