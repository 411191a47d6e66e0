//! Scores of links, and the guess without a model beside them.

use std::collections::{BTreeMap, HashMap};

use kprep_schemas::LinkExample;
use tch::Tensor;

use super::{Link, LinkTargets};
use crate::Result;
use crate::config::Config;
use crate::data::store::Store;
use crate::evaluate::metrics::{Scores, most_frequent};
use crate::evaluate::scorer::Scorer;

/// Of listed candidates, the share of spans with at least two whose candidate is right, against the candidate with the
/// highest prior, and the share of all spans. Without them, how often the right entity is the first among all (accuracy)
/// or among the first ten, its mean reciprocal rank, and how often it is the first of the batch's; against the entity that
/// the same words meant most often in the training split, or else the one most frequent there. Accuracy also of spans whose
/// words meant several entities in the training split, and of those whose words are not there.
#[derive(Clone)]
pub struct LinkScorer {
    examples: u64,
    decisions: u64,
    right: u64,
    right_by_baseline: u64,
    /// All spans with listed candidates, and those that are right.
    all: [u64; 2],
    ranks: Vec<f64>,
    first_of_batch: u64,
    usual: Option<i64>,
    by_form: HashMap<u64, Form>,
    /// Spans of parts, and those that are right, by the part's name.
    parts: BTreeMap<&'static str, [u64; 2]>,
}

/// What some words mean in the training split.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// Most often this.
    usual: i64,
    /// And something else, too.
    is_ambiguous: bool,
}

impl Form {
    fn of(mut golds: Vec<i64>) -> Option<Self> {
        golds.sort_unstable();
        Some(Self {
            is_ambiguous: golds.first() != golds.last(),
            usual: most_frequent(golds.into_iter())?,
        })
    }
}

impl LinkScorer {
    fn of(links: &[&Link]) -> Self {
        let unlisted = || links.iter().filter(|link| link.candidates.is_empty());
        let golds = || unlisted().filter_map(|link| Some((link.form, link.gold?)));
        let mut forms: BTreeMap<u64, Vec<i64>> = BTreeMap::new();
        for (form, gold) in golds() {
            forms.entry(form).or_default().push(gold);
        }
        let by_form = forms
            .into_iter()
            .filter_map(|(form, golds)| Some((form, Form::of(golds)?)));
        Self {
            examples: 0,
            decisions: 0,
            right: 0,
            right_by_baseline: 0,
            all: [0; 2],
            ranks: Vec::new(),
            first_of_batch: 0,
            usual: most_frequent(golds().map(|(_, gold)| gold)),
            by_form: by_form.collect(),
            parts: BTreeMap::new(),
        }
    }

    /// Counts a span whose candidates are listed.
    fn listed(&mut self, link: &Link, chosen: usize) {
        let right = link.right().unwrap_or(usize::MAX);
        // Behind the candidates there is none.
        let is_right = chosen.min(link.candidates.len()) == right.min(link.candidates.len());
        self.all[0] += 1;
        self.all[1] += u64::from(is_right);
        if link.candidates.len() < 2 {
            return;
        }
        let mut highest = 0;
        for (i, &(_, prior)) in link.candidates.iter().enumerate() {
            if prior > link.candidates[highest].1 {
                highest = i;
            }
        }
        self.decisions += 1;
        self.right += u64::from(is_right);
        self.right_by_baseline += u64::from(highest == right);
    }

    /// Counts a span whose right entity has this rank among all.
    fn ranked(&mut self, link: &Link, rank: f64, is_first_of_batch: bool) {
        self.decisions += 1;
        self.right += u64::from(rank <= 1.0);
        self.first_of_batch += u64::from(is_first_of_batch);
        self.ranks.push(rank);
        let form = self.by_form.get(&link.form);
        let guess = form.map(|form| form.usual).or(self.usual);
        self.right_by_baseline += u64::from(guess == link.gold);
        let part = match form {
            None => "accuracy_unseen_forms",
            Some(form) if form.is_ambiguous => "accuracy_ambiguous_forms",
            Some(_) => return,
        };
        let [all, right] = self.parts.entry(part).or_default();
        *all += 1;
        *right += u64::from(rank <= 1.0);
    }
}

impl Scorer<LinkExample> for LinkScorer {
    fn new(train: &Store<LinkExample>, _: &Config) -> Self {
        let targets = train.targets().iter();
        Self::of(&targets.flat_map(|target| &target.links).collect::<Vec<_>>())
    }

    fn add(
        &mut self,
        store: &Store<LinkExample>,
        examples: &[usize],
        targets: &LinkTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.examples += examples.len() as u64;
        let links = examples.iter().flat_map(|&i| &store.targets()[i].links);
        let predicted = Vec::<f64>::try_from(predicted.flatten(0, -1))?;
        if targets.listed.is_some() {
            for (link, &chosen) in links.zip(&predicted) {
                self.listed(link, chosen as usize);
            }
        } else {
            for (link, said) in links.zip(predicted.chunks(2)) {
                self.ranked(link, said[0], said[1] > 0.0);
            }
        }
        Ok(())
    }

    fn scores(&self, _: &Store<LinkExample>, _: &[String]) -> Scores {
        let share = |part: f64, all: usize| part / all.max(1) as f64;
        let mut more = BTreeMap::new();
        if self.all[0] > 0 {
            let all = share(self.all[1] as f64, self.all[0] as usize);
            more.insert("accuracy_of_all_spans".to_owned(), all);
        }
        if !self.ranks.is_empty() {
            let ranks = || self.ranks.iter();
            let ten = ranks().filter(|&&rank| rank <= 10.0).count() as f64;
            let reciprocal: f64 = ranks().map(|rank| 1.0 / rank).sum();
            let n = self.ranks.len();
            more.insert("hits_at_10".to_owned(), share(ten, n));
            more.insert("mrr".to_owned(), share(reciprocal, n));
            let of_batch = share(self.first_of_batch as f64, n);
            more.insert("accuracy_in_batch".to_owned(), of_batch);
        }
        for (part, [all, right]) in &self.parts {
            more.insert((*part).to_owned(), share(*right as f64, *all as usize));
        }
        let counts = [self.decisions, self.right, self.right_by_baseline];
        Scores {
            more,
            ..Scores::of_counts(self.examples, counts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(form: u64, gold: Option<i64>, candidates: &[(i64, f32)]) -> Link {
        Link {
            form,
            gold,
            candidates: candidates.into(),
        }
    }

    #[test]
    fn listed_candidates_are_scored_beside_the_highest_prior() {
        let mut scorer = LinkScorer::of(&[]);
        let two = [(7, 0.4), (8, 0.6)];
        scorer.listed(&link(0, Some(8), &two), 1);
        scorer.listed(&link(0, Some(7), &two), 0);
        scorer.listed(&link(0, None, &two), 30); // none, of a batch with more candidates
        scorer.listed(&link(0, None, &two), 0);
        scorer.listed(&link(0, Some(7), &[(7, 1.0)]), 1);
        let found = scorer.scores(&Store::of([]), &[]);
        assert_eq!(
            (found.decisions, found.accuracy, found.baseline),
            (4, 0.75, 0.25)
        );
        assert_eq!(found.more["accuracy_of_all_spans"], 0.6);
    }

    #[test]
    fn ranks_are_scored_beside_the_most_frequent_entity_of_the_same_words() {
        let train = [(1, 7), (1, 8), (1, 8), (2, 7), (3, 7)].map(|(f, g)| link(f, Some(g), &[]));
        let mut scorer = LinkScorer::of(&train.iter().collect::<Vec<_>>());
        scorer.ranked(&link(1, Some(8), &[]), 1.0, true);
        scorer.ranked(&link(9, Some(7), &[]), 4.0, true);
        scorer.ranked(&link(1, Some(7), &[]), 20.0, false);
        let found = scorer.scores(&Store::of([]), &[]);
        assert_eq!((found.accuracy, found.baseline), (1.0 / 3.0, 2.0 / 3.0));
        assert_eq!(found.more["hits_at_10"], 2.0 / 3.0);
        assert!((found.more["mrr"] - (1.0 + 0.25 + 0.05) / 3.0).abs() < 1e-12);
        assert_eq!(found.more["accuracy_in_batch"], 2.0 / 3.0);
        assert_eq!(found.more["accuracy_ambiguous_forms"], 0.5);
        assert_eq!(found.more["accuracy_unseen_forms"], 0.0);
        let mut scorer = LinkScorer::of(&train.iter().collect::<Vec<_>>());
        scorer.ranked(&link(2, Some(7), &[]), 1.0, true);
        let found = scorer.scores(&Store::of([]), &[]);
        assert!(!found.more.keys().any(|name| name.ends_with("forms")));
    }
}
