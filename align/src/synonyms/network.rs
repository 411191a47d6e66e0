//! `WordNetwork`: the words of synsets, and which synsets are direct hypernyms of which.

use kprep_schemas::{Fact, Synset};

use crate::interner::Interner;
use crate::lemma;

/// A wordnet's words and direct hypernyms, made of its [`Synset`] and [`Fact`] rows. Words are compared
/// in lower case, with blanks.
///
/// Memory: some 40 MB for WordNet 3.1.
#[derive(Debug, Default)]
pub struct WordNetwork {
    words: Interner,
    synsets: Interner,
    /// The words of each synset, each once.
    pub(super) members: Vec<Vec<u32>>,
    /// The direct hypernyms of each synset.
    pub(super) above: Vec<Vec<Hypernym>>,
    /// The words of all direct hyponyms of each synset, instances too.
    pub(super) below: Vec<Vec<u32>>,
}

/// A direct hypernym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hypernym {
    pub(super) synset: u32,
    /// The other synset is an instance of it (Bern of `city`), not a kind.
    pub(super) is_of_instance: bool,
}

impl WordNetwork {
    /// Takes a synset.
    pub fn add_synset(&mut self, row: &Synset) {
        let mut members = Vec::with_capacity(row.word.len());
        for word in row.word.iter() {
            let number = self.words.number(&lemma(word));
            if !members.contains(&number) {
                members.push(number);
            }
        }
        // Ids are unique: the number is that of the lists below.
        self.synsets.number(&row.id);
        self.members.push(members);
        self.above.push(Vec::new());
        self.below.push(Vec::new());
    }

    /// Takes a fact, when all synsets are known; other relations than hypernyms are passed over. False if
    /// it is a hypernym of synsets that are not there.
    pub fn add_fact(&mut self, fact: &Fact) -> bool {
        let is_of_instance = match fact.relation.as_str() {
            "hypernym" => false,
            "instance_hypernym" => true,
            _ => return true,
        };
        let synset = |id: &str| self.synsets.find(id);
        let (Some(head), Some(synset)) = (synset(&fact.head), synset(&fact.tail)) else {
            return false;
        };
        let hypernym = Hypernym {
            synset,
            is_of_instance,
        };
        let above = &mut self.above[head as usize];
        if !above.contains(&hypernym) {
            above.push(hypernym);
            let words = self.members[head as usize].iter();
            self.below[synset as usize].extend(words);
        }
        true
    }

    /// How many synsets there are.
    pub fn synset_count(&self) -> usize {
        self.members.len()
    }

    /// How many words there are.
    pub fn word_count(&self) -> usize {
        self.words.len()
    }

    /// A word by its number.
    pub fn word(&self, number: u32) -> &str {
        self.words.get(number)
    }
}
