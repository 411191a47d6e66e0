//! The pairs that are related, and the split of each.

use kprep_schemas::{Split, Splitter, stable_hash, stable_id};
use rustc_hash::FxHashSet;

use super::network::WordNetwork;

/// Which related pairs are taken, and how they are split.
#[derive(Debug, Clone, Copy)]
pub struct WordPairsOptions {
    /// Leave out phrases of several words.
    pub single: bool,
    /// Take instances with what they are instances of, too.
    pub instances: bool,
    /// Which of two words is the first one is by a hash; otherwise hyponyms are before hypernyms.
    pub any_order: bool,
    /// Shares and seed of the splits.
    pub splitter: Splitter,
    /// Both words of a pair are of its split: a pair of words of two splits is lost.
    pub by_word: bool,
}

/// A related pair. Words and synsets by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positive {
    /// The words in the order of the row.
    pub words: [u32; 2],
    /// The synset of each.
    pub synsets: [u32; 2],
    /// `synonym`, `hypernym` or `instance_hypernym`.
    pub relation: &'static str,
    /// The split that it is in.
    pub split: Split,
}

impl Positive {
    /// The number of its relation: synonym, hypernym, hypernym of an instance.
    pub fn kind(&self) -> usize {
        let mut relations = RELATIONS.iter();
        relations
            .position(|&relation| relation == self.relation)
            .unwrap_or_default()
    }
}

/// Why a related pair is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairLoss {
    /// It was there before, with another relation.
    OtherRelation,
    /// One of its phrases has several words.
    SeveralWords,
    /// Its words are of two splits.
    TwoSplits,
}

/// The related pairs of a wordnet, each once whatever the direction.
///
/// Memory: 28 bytes a pair, and 13 more to know all of them.
#[derive(Debug, Default)]
pub struct WordPairs {
    /// In the order of a hash of their words.
    pub kept: Vec<Positive>,
    /// Pairs of two words, by relation: `synonym`, `hypernym`, `instance_hypernym`.
    pub found: [u64; 3],
    /// Lost pairs.
    pub lost: Vec<(PairLoss, [u32; 2])>,
    /// A word in a synset and in its hypernym, too.
    pub same_word: u64,
    /// All pairs that are true, kept or not, instances too.
    truths: FxHashSet<u64>,
}

const RELATIONS: [&str; 3] = ["synonym", "hypernym", "instance_hypernym"];

impl WordPairs {
    /// All pairs of a wordnet.
    pub fn of(network: &WordNetwork, options: &WordPairsOptions) -> Self {
        let mut pairs = Self::default();
        // A pair that is both is one of synonyms.
        for (number, relation) in RELATIONS.into_iter().enumerate() {
            let taken = options.instances || relation != "instance_hypernym";
            pairs.add_all(network, options, (number, relation), taken);
        }
        pairs.kept.sort_by_cached_key(|pair| id(network, pair));
        pairs
    }

    /// Whether two words are related, whatever the direction, and whether or not the pair was taken.
    pub fn is_true(&self, a: u32, b: u32) -> bool {
        self.truths.contains(&key(a, b))
    }

    fn add_all(
        &mut self,
        network: &WordNetwork,
        options: &WordPairsOptions,
        (number, relation): (usize, &'static str),
        taken: bool,
    ) {
        let mut seen = FxHashSet::default();
        each_pair(network, number, |words, synsets| {
            if words[0] == words[1] {
                self.same_word += u64::from(taken);
                return;
            }
            let key = key(words[0], words[1]);
            if !seen.insert(key) {
                return;
            }
            let is_new = self.truths.insert(key);
            if !taken {
                return;
            }
            self.found[number] += 1;
            let positive = Positive {
                words,
                synsets,
                relation,
                split: Split::Train,
            };
            let kept = if is_new {
                choose(network, options, positive)
            } else {
                Err(PairLoss::OtherRelation)
            };
            match kept {
                Ok(positive) => self.kept.push(positive),
                Err(loss) => self.lost.push((loss, words)),
            }
        });
    }
}

/// The pair with its order and split.
fn choose(
    network: &WordNetwork,
    options: &WordPairsOptions,
    mut pair: Positive,
) -> Result<Positive, PairLoss> {
    let texts = pair.words.map(|word| network.word(word));
    if options.single && texts.iter().any(|text| text.contains(' ')) {
        return Err(PairLoss::SeveralWords);
    }
    let by_hash = options.any_order || pair.relation == "synonym";
    let (low, high) = ordered(texts);
    let is_turned = stable_hash([b"order", low.as_bytes(), high.as_bytes()]) % 2 == 1;
    if by_hash && (low == texts[0]) == is_turned {
        pair.words.reverse();
        pair.synsets.reverse();
    }
    pair.split = if options.by_word {
        let splits = texts.map(|text| options.splitter.split(text.as_bytes()));
        if splits[0] != splits[1] {
            return Err(PairLoss::TwoSplits);
        }
        splits[0]
    } else {
        options.splitter.split(group(texts).as_bytes())
    };
    Ok(pair)
}

/// What splits must not divide: a pair in either direction, with the negatives that are made of it.
pub(super) fn group(words: [&str; 2]) -> String {
    let (low, high) = ordered(words);
    format!("{low}\t{high}")
}

/// The id of a positive's row.
pub(super) fn id(network: &WordNetwork, pair: &Positive) -> String {
    let (low, high) = ordered(pair.words.map(|word| network.word(word)));
    stable_id([low.as_bytes(), high.as_bytes()])
}

fn ordered<T: Ord + Copy>([a, b]: [T; 2]) -> (T, T) {
    (a.min(b), a.max(b))
}

/// A pair in either direction.
pub(super) fn key(a: u32, b: u32) -> u64 {
    u64::from(a.min(b)) << 32 | u64::from(a.max(b))
}

/// Each pair of words of a relation, by its number in [`RELATIONS`], with the synset of each word.
fn each_pair(network: &WordNetwork, relation: usize, mut take: impl FnMut([u32; 2], [u32; 2])) {
    for (synset, words) in (0..).zip(&network.members) {
        if relation == 0 {
            for (i, &a) in words.iter().enumerate() {
                for &b in &words[i + 1..] {
                    take([a, b], [synset; 2]);
                }
            }
            continue;
        }
        for hypernym in &network.above[synset as usize] {
            if hypernym.is_of_instance != (relation == 2) {
                continue;
            }
            for &a in words {
                for &b in &network.members[hypernym.synset as usize] {
                    take([a, b], [synset, hypernym.synset]);
                }
            }
        }
    }
}
