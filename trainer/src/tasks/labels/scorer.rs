//! Scores of labels, and the guess without a model beside them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use kprep_schemas::LabelExample;
use tch::Tensor;

use super::{LabelTarget, LabelTargets};
use crate::Result;
use crate::config::Config;
use crate::data::store::Store;
use crate::evaluate::auc::auc;
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::Scores;
use crate::evaluate::scorer::Scorer;

/// The share of spans whose class is among the allowed ones, against the one class that is allowed most often in the
/// training split; macro-F1 over spans with one allowed class, and their accuracy where other spans have several. Of two
/// classes the second's F1 and the area under the ROC curve; of more the accuracy of spans whose lemma has several, here or in
/// the training split.
#[derive(Clone)]
pub struct LabelScorer {
    usual: Option<u16>,
    examples: u64,
    spans: u64,
    right: u64,
    right_by_baseline: u64,
    /// Spans with one allowed class.
    gold: ClassCounts,
    /// Spans whose lemma has several classes, and those that are right.
    ambiguous: [u64; 2],
    /// Lemmas that have several classes in the training split.
    several: Rc<HashSet<u64>>,
    /// Of each span with one allowed class, by how much the second class is above the first, and whether it is right.
    margins: Vec<(f64, bool)>,
}

impl LabelScorer {
    fn count(&mut self, (allowed, lemma): (&[u16], u64), class: u16, margin: f64) {
        let is_right = allowed.contains(&class);
        self.spans += 1;
        self.right += u64::from(is_right);
        if allowed.len() > 1 || self.several.contains(&lemma) {
            self.ambiguous[0] += 1;
            self.ambiguous[1] += u64::from(is_right);
        }
        let usual = self.usual.is_some_and(|usual| allowed.contains(&usual));
        self.right_by_baseline += u64::from(usual);
        if let &[gold] = allowed {
            self.gold.add(&[gold.into()], &[class.into()]);
            self.margins.push((margin, gold == 1));
        }
    }
}

/// The lemmas that have several classes in these examples.
fn several(targets: &[LabelTarget]) -> HashSet<u64> {
    let (mut first, mut several) = (HashMap::new(), HashSet::new());
    for one in targets.iter().flat_map(LabelTarget::spans) {
        for &class in one.allowed {
            if *first.entry(one.lemma).or_insert(class) != class {
                several.insert(one.lemma);
            }
        }
    }
    several
}

impl Scorer<LabelExample> for LabelScorer {
    fn new(train: &Store<LabelExample>, _: &Config) -> Self {
        let mut counts: BTreeMap<u16, u64> = BTreeMap::new();
        for class in train.targets().iter().flat_map(|target| &target.classes) {
            *counts.entry(*class).or_default() += 1;
        }
        let counts = counts.into_iter().rev(); // of equals, the lowest class
        let usual = counts
            .max_by_key(|&(_, count)| count)
            .map(|(class, _)| class);
        Self {
            usual,
            examples: 0,
            spans: 0,
            right: 0,
            right_by_baseline: 0,
            ambiguous: [0; 2],
            several: Rc::new(several(train.targets())),
            gold: ClassCounts::new(None),
            margins: Vec::new(),
        }
    }

    fn add(
        &mut self,
        _: &Store<LabelExample>,
        examples: &[usize],
        targets: &LabelTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.examples += examples.len() as u64;
        let predicted = Vec::<f64>::try_from(predicted.flatten(0, -1))?;
        let classes = targets.classes()?;
        let spans = classes.iter().zip(&targets.lemmas);
        for ((allowed, &lemma), said) in spans.zip(predicted.chunks(2)) {
            self.count((allowed, lemma), said[0] as u16, said[1]);
        }
        Ok(())
    }

    fn scores(&self, _: &Store<LabelExample>, names: &[String]) -> Scores {
        let mut more: BTreeMap<String, f64> = self.gold.positive_f1(names).into_iter().collect();
        if names.len() == 2 {
            more.extend(auc(&self.margins).map(|auc| ("auc".to_owned(), auc)));
        } else if self.ambiguous[0] > 0 {
            let [all, right] = self.ambiguous;
            let share = right as f64 / all as f64;
            more.insert("accuracy_ambiguous_words".to_owned(), share);
        }
        let gold = self.gold.scores();
        if (1..self.spans).contains(&gold.decisions) {
            more.insert("accuracy_gold".to_owned(), gold.accuracy);
        }
        Scores {
            macro_f1: (!self.margins.is_empty()).then(|| self.gold.macro_f1()),
            more,
            ..Scores::of_counts(
                self.examples,
                [self.spans, self.right, self.right_by_baseline],
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Labelled;
    use super::*;
    use crate::config::{Preset, Task};
    use crate::data::examples::Example;
    use crate::data::span_words::WordSpan;

    #[test]
    fn a_span_is_right_with_any_of_its_classes() {
        let mut scorer =
            LabelScorer::new(&Store::of([]), &Config::preset(Preset::Paper, Task::Labels));
        scorer.usual = Some(0);
        scorer.count((&[0, 2], 5), 2, 0.0);
        scorer.count((&[1], 6), 0, -1.0);
        scorer.count((&[1], 6), 1, 2.0);
        scorer.count((&[0], 7), 0, -2.0);
        let names = ["kept".to_owned(), "replaced".to_owned()];
        let found = scorer.scores(&Store::of([]), &names);
        assert_eq!(
            (found.decisions, found.accuracy, found.baseline),
            (4, 0.75, 0.5)
        );
        assert_eq!(
            (found.more["f1_replaced"], found.more["auc"]),
            (2.0 / 3.0, 1.0)
        );
        assert_eq!(found.macro_f1, Some(2.0 / 3.0));
    }

    #[test]
    fn words_with_several_classes_are_scored_apart() {
        let target = |spans: &[(u64, &[u16])]| {
            let spans = spans
                .iter()
                .zip(0..)
                .map(|(&(lemma, allowed), number)| Labelled {
                    span: WordSpan {
                        number,
                        first: number as u16,
                        last: number as u16,
                    },
                    lemma,
                    allowed,
                });
            LabelTarget::of(&[1, 2, 3, 4], &spans.collect::<Vec<_>>())
        };
        // 5 has two classes in two examples, 6 in one, 7 the same in both.
        let train = [
            target(&[(5, &[0]), (6, &[1, 2]), (7, &[2])]),
            target(&[(5, &[1]), (7, &[2])]),
        ];
        let train = train.map(|target| Example {
            ids: vec![1],
            target,
        });
        let config = Config::preset(Preset::Paper, Task::Labels);
        let mut scorer = LabelScorer::new(&Store::of(train), &config);
        for (lemma, allowed, class) in [
            (5, &[0][..], 0),
            (6, &[2], 1),
            (7, &[2], 2),
            (8, &[1], 1),
            (8, &[0, 1], 2),
        ] {
            scorer.count((allowed, lemma), class, 0.0);
        }
        let names = ["a", "b", "c"].map(str::to_owned);
        let found = scorer.scores(&Store::of([]), &names);
        assert_eq!(found.accuracy, 3.0 / 5.0);
        assert_eq!(found.more["accuracy_gold"], 3.0 / 4.0);
        assert_eq!(found.more["accuracy_ambiguous_words"], 1.0 / 3.0);
    }
}
