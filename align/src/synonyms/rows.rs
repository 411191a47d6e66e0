//! Rows of related pairs and their negatives.

use kprep_schemas::{PairExample, Split, stable_id};

use super::negatives::{Draw, Drawer, hash_of};
use super::network::WordNetwork;
use super::positives::{Positive, WordPairs, WordPairsOptions, group, id};

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
    /// Negatives by how they were drawn: random, sister.
    pub drawn: [u64; 2],
    /// Sisters that were not there, for which a random word was taken.
    pub no_sister: u64,
    /// Negatives for which no word was found.
    pub not_found: u64,
}

impl<'a> PairRows<'a> {
    /// Rows with so many negatives a pair, drawn in these ways by turns.
    pub fn new(
        network: &'a WordNetwork,
        pairs: &'a WordPairs,
        options: &WordPairsOptions,
        classes: PairClasses,
        (negatives, draws): (u64, Vec<Draw>),
    ) -> Self {
        Self {
            network,
            drawer: Drawer::new(network, pairs, options.splitter, options.by_word),
            classes,
            seed: options.splitter.seed,
            negatives: if draws.is_empty() { 0 } else { negatives },
            draws,
            drawn: [0; 2],
            no_sister: 0,
            not_found: 0,
        }
    }

    /// The row of a pair, and those of its negatives, of the pair's split.
    pub fn of(&mut self, pair: &Positive) -> (Split, Vec<PairExample>) {
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

    /// Negative `number` of a pair: the first one and those after it by turns replace the other word and
    /// are drawn in the next way.
    fn negative(
        &mut self,
        pair: &Positive,
        positive: &PairExample,
        number: u64,
    ) -> Option<PairExample> {
        let hash = |what: &str, attempt| hash_of(self.seed, &positive.id, number, what, attempt);
        let turn = |what, of: usize| {
            let start = hash_of(self.seed, &positive.id, 0, what, 0);
            ((start % of as u64 + number) % of as u64) as usize
        };
        let replaced = turn("replaced", 2);
        let asked = self.draws[turn("draw", self.draws.len())];
        let Some((word, draw)) = self.drawer.draw(pair, replaced, asked, &hash) else {
            self.not_found += 1;
            return None;
        };
        self.drawn[draw as usize] += 1;
        self.no_sister += u64::from(draw != asked);
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
