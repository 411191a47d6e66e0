//! Scores of pairs, and the guess without a model beside them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use kprep_schemas::PairExample;
use tch::Tensor;

use super::{PairTarget, PairTargets};
use crate::Result;
use crate::config::{Config, PairLoss};
use crate::data::store::Store;
use crate::evaluate::auc::auc;
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::{Scores, most_frequent};
use crate::evaluate::scorer::Scorer;

/// Of datasets with more relations, none has a figure of its own.
const MOST_RELATIONS: usize = 10;

/// Accuracy against the training split's most frequent class, macro-F1 and, of two classes, the F1 of the second, the area
/// under the ROC curve, and how high positives rank among their own negatives. Accuracy also by relation, by how negatives
/// were drawn, and of pairs with a phrase that no pair of the training split has.
///
/// A loss that compares positives with their negatives says nothing of the score from which a pair is a positive. With it
/// the highest scores are the positives, as large a share as the training split has.
#[derive(Clone)]
pub struct PairScorer {
    majority: Option<u16>,
    loss: PairLoss,
    /// The share of the second class in the training split.
    share: f64,
    /// The phrases of the training split.
    phrases: Rc<HashSet<u64>>,
    pairs: Vec<Scored>,
}

/// What a model says of a pair.
#[derive(Debug, Clone, Copy)]
struct Scored {
    example: usize,
    class: u16,
    /// By how much the second class is above the first.
    score: f64,
}

impl Scorer<PairExample> for PairScorer {
    fn new(train: &Store<PairExample>, config: &Config) -> Self {
        let labels = || train.targets().iter().map(|target| target.label);
        let second = labels().filter(|&label| label == 1).count();
        let phrases = train.targets().iter().flat_map(|target| target.phrases);
        Self {
            majority: most_frequent(labels()),
            loss: config.pair_loss,
            share: second as f64 / train.len().max(1) as f64,
            phrases: Rc::new(phrases.collect()),
            pairs: Vec::new(),
        }
    }

    fn add(
        &mut self,
        _: &Store<PairExample>,
        examples: &[usize],
        _: &PairTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        let predicted = Vec::<f64>::try_from(predicted.flatten(0, -1))?;
        let pairs = examples.iter().zip(predicted.chunks(2));
        self.pairs.extend(pairs.map(|(&example, said)| Scored {
            example,
            class: said[0] as u16,
            score: said[1],
        }));
        Ok(())
    }

    fn scores(&self, store: &Store<PairExample>, names: &[String]) -> Scores {
        let classes = match self.loss {
            PairLoss::Ce => self.pairs.iter().map(|pair| pair.class).collect(),
            PairLoss::Margin => highest(&self.pairs, self.share),
        };
        let targets = || self.pairs.iter().map(|pair| &store.targets()[pair.example]);
        let mut counts = ClassCounts::new(self.majority);
        for (target, &class) in targets().zip(&classes) {
            counts.add(&[target.label.into()], &[class.into()]);
        }
        let mut more: BTreeMap<String, f64> = counts.positive_f1(names).into_iter().collect();
        if names.len() == 2 {
            let scores = targets().zip(&self.pairs);
            let scores: Vec<_> = scores
                .map(|(target, pair)| (pair.score, target.label == 1))
                .collect();
            more.extend(auc(&scores).map(|auc| ("auc".to_owned(), auc)));
            more.extend(ranks(store, &self.pairs));
        }
        let is_right = targets().zip(classes);
        let is_right = is_right.map(|(target, class)| (target, target.label == class));
        more.extend(self.shares(is_right));
        Scores {
            macro_f1: Some(counts.macro_f1()),
            more,
            ..counts.scores()
        }
    }
}

impl PairScorer {
    /// The accuracy of parts of the pairs, by name.
    fn shares<'a>(
        &self,
        pairs: impl Iterator<Item = (&'a PairTarget, bool)>,
    ) -> BTreeMap<String, f64> {
        let mut parts: BTreeMap<String, [u64; 2]> = BTreeMap::new();
        let mut count = |part: String, is_right: bool| {
            let [all, right] = parts.entry(part).or_default();
            *all += 1;
            *right += u64::from(is_right);
        };
        for (target, is_right) in pairs {
            if let Some(origin) = &target.origin {
                if !origin.relation.is_empty() {
                    count(format!("{RELATION}{}", origin.relation), is_right);
                }
                if !origin.negative.is_empty() {
                    count(format!("accuracy_negative_{}", origin.negative), is_right);
                }
            }
            let mut phrases = target.phrases.iter();
            if !phrases.all(|phrase| self.phrases.contains(phrase)) {
                count("accuracy_unseen_phrases".to_owned(), is_right);
            }
        }
        let relations = parts.keys().filter(|part| part.starts_with(RELATION));
        if !(2..=MOST_RELATIONS).contains(&relations.count()) {
            parts.retain(|part, _| !part.starts_with(RELATION));
        }
        let share = |(part, [all, right]): (String, [u64; 2])| (part, right as f64 / all as f64);
        parts.into_iter().map(share).collect()
    }
}

const RELATION: &str = "accuracy_relation_";

/// Class 1 for this share of the pairs, those with the highest scores, and for their equals.
fn highest(pairs: &[Scored], share: f64) -> Vec<u16> {
    let mut scores: Vec<f64> = pairs.iter().map(|pair| pair.score).collect();
    scores.sort_by(|a, b| b.total_cmp(a));
    let count = (share * scores.len() as f64).round() as usize;
    let least = count.checked_sub(1).and_then(|last| scores.get(last));
    let is_high = |pair: &Scored| least.is_some_and(|&least| pair.score >= least);
    pairs.iter().map(|pair| is_high(pair).into()).collect()
}

/// How high positives rank among their own negatives, of those that have at least two and were scored with all of them: the
/// mean reciprocal rank, the share that is first and, if one has ten or more, the share among the first ten. A positive
/// is behind half of its equals.
fn ranks(store: &Store<PairExample>, pairs: &[Scored]) -> BTreeMap<String, f64> {
    let mut all: HashMap<u64, usize> = HashMap::new();
    for target in store.targets() {
        *all.entry(target.positive).or_default() += 1;
    }
    let mut positives: Vec<(u64, f64)> = Vec::new();
    let mut negatives: HashMap<u64, Vec<f64>> = HashMap::new();
    for pair in pairs {
        let target = &store.targets()[pair.example];
        if target.leads() {
            positives.push((target.positive, pair.score));
        } else if target.follows() {
            let own = negatives.entry(target.positive);
            own.or_default().push(pair.score);
        }
    }
    let (mut ranks, mut most) = (Vec::new(), 0);
    for (positive, score) in positives {
        let own = negatives.get(&positive).map_or(&[][..], Vec::as_slice);
        if own.len() < 2 || own.len() + 1 != all[&positive] {
            continue;
        }
        most = most.max(own.len());
        // Whatever is not finite is never the better for the positive.
        let below = own.iter().filter(|&&other| other < score).count() as f64;
        let equal = own.iter().filter(|&&other| other == score).count() as f64;
        ranks.push(1.0 + own.len() as f64 - below - equal / 2.0);
    }
    if ranks.is_empty() {
        return BTreeMap::new();
    }
    let mean = |value: fn(f64) -> f64| {
        let sum: f64 = ranks.iter().map(|&rank| value(rank)).sum();
        sum / ranks.len() as f64
    };
    let mut figures = vec![
        ("mrr", mean(|rank| 1.0 / rank)),
        ("hits_at_1", mean(|rank| f64::from(rank <= 1.0))),
    ];
    if most >= 10 {
        figures.push(("hits_at_10", mean(|rank| f64::from(rank <= 10.0))));
    }
    let named = figures
        .into_iter()
        .map(|(name, figure)| (name.to_owned(), figure));
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::super::Origin;
    use super::*;
    use crate::config::{Preset, Task};
    use crate::data::examples::Example;

    /// A pair with the number of its positive, its phrases, relation and kind of negative.
    fn pair(positive: u64, phrases: [u64; 2], relation: &str, negative: &str) -> PairTarget {
        PairTarget {
            label: negative.is_empty().into(),
            is_positive: negative.is_empty(),
            positive,
            phrases,
            origin: Some(Box::new(Origin {
                relation: relation.to_owned(),
                negative: negative.to_owned(),
            })),
            ..PairTarget::default()
        }
    }

    fn store(targets: Vec<PairTarget>) -> Store<PairExample> {
        let ids = vec![5; 3];
        let example = |target| Example {
            ids: ids.clone(),
            target,
        };
        Store::of(targets.into_iter().map(example))
    }

    /// What is scored of the pairs 0 to 7 where a model says these scores of them.
    fn scores(config: &Config, numbers: &[f64]) -> Scores {
        let train = store(vec![
            pair(0, [1, 2], "", ""),
            pair(0, [1, 3], "", "random"),
            pair(0, [1, 4], "", "random"),
            pair(9, [1, 4], "", ""),
        ]);
        let test = store(vec![
            pair(1, [1, 2], "synonym", ""),
            pair(1, [1, 3], "", "random"),
            pair(1, [4, 2], "", "sister"),
            pair(2, [1, 8], "hypernym", ""),
            pair(2, [1, 4], "", "random"),
            pair(2, [8, 8], "", "sister"),
            pair(3, [2, 4], "synonym", ""),
            pair(3, [2, 3], "", "sister"),
        ]);
        let mut scorer = PairScorer::new(&train, config);
        let said = numbers.iter().enumerate();
        scorer.pairs = said
            .map(|(example, &score)| Scored {
                example,
                class: (score > 0.0).into(),
                score,
            })
            .collect();
        let names = ["unrelated", "related"].map(str::to_owned);
        scorer.scores(&test, &names)
    }

    #[test]
    fn figures_are_those_by_hand() {
        let config = Config::preset(Preset::Paper, Task::Pair);
        let said = [2.0, -1.0, 2.0, -0.5, 1.0, 3.0, 0.5, -2.0];
        let found = scores(&config, &said);
        // Right are the pairs 0, 1, 6 and 7; of equals the lowest class is the most frequent one.
        assert_eq!((found.decisions, found.accuracy), (8, 0.5));
        assert_eq!(found.baseline, 5.0 / 8.0);
        let more = |name: &str| found.more[name];
        assert_eq!(more("f1_related"), 2.0 * 2.0 / (2.0 * 2.0 + 3.0 + 1.0));
        // Of 3 × 5 pairs of a positive and a negative: 2 is above 3 and half of 2; -0.5 above 2; 0.5 above 2.
        assert_eq!(more("auc"), (3.5 + 2.0 + 2.0) / 15.0);
        // The ranks of the first two positives are 1.5 and 3; the third has one negative alone.
        assert_eq!(more("mrr"), f64::midpoint(1.0 / 1.5, 1.0 / 3.0));
        assert_eq!(more("hits_at_1"), 0.0);
        assert_eq!(found.more.get("hits_at_10"), None);
        assert_eq!(more("accuracy_relation_synonym"), 1.0);
        assert_eq!(more("accuracy_relation_hypernym"), 0.0);
        assert_eq!(more("accuracy_negative_random"), 0.5);
        assert_eq!(more("accuracy_negative_sister"), 1.0 / 3.0);
        assert_eq!(more("accuracy_unseen_phrases"), 0.0);

        // A part of the split has no ranks of positives without all of their negatives; NaN never ranks high.
        assert_eq!(scores(&config, &said[..4]).more["mrr"], 1.0 / 1.5);
        let nan = [f64::NAN, -1.0, -2.0];
        assert_eq!(scores(&config, &nan).more["mrr"], 1.0 / 3.0);
        assert_eq!(scores(&config, &said[..1]).more.get("auc"), None);
    }

    #[test]
    fn with_a_margin_the_highest_scores_are_positives() {
        let config = Config::preset(Preset::Paper, Task::Pair);
        let margin = config.with("pair_loss=margin").unwrap();
        // Half of the training split is positive, so 4 of 8 are: the scores from 11 on.
        let said = [12.0, 9.0, 12.0, 9.5, 11.0, 13.0, 10.5, 8.0];
        let found = scores(&margin, &said);
        assert_eq!(found.accuracy, 3.0 / 8.0);
        assert_eq!(scores(&margin, &[]).accuracy, 0.0);
        let all = highest(&[], 0.5);
        assert!(all.is_empty());
    }

    #[test]
    fn ten_negatives_have_hits_at_10() {
        let mut targets = vec![pair(1, [1, 2], "", "")];
        targets.extend((0..12).map(|_| pair(1, [1, 2], "", "random")));
        let scored = (0..13).map(|example| Scored {
            example,
            class: 0,
            score: if example == 0 {
                1.5
            } else {
                (13 - example) as f64
            },
        });
        // Of the scores 12 to 1, eleven are above 1.5.
        let figures = ranks(&store(targets), &scored.collect::<Vec<_>>());
        assert_eq!((figures["mrr"], figures["hits_at_10"]), (1.0 / 12.0, 0.0));
    }
}
