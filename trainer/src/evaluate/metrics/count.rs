//! What was right and wrong among a split's predictions.

use tch::Tensor;

use super::Scores;
use crate::Result;
use crate::config::{Benchmark, Config, Task};
use crate::data::batch::Targets;
use crate::data::store::Store;
use crate::evaluate::official_score::{self, spans::Spans};
use crate::evaluate::scoring::labels::Typed;

fn numbers(tensor: &Tensor) -> Result<Vec<i64>> {
    Ok(Vec::try_from(tensor)?)
}

/// What was right and wrong so far.
#[derive(Default, Clone)]
pub(super) struct Count {
    examples: u64,
    decisions: u64,
    right: u64,
    right_by_baseline: u64,
    classes: Vec<Class>,
    /// Labels and predictions, for the scores of a benchmark.
    pairs: Vec<(i64, i64)>,
    /// Types of entities, as the benchmark reads the predictions.
    typed: Vec<Typed>,
    /// Answers.
    spans: Spans,
}

/// Outcomes of one class.
#[derive(Default, Clone)]
struct Class {
    true_positive: u64,
    false_positive: u64,
    false_negative: u64,
}

impl Class {
    /// 2·TP / (2·TP + FP + FN); `None` for a class that never occurs.
    fn f1(&self) -> Option<f64> {
        let occurrences = 2 * self.true_positive + self.false_positive + self.false_negative;
        (occurrences > 0).then(|| 2.0 * self.true_positive as f64 / occurrences as f64)
    }
}

/// The guesses of the baselines.
pub(super) struct Usual<'a> {
    /// The most frequent label of the training split.
    pub(super) class: Option<u16>,
    /// Its most frequent set of types.
    pub(super) types: &'a [u16],
}

impl Count {
    /// Counts the predictions for a batch of these examples: what [`crate::model::heads::predictions`] says.
    pub(super) fn add(
        &mut self,
        config: &Config,
        store: &Store,
        examples: &[usize],
        targets: &Targets,
        predicted: &Tensor,
        usual: &Usual,
    ) -> Result<()> {
        self.examples += examples.len() as u64;
        if let Targets::Span { .. } = targets {
            return self.spans.add(examples, predicted);
        }
        let predicted = numbers(&predicted.flatten(0, -1))?;
        match targets {
            Targets::Relation { label_b, .. } | Targets::Choice { label_b, .. } => {
                let labels = numbers(label_b)?;
                self.relations(&labels, &predicted, usual.class);
                if config.benchmark.is_some() {
                    self.pairs.extend(labels.into_iter().zip(predicted));
                }
            }
            Targets::Typing { .. } => {
                // FIGER's entities have a type, so the most probable one counts in any case.
                let takes_best = config.benchmark == Some(Benchmark::Figer);
                self.types(store, examples, &predicted, usual.types, takes_best);
            }
            Targets::Heads { head_w, .. } => {
                let words = examples.iter().flat_map(|&i| store.targets().words(i));
                let right: Vec<i64> = words.map(|word| i64::from(word.right)).collect();
                self.heads(&numbers(head_w)?, &predicted, &right);
            }
            Targets::Span { .. } => {}
        }
        Ok(())
    }

    fn relations(&mut self, labels: &[i64], predicted: &[i64], majority: Option<u16>) {
        for (&label, &guess) in labels.iter().zip(predicted) {
            self.decisions += 1;
            self.right += u64::from(label == guess);
            self.right_by_baseline += u64::from(majority.map(i64::from) == Some(label));
            let needed = label.max(guess) as usize + 1;
            if self.classes.len() < needed {
                self.classes.resize(needed, Class::default());
            }
            if label == guess {
                self.classes[label as usize].true_positive += 1;
            } else {
                self.classes[label as usize].false_negative += 1;
                self.classes[guess as usize].false_positive += 1;
            }
        }
    }

    fn types(
        &mut self,
        store: &Store,
        examples: &[usize],
        predicted: &[i64],
        usual: &[u16],
        takes_best: bool,
    ) {
        let classes = predicted.len() / examples.len().max(1);
        for (&i, predicted) in examples.iter().zip(predicted.chunks(classes.max(1))) {
            let Some((_, labels)) = store.targets().typing(i) else {
                continue;
            };
            let gold: Vec<u32> = labels.iter().map(|&label| label.into()).collect();
            let predicted = (0..).zip(predicted);
            let predicted = predicted.filter(|&(_, &how)| how & 1 == 1 || (takes_best && how > 1));
            let predicted: Vec<u32> = predicted.map(|(class, _)| class).collect();
            self.decisions += 1;
            self.right += u64::from(gold == predicted);
            self.right_by_baseline += u64::from(labels == usual);
            self.typed.push(Typed { gold, predicted });
        }
    }

    fn heads(&mut self, heads: &[i64], predicted: &[i64], right_neighbours: &[i64]) {
        for ((head, guess), right) in heads.iter().zip(predicted).zip(right_neighbours) {
            self.decisions += 1;
            self.right += u64::from(head == guess);
            self.right_by_baseline += u64::from(head == right);
        }
    }

    /// What it all comes to. `names` are those of the classes.
    pub(super) fn scores(&self, config: &Config, names: &[String], store: &Store) -> Scores {
        let (task, benchmark) = (config.task, config.benchmark);
        let official = match task {
            Task::Typing => official_score::typing(benchmark, &self.typed),
            Task::Span => Some(self.spans.official(store)),
            _ => official_score::relation(benchmark, names, &self.pairs),
        };
        let (decisions, right) = match task {
            Task::Span => self.spans.exact(store),
            _ => (self.decisions, self.right),
        };
        let share = |count: u64| count as f64 / decisions.max(1) as f64;
        let f1: Vec<f64> = self.classes.iter().filter_map(Class::f1).collect();
        Scores {
            examples: self.examples,
            decisions,
            accuracy: share(right),
            macro_f1: (task == Task::Relation)
                .then(|| f1.iter().sum::<f64>() / f1.len().max(1) as f64),
            baseline: share(self.right_by_baseline),
            official,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Preset;

    fn config(task: Task) -> Config {
        Config::preset(Preset::Paper, task)
    }

    fn none() -> Store {
        Store::of(Task::Relation, [])
    }

    #[test]
    fn relations_are_scored_as_by_hand() {
        let mut count = Count::default();
        // Class 0: TP 2, FP 1, FN 1; class 1: TP 1, FP 0, FN 1; class 3: FP 1; class 2 never occurs.
        count.relations(&[0, 0, 0, 1, 1], &[0, 0, 3, 1, 0], Some(0));
        let scores = count.scores(&config(Task::Relation), &[], &none());
        assert_eq!(
            (scores.decisions, scores.accuracy, scores.baseline),
            (5, 0.6, 0.6)
        );
        let expected = (4.0 / 6.0 + 2.0 / 3.0 + 0.0) / 3.0;
        assert!((scores.macro_f1.unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn heads_are_scored_by_word() {
        let mut count = Count::default();
        count.heads(&[2, 0, 2, 4], &[2, 0, 1, 1], &[2, 3, 4, 0]);
        let scores = count.scores(&config(Task::Dependency), &[], &none());
        assert_eq!(
            (scores.accuracy, scores.baseline, scores.macro_f1),
            (0.5, 0.25, None)
        );
    }
}
