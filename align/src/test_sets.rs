//! What test sets hold, so that training data may be kept clear of it.

use rustc_hash::FxHashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::{object, subject};

/// What a row may not share with a test set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExcludeBy {
    /// Neither pair nor sentence.
    #[default]
    Both,
    /// The pair of subject and object, in either direction.
    Pair,
    /// The sentence.
    Sentence,
}

/// The pairs and sentences of test sets.
///
/// Memory: a hash of 8 bytes an item in tables that are between 7/16 and 7/8 full, so at most 21
/// bytes a distinct pair or sentence. The chance that any of ten million rows is lost to a
/// collision with one of a million items is below one in a million.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestSets {
    pairs: FxHashSet<u64>,
    sentences: FxHashSet<u64>,
}

impl TestSets {
    /// Adds a pair: Wikidata ids, bare or as URIs, or literals as T-REx writes them.
    pub fn add_pair(&mut self, one: &str, other: &str) {
        let id = |uri| match subject(uri) {
            // No item: a literal, without its datatype.
            same if same == uri => object(uri).id,
            item => item,
        };
        self.pairs.insert(pair_hash(id(one), id(other)));
    }

    /// Adds a sentence, unless it holds neither letter nor digit.
    pub fn add_sentence(&mut self, text: &str) {
        self.sentences.extend(sentence_hash(text));
    }

    /// Whether a test set has the pair, in either direction.
    pub fn has_pair(&self, subject: &str, object: &str) -> bool {
        !self.pairs.is_empty() && self.pairs.contains(&pair_hash(subject, object))
    }

    /// Whether a test set has the sentence. Sentences are the same where their letters and digits
    /// are, in order and whatever their case: blanks and punctuation do not count, so it does not
    /// matter how a sentence was cut into words. Brackets as the Penn Treebank writes them
    /// (`-LRB-`) count as punctuation.
    pub fn has_sentence(&self, text: &str) -> bool {
        !self.sentences.is_empty()
            && sentence_hash(text).is_some_and(|hash| self.sentences.contains(&hash))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.sentences.is_empty()
    }

    /// Distinct pairs.
    pub fn pair_count(&self) -> usize {
        self.pairs.len()
    }

    /// Distinct sentences.
    pub fn sentence_count(&self) -> usize {
        self.sentences.len()
    }

    /// Forgets what rows may share.
    pub fn only(&mut self, by: ExcludeBy) {
        match by {
            ExcludeBy::Both => {}
            ExcludeBy::Pair => self.sentences.clear(),
            ExcludeBy::Sentence => self.pairs.clear(),
        }
    }
}

fn pair_hash(one: &str, other: &str) -> u64 {
    xxh3_64(format!("{}\n{}", one.min(other), one.max(other)).as_bytes())
}

/// The hash of a sentence's letters and digits; `None` if it has none.
fn sentence_hash(text: &str) -> Option<u64> {
    const BRACKETS: [&str; 6] = ["-LRB-", "-RRB-", "-LSB-", "-RSB-", "-LCB-", "-RCB-"];
    let words = text
        .split_whitespace()
        .filter(|word| !BRACKETS.contains(word));
    let letters = words.flat_map(str::chars).filter(|c| c.is_alphanumeric());
    let key: String = letters.flat_map(char::to_lowercase).collect();
    (!key.is_empty()).then(|| xxh3_64(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_count_in_both_directions_and_however_they_are_written() {
        let mut tests = TestSets::default();
        tests.add_pair("http://www.wikidata.org/entity/Q1", "Q2");
        tests.add_pair(
            "Q3",
            "1278-00-00T00:00:00Z^^http://www.w3.org/2001/XMLSchema#dateTime",
        );
        assert!(tests.has_pair("Q1", "Q2") && tests.has_pair("Q2", "Q1"));
        assert!(tests.has_pair("Q3", "1278-00-00T00:00:00Z"));
        assert!(!tests.has_pair("Q1", "Q3"));
        assert_eq!(tests.pair_count(), 2);
    }

    #[test]
    fn sentences_are_their_letters_and_digits() {
        let mut tests = TestSets::default();
        tests.add_sentence("Bell -LRB- born 3 March 1847 -RRB- wasn't Édouard 's son .");
        tests.add_sentence(" -- ");
        assert!(tests.has_sentence("Bell (born 3 March 1847) wasn’t ÉDOUARD's son."));
        assert!(!tests.has_sentence("Bell (born 4 March 1847) wasn't Édouard's son."));
        assert!(!tests.has_sentence("..."));
        assert_eq!(tests.sentence_count(), 1);
    }

    #[test]
    fn one_of_the_two_can_be_chosen() {
        let mut tests = TestSets::default();
        tests.add_pair("Q1", "Q2");
        tests.add_sentence("One sentence.");
        let mut pairs = tests.clone();
        pairs.only(ExcludeBy::Pair);
        assert!(pairs.has_pair("Q1", "Q2") && !pairs.has_sentence("One sentence."));
        tests.only(ExcludeBy::Sentence);
        assert!(!tests.has_pair("Q1", "Q2") && tests.has_sentence("One sentence."));
        tests.only(ExcludeBy::Pair);
        assert!(tests.is_empty());
    }
}
