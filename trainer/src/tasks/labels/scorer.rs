//! Scores of labels, and the guess without a model beside them.

use std::collections::BTreeMap;

use kprep_schemas::LabelExample;
use tch::Tensor;

use super::LabelTargets;
use crate::Result;
use crate::config::Config;
use crate::data::store::Store;
use crate::evaluate::auc::auc;
use crate::evaluate::class_counts::ClassCounts;
use crate::evaluate::metrics::{Scorer, Scores};

/// The share of spans whose class is among the allowed ones, against the one class that is allowed most often in the
/// training split; macro-F1 over spans with one allowed class and, of two classes, the second's F1 and the area under
/// the ROC curve.
#[derive(Clone)]
pub struct LabelScorer {
    usual: Option<u16>,
    examples: u64,
    spans: u64,
    right: u64,
    right_by_baseline: u64,
    /// Spans with one allowed class.
    gold: ClassCounts,
    /// Of each of them, by how much the second class is above the first, and whether it is right.
    margins: Vec<(f64, bool)>,
}

impl LabelScorer {
    fn count(&mut self, allowed: &[u16], class: u16, margin: f64) {
        self.spans += 1;
        self.right += u64::from(allowed.contains(&class));
        let usual = self.usual.is_some_and(|usual| allowed.contains(&usual));
        self.right_by_baseline += u64::from(usual);
        if let &[gold] = allowed {
            self.gold.add(&[gold.into()], &[class.into()]);
            self.margins.push((margin, gold == 1));
        }
    }
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
        for (allowed, said) in targets.classes()?.iter().zip(predicted.chunks(2)) {
            self.count(allowed, said[0] as u16, said[1]);
        }
        Ok(())
    }

    fn scores(&self, _: &Store<LabelExample>, names: &[String]) -> Scores {
        let mut more: BTreeMap<String, f64> = self.gold.positive_f1(names).into_iter().collect();
        if names.len() == 2 {
            more.extend(auc(&self.margins).map(|auc| ("auc".to_owned(), auc)));
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
    use super::*;
    use crate::config::{Preset, Task};

    #[test]
    fn a_span_is_right_with_any_of_its_classes() {
        let mut scorer =
            LabelScorer::new(&Store::of([]), &Config::preset(Preset::Paper, Task::Labels));
        scorer.usual = Some(0);
        scorer.count(&[0, 2], 2, 0.0);
        scorer.count(&[1], 0, -1.0);
        scorer.count(&[1], 1, 2.0);
        scorer.count(&[0], 0, -2.0);
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
}
