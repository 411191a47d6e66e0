//! Rows of related pairs and their negatives.

use kprep_schemas::{PairExample, Split, stable_id};

use super::negatives::{Draw, Drawer};
use super::network::WordNetwork;
use super::positives::{Positive, WordPairs, WordPairsOptions, group, id};
use super::vectors::WordVectors;
use crate::draws::Dice;

/// What is to be told of two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairClasses {
    /// `unrelated`, `related`.
    Two,
    /// `none`, `synonym`, `hypernym`: the second is a hypernym of the first.
    Relation,
}

impl PairClasses {
    /// The names of the classes in label order; the first one is that of negatives.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Two => &["unrelated", "related"],
            Self::Relation => &["none", "synonym", "hypernym"],
        }
    }

    fn label(self, relation: &str) -> i64 {
        match self {
            Self::Two => 1,
            Self::Relation if relation == "synonym" => 1,
            Self::Relation => 2,
        }
    }
}

/// Makes the rows of pairs, one after the other in the order of [`WordPairs::kept`].
pub struct PairRows<'a> {
    network: &'a WordNetwork,
    drawer: Drawer<'a>,
    classes: PairClasses,
    seed: u64,
    negatives: u64,
    draws: Vec<Draw>,
    /// Negatives by how they were drawn: random, sister, vectors.
    pub drawn: [u64; 3],
    /// Sisters that were not there, for which a random word was taken.
    pub no_sister: u64,
    /// The same of nearest words: the word that stays has no vector, or all of its batch are related.
    pub no_nearest: u64,
    /// Negatives for which no word was found.
    pub not_found: u64,
}

impl<'a> PairRows<'a> {
    /// Rows with so many negatives a pair, drawn in these ways in alternation.
    pub fn new(
        network: &'a WordNetwork,
        pairs: &'a WordPairs,
        options: &WordPairsOptions,
        classes: PairClasses,
        (negatives, draws): (u64, Vec<Draw>),
    ) -> Self {
        Self {
            network,
            drawer: Drawer::new(network, pairs, *options),
            classes,
            seed: options.splitter.seed,
            negatives: if draws.is_empty() { 0 } else { negatives },
            draws,
            drawn: [0; 3],
            no_sister: 0,
            no_nearest: 0,
            not_found: 0,
        }
    }

    /// Takes vectors, for [`Draw::Vectors`].
    #[must_use]
    pub fn with_vectors(mut self, vectors: &'a WordVectors) -> Self {
        self.drawer.set_vectors(vectors);
        self
    }

    /// The row of a pair, and those of its negatives, of the pair's split.
    pub fn of(&mut self, pair: &Positive) -> (Split, Vec<PairExample>) {
        self.drawer.advance(pair.split);
        let label = self.classes.label(pair.relation);
        let [first, second] = pair.words.map(|word| self.network.word(word));
        let positive = PairExample {
            id: id(self.network, pair),
            group: group([first, second]),
            first: first.to_owned(),
            second: second.to_owned(),
            first_id: first.to_owned(),
            second_id: second.to_owned(),
            relation_id: pair.relation.to_owned(),
            label,
            class: self.classes.names()[label as usize].to_owned(),
            ..PairExample::default()
        };
        let negatives: Vec<_> = (0..self.negatives)
            .filter_map(|number| self.negative(pair, &positive, number))
            .collect();
        let mut rows = vec![positive];
        rows.extend(negatives);
        (pair.split, rows)
    }

    /// Negative `number` of a pair: the first one and those after it alternate between the words and
    /// are drawn in the next way.
    fn negative(
        &mut self,
        pair: &Positive,
        positive: &PairExample,
        number: u64,
    ) -> Option<PairExample> {
        let dice = Dice {
            seed: self.seed,
            id: &positive.id,
            number,
        };
        let replaced = dice.turn("replaced", 2);
        let asked = self.draws[dice.turn("draw", self.draws.len())];
        let Some((word, draw)) = self.drawer.draw(pair, replaced, asked, &dice) else {
            self.not_found += 1;
            return None;
        };
        self.drawn[draw as usize] += 1;
        self.no_sister += u64::from(asked == Draw::Sister && draw != asked);
        self.no_nearest += u64::from(asked == Draw::Vectors && draw != asked);
        let word = self.network.word(word);
        let place = ["first", "second"][replaced];
        let id = stable_id([positive.id.as_bytes(), place.as_bytes(), word.as_bytes()]);
        let mut row = PairExample {
            id,
            relation_id: String::new(),
            label: 0,
            class: self.classes.names()[0].to_owned(),
            positive: positive.id.clone(),
            replaced: place.to_owned(),
            negative: draw.name().to_owned(),
            ..positive.clone()
        };
        let (phrase, phrase_id) = match replaced {
            0 => (&mut row.first, &mut row.first_id),
            _ => (&mut row.second, &mut row.second_id),
        };
        word.clone_into(phrase);
        word.clone_into(phrase_id);
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Fact, Splitter, Synset};

    use super::*;
    use crate::synonyms::PairLoss;

    fn network() -> WordNetwork {
        let mut network = WordNetwork::default();
        for (id, words) in [
            ("1", &["bird"][..]),
            ("2", &["Goose", "honker"]),
            ("3", &["duck"]),
            ("4", &["honker", "bird"]),
            ("5", &["Donald_Duck"]),
        ] {
            network.add_synset(&Synset {
                id: id.into(),
                word: words.iter().collect(),
                ..Synset::default()
            });
        }
        for (head, relation, tail) in [
            ("2", "hypernym", "1"),
            ("3", "hypernym", "1"),
            ("5", "instance_hypernym", "3"),
            ("2", "antonym", "3"),
        ] {
            assert!(network.add_fact(&fact(head, relation, tail)));
        }
        assert!(!network.add_fact(&fact("2", "hypernym", "9")));
        network
    }

    fn fact(head: &str, relation: &str, tail: &str) -> Fact {
        Fact {
            head: head.into(),
            relation: relation.into(),
            tail: tail.into(),
            source: String::new(),
        }
    }

    fn options() -> WordPairsOptions {
        WordPairsOptions {
            single: false,
            instances: true,
            any_order: false,
            splitter: Splitter {
                seed: 1,
                validation: 0,
                test: 0,
            },
            by_word: false,
        }
    }

    #[test]
    fn pairs_are_there_once_and_synonyms_first() {
        let (network, mut options) = (network(), options());
        let pairs = WordPairs::of(&network, &options);
        assert_eq!(pairs.found, [2, 3, 1]);
        let mut texts: Vec<_> = pairs
            .kept
            .iter()
            .map(|pair| (pair.words.map(|word| network.word(word)), pair.relation))
            .filter(|(_, relation)| *relation != "synonym")
            .collect();
        texts.sort_unstable();
        let expected = [
            (["donald duck", "duck"], "instance_hypernym"),
            (["duck", "bird"], "hypernym"),
            (["goose", "bird"], "hypernym"),
        ];
        assert_eq!(texts, expected);
        let lost: Vec<_> = pairs.lost.iter().map(|(loss, _)| *loss).collect();
        assert_eq!(lost, [PairLoss::OtherRelation]);
        options.single = true;
        options.instances = false;
        let single = WordPairs::of(&network, &options);
        assert_eq!(single.found, [2, 3, 0]);
        // What is not taken is true all the same.
        let [a, b] = pairs
            .kept
            .iter()
            .find(|pair| pair.kind() == 2)
            .unwrap()
            .words;
        assert!(single.is_true(a, b) && single.is_true(b, a));
    }

    #[test]
    fn sisters_share_a_hypernym_and_no_negative_is_true_or_there_twice() {
        let (network, options) = (network(), options());
        let pairs = WordPairs::of(&network, &options);
        let draws = vec![Draw::Sister];
        let mut rows = PairRows::new(
            &network,
            &pairs,
            &options,
            PairClasses::Relation,
            (2, draws),
        );
        let all: Vec<_> = pairs.kept.iter().flat_map(|pair| rows.of(pair).1).collect();
        let mut said = std::collections::BTreeSet::new();
        let numbers = |row: &PairExample| {
            [&row.first, &row.second].map(|text| {
                let mut words = 0..network.word_count() as u32;
                words.find(|&word| network.word(word) == text).unwrap()
            })
        };
        for row in all.iter().filter(|row| !row.positive.is_empty()) {
            let [a, b] = numbers(row);
            assert!(a != b && !pairs.is_true(a, b), "{row:?}");
            assert!(said.insert([a.min(b), a.max(b)]), "{row:?}");
            if row.negative == "sister" {
                let pair = [&*row.first, &*row.second];
                assert!(pair.contains(&"duck") || pair.contains(&"goose"), "{row:?}");
            }
        }
        let negatives = rows.drawn.iter().sum::<u64>();
        assert_eq!(negatives + rows.not_found, 2 * pairs.kept.len() as u64);
        assert_eq!(said.len() as u64, negatives);
    }

    #[test]
    fn the_nearest_word_of_the_batch_that_is_not_related_is_drawn() {
        let (network, options) = (network(), options());
        let pairs = WordPairs::of(&network, &options);
        let mut vectors = WordVectors::of(&network, &pairs);
        assert!(vectors.wants("donald") && !vectors.wants("donald duck"));
        assert!(!vectors.wants("antonym"));
        for (word, vector) in [
            ("bird", [1.0, 0.0]),
            ("goose", [2.0, 0.2]),
            ("honker", [0.0, 1.0]),
            ("donald", [1.0, 0.4]),
            ("fish", [1.0, 0.0]),
        ] {
            vectors.add(word, &vector).unwrap();
        }
        assert_eq!(vectors.add("duck", &[1.0]), Err(2));
        assert_eq!(vectors.counts(), [5, 1]);
        let draws = vec![Draw::Vectors];
        let rows = PairRows::new(&network, &pairs, &options, PairClasses::Two, (2, draws));
        let mut rows = rows.with_vectors(&vectors);
        let all: Vec<_> = pairs.kept.iter().flat_map(|pair| rows.of(pair).1).collect();
        // Of a word without a vector a random one is taken: duck. The phrase is its known word.
        assert!(rows.no_nearest > 0 && rows.drawn[2] > 0, "{:?}", rows.drawn);
        assert_eq!(rows.drawn[0], rows.no_nearest);
        let nearest = all.iter().filter(|row| row.negative == "vectors");
        let said: Vec<_> = nearest
            .map(|row| {
                let (kept, new) = match &*row.replaced {
                    "first" => (&row.second, &row.first),
                    _ => (&row.first, &row.second),
                };
                (kept.as_str(), new.as_str())
            })
            .collect();
        // Bird and goose are near, but related, as are goose and honker: Donald is the next.
        let first = |word: &str| {
            said.iter()
                .find(|(kept, _)| *kept == word)
                .map(|(_, new)| *new)
        };
        assert_eq!(first("bird").or(first("goose")), Some("donald duck"));
        assert!(said.iter().all(|(_, new)| *new != "duck"), "{said:?}");
    }
}
