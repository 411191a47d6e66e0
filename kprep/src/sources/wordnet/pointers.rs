//! The pointers of WNDB's synsets as facts.

use anyhow::{Error, Result};
use kprep_ingest::wordnet::Pointer;
use kprep_schemas::{Fact, Synset};

use super::data::Data;
use super::senses::kept_numbers;

/// A fact for each pointer: first those between whole synsets, then those from each of the words, whose
/// head and tail are sense keys.
pub(crate) fn facts(data: &Data, rows: &[Synset], source: &str) -> Result<Vec<Fact>> {
    let mut facts = Vec::new();
    for (row, synset) in data.synsets.iter().enumerate() {
        let mut pointers: Vec<&Pointer> = synset.pointers.iter().collect();
        // Stable: pointers of a word keep their order.
        pointers.sort_by_key(|pointer| pointer.words.map(|(word, _)| word));
        for pointer in pointers {
            let (head, tail) = ends(data, rows, row, pointer)?;
            facts.push(Fact {
                head,
                relation: pointer.relation.to_owned(),
                tail,
                source: source.to_owned(),
            });
        }
    }
    Ok(facts)
}

fn ends(data: &Data, rows: &[Synset], row: usize, pointer: &Pointer) -> Result<(String, String)> {
    let file = data.name(pointer.part);
    let target = data.find(pointer.part, pointer.offset).ok_or_else(|| {
        let expected = format!("pointers to offsets of synsets of {file}");
        data.fault(row, expected, &format!("{:08}", pointer.offset))
    })?;
    let Some((from, to)) = pointer.words else {
        return Ok((rows[row].id.clone(), rows[target].id.clone()));
    };
    let key = |of: usize, word: u8| -> Result<String, Error> {
        let numbers = kept_numbers(&data.synsets[of].words);
        let number = numbers.get(usize::from(word) - 1).ok_or_else(|| {
            let (id, words) = (&rows[of].id, numbers.len());
            let expected = format!("pointers to words of {id}, which has {words}");
            data.fault(row, expected, &format!("word {word}"))
        })?;
        Ok(rows[of].sense_key[*number].to_owned())
    };
    Ok((key(row, from)?, key(target, to)?))
}
