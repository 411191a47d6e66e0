//! Rows of entity linking and word sense disambiguation: spans with their candidates.

use kprep_schemas::{LinkExample, Words, stable_id};
use rustc_hash::FxHashMap;

use crate::Lexicon;

/// A span and what it may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkSpan {
    /// First word, from 0.
    pub start: usize,
    /// Last word, inclusive.
    pub end: usize,
    /// What it means; empty for none of the candidates.
    pub entity: String,
    /// What it may mean, the likeliest first, with priors that sum to 1; none where a dataset tells
    /// no candidates.
    pub candidates: Vec<(String, f64)>,
}

/// A sentence with its spans as a row.
pub fn link_row(
    (doc_id, number): (&str, u64),
    text: &str,
    token: Words,
    spans: &[LinkSpan],
) -> LinkExample {
    let number_bytes = number.to_le_bytes();
    let places: Vec<u8> = spans
        .iter()
        .flat_map(|span| (span.start as u32).to_le_bytes())
        .collect();
    let words = token.iter().map(str::as_bytes);
    let parts = [doc_id.as_bytes(), &number_bytes, &places];
    let mut row = LinkExample {
        id: stable_id(parts.into_iter().chain(words)),
        doc_id: doc_id.to_owned(),
        text: text.to_owned(),
        ..LinkExample::default()
    };
    row.token = token;
    for (span, of) in (0..).zip(spans) {
        row.span_start.push(of.start as i32);
        row.span_end.push(of.end as i32);
        row.entity.push(&of.entity);
        for (candidate, prior) in &of.candidates {
            row.candidate_span.push(span);
            row.candidate.push(candidate);
            row.prior.push(*prior);
        }
    }
    row
}

/// The senses of a lemma in the order of the wordnet, at most `most` of them. The prior of each is
/// its tag count and one, over the sum of these.
pub fn sense_candidates(
    lexicon: &Lexicon,
    lemma: &str,
    pos: char,
    most: usize,
) -> Vec<(String, f64)> {
    let senses = lexicon.senses(lemma, pos).iter().take(most);
    let counted = senses.map(|sense| (lexicon.synset_id(sense), f64::from(sense.count) + 1.0));
    let sum: f64 = counted.clone().map(|(_, count)| count).sum();
    counted
        .map(|(id, count)| (id.to_owned(), count / sum))
        .collect()
}

/// How often forms mean entities: p(entity | form).
///
/// Memory: the bytes of the forms, and some 60 for each and 16 for each of its entities.
#[derive(Debug, Default)]
pub struct Priors {
    forms: FxHashMap<Box<str>, Vec<(u32, f64)>>,
    /// The most words of a form.
    longest: usize,
}

impl Priors {
    /// Adds so much for an entity, by its number, under a form of so many words.
    pub fn add(&mut self, form: &str, words: usize, entity: u32, weight: f64) {
        self.longest = self.longest.max(words);
        if !self.forms.contains_key(form) {
            self.forms.insert(form.into(), Vec::new());
        }
        let Some(entities) = self.forms.get_mut(form) else {
            return;
        };
        match entities.iter_mut().find(|(known, _)| *known == entity) {
            Some((_, sum)) => *sum += weight,
            None => entities.push((entity, weight)),
        }
    }

    /// Keeps the `most` likeliest entities of each form; of equally likely ones those of lower
    /// numbers.
    pub fn finish(&mut self, most: usize) {
        // In any order: each form is sorted for itself.
        #[expect(clippy::iter_over_hash_type)]
        for entities in self.forms.values_mut() {
            entities.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            entities.truncate(most);
            let sum: f64 = entities.iter().map(|(_, weight)| weight).sum();
            for (_, weight) in entities {
                *weight /= sum;
            }
        }
    }

    /// The entities of a form, the likeliest first, with priors that sum to 1.
    pub fn of(&self, form: &str) -> &[(u32, f64)] {
        self.forms.get(form).map_or(&[], Vec::as_slice)
    }

    /// Forms that are known.
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    /// Whether no form is known.
    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// The most words of a form.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules, Synset};

    use super::*;

    #[test]
    fn senses_have_priors_by_their_counts() {
        let synset = |id: &str, number, count| Synset {
            id: id.into(),
            pos: "n".into(),
            lexfile: 5,
            word: ["bank"].into(),
            sense_key: [id].into(),
            sense_number: vec![number],
            tag_count: vec![count],
            ..Synset::default()
        };
        let rows = [
            synset("2-n", 2, 0),
            synset("1-n", 1, 2),
            synset("3-n", 3, 0),
        ];
        let lexicon: Lexicon = rows.into_iter().collect();
        let found = sense_candidates(&lexicon, "bank", 'n', 2);
        assert_eq!(found, [("1-n".into(), 0.75), ("2-n".into(), 0.25)]);
        assert_eq!(sense_candidates(&lexicon, "river", 'n', 2), []);
        let span = LinkSpan {
            start: 1,
            end: 1,
            entity: "2-n".into(),
            candidates: found,
        };
        let row = link_row(("d", 0), "the bank", ["the", "bank"].into(), &[span]);
        assert_eq!(row.check(&Rules::default()), Ok(()));
        assert_eq!(row.candidate, ["1-n", "2-n"]);
    }

    #[test]
    fn priors_are_shares_of_the_likeliest() {
        let mut priors = Priors::default();
        for (form, words, entity) in [("Bern", 1, 70), ("Bern", 1, 9), ("Bern", 1, 70)] {
            priors.add(form, words, entity, 1.0);
        }
        priors.add("New Bern", 2, 9, 4.0);
        priors.add("Bern", 1, 8, 1.0);
        priors.finish(2);
        assert_eq!(priors.of("Bern"), [(70, 2.0 / 3.0), (8, 1.0 / 3.0)]);
        assert_eq!(priors.of("New Bern"), [(9, 1.0)]);
        assert_eq!(
            (priors.of("Basel"), priors.longest(), priors.len()),
            (&[][..], 2, 2)
        );
    }
}
