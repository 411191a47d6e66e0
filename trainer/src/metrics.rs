//! Scores by their published definitions, and the baselines that stand beside them.

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::Result;
use crate::batch::{Batch, Targets};
use crate::config::{Benchmark, Task};
use crate::data::Lesson;
use crate::frozen::Frozen;
use crate::model::Model;
use crate::official::spans::Spans;
use crate::official::{self, Official};
use crate::order;
use crate::scoring::labels::Typed;
use crate::store::Store;

/// How good a model is on a split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Sentences scored.
    pub examples: u64,
    /// Decisions scored: sentences for relations, words with a head for heads.
    pub decisions: u64,
    /// Relations: share of sentences with the right relation (which, with one label each, is also
    /// the micro-averaged F1). Heads: share of words with the right head (UAS).
    pub accuracy: f64,
    /// Unweighted mean of the classes' F1, over the classes that occur among the labels or the
    /// predictions. Relations only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub macro_f1: Option<f64>,
    /// The accuracy of a guess without a model. Relations: the training split's most frequent
    /// relation. Heads: the word to the right, the root for the last word.
    pub baseline: f64,
    /// The scores of the benchmark, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<Official>,
}

impl Scores {
    /// What models are chosen by: the benchmark's score, or else the accuracy.
    pub fn score(&self) -> f64 {
        let official = self.official.as_ref();
        official.map_or(self.accuracy, |official| official.score)
    }
}

/// What the figures are called for people.
pub struct Names {
    /// Of [`Scores::accuracy`].
    pub score: &'static str,
    /// Of [`Scores::baseline`].
    pub baseline: &'static str,
}

/// The names for a task.
pub fn names(task: Task) -> Names {
    match task {
        Task::Relation | Task::Choice => Names {
            score: "accuracy",
            baseline: "majority",
        },
        Task::Heads => Names {
            score: "UAS",
            baseline: "right neighbour",
        },
        Task::Typing => Names {
            score: "strict accuracy",
            baseline: "most frequent types",
        },
        Task::Span => Names {
            score: "exact match",
            baseline: "no answer",
        },
    }
}

/// What the scores of several tasks come to: the means of score and baseline.
pub fn together(all: &[(Task, Scores)]) -> Option<(Names, Scores)> {
    let [(task, scores), others @ ..] = all else {
        return None;
    };
    if others.is_empty() {
        return Some((names(*task), scores.clone()));
    }
    let mean = |of: fn(&Scores) -> f64| {
        all.iter().map(|(_, scores)| of(scores)).sum::<f64>() / all.len() as f64
    };
    let mean = Scores {
        examples: all.iter().map(|(_, scores)| scores.examples).sum(),
        decisions: all.iter().map(|(_, scores)| scores.decisions).sum(),
        accuracy: mean(|scores| scores.accuracy),
        macro_f1: None,
        baseline: mean(|scores| scores.baseline),
        official: None,
    };
    Some((names_together(), mean))
}

/// What the means over several tasks are called.
pub fn names_together() -> Names {
    Names {
        score: "mean score",
        baseline: "mean baseline",
    }
}

/// Scores models that read the same batches on at most so many examples (0 = all) of a split of a
/// lesson, on one pass through the backbone.
///
/// # Errors
/// [`crate::Error::Torch`].
pub fn evaluate(
    frozen: &Frozen,
    models: &[&Model],
    lesson: &Lesson,
    store: &Store,
    most: usize,
) -> Result<Vec<Scores>> {
    let _guard = tch::no_grad_guard();
    let (config, majority) = (lesson.config, lesson.data.train.targets().majority());
    let usual = lesson
        .data
        .train
        .targets()
        .usual_types()
        .unwrap_or_default()
        .to_vec();
    let examples = store.sample(most);
    let mut counts = vec![Count::default(); models.len()];
    let device = frozen.backbone.device();
    for examples in order::in_order_of_length(store, config, examples) {
        let pad = models.first().map_or(0, |model| model.pad());
        let batch = Batch::new(store, config, pad, &examples).to_device(device);
        let states = frozen.states(&batch);
        for (model, count) in models.iter().zip(&mut counts) {
            let predicted = model.predict(&states, &batch)?;
            if let Targets::Span { .. } = &batch.targets {
                count.spans.add(&examples, &predicted)?;
                count.examples += examples.len() as u64;
                continue;
            }
            let predicted = Vec::<i64>::try_from(predicted.flatten(0, -1))?;
            match &batch.targets {
                Targets::Relation { label_b, .. } => {
                    let labels = numbers(label_b)?;
                    count.relations(&labels, &predicted, majority);
                    if config.benchmark.is_some() {
                        count.pairs.extend(labels.into_iter().zip(predicted));
                    }
                }
                Targets::Choice { label_b, .. } => {
                    count.relations(&numbers(label_b)?, &predicted, majority);
                }
                Targets::Typing { .. } => {
                    // FIGER's entities have a type, so the most probable one counts in any case.
                    let takes_best = config.benchmark == Some(Benchmark::Figer);
                    count.types(store, &examples, &predicted, &usual, takes_best);
                }
                Targets::Span { .. } => {}
                Targets::Heads { head_w, .. } => {
                    let words = examples.iter().flat_map(|&i| store.targets().words(i));
                    let right: Vec<i64> = words.map(|word| i64::from(word.right)).collect();
                    count.heads(&numbers(head_w)?, &predicted, &right);
                }
            }
            count.examples += examples.len() as u64;
        }
    }
    let names = &lesson.dataset.manifest.class_names;
    for count in &mut counts {
        if config.task == Task::Span {
            (count.decisions, count.right) = count.spans.exact(store);
        }
    }
    let scores = counts.iter().map(|count| Scores {
        official: match config.task {
            Task::Typing => official::typing(config.benchmark, &count.typed),
            Task::Span => Some(count.spans.official(store)),
            _ => official::relation(config.benchmark, names, &count.pairs),
        },
        ..count.scores(config.task)
    });
    Ok(scores.collect())
}

fn numbers(tensor: &Tensor) -> Result<Vec<i64>> {
    Ok(Vec::try_from(tensor)?)
}

#[derive(Default, Clone)]
struct Count {
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

impl Count {
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

    fn scores(&self, task: Task) -> Scores {
        let share = |count: u64| count as f64 / self.decisions.max(1) as f64;
        let f1: Vec<f64> = self.classes.iter().filter_map(Class::f1).collect();
        Scores {
            examples: self.examples,
            decisions: self.decisions,
            accuracy: share(self.right),
            macro_f1: (task == Task::Relation)
                .then(|| f1.iter().sum::<f64>() / f1.len().max(1) as f64),
            baseline: share(self.right_by_baseline),
            official: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_scored_as_by_hand() {
        let mut count = Count::default();
        // Class 0: TP 2, FP 1, FN 1; class 1: TP 1, FP 0, FN 1; class 3: FP 1; class 2 never occurs.
        count.relations(&[0, 0, 0, 1, 1], &[0, 0, 3, 1, 0], Some(0));
        let scores = count.scores(Task::Relation);
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
        let scores = count.scores(Task::Heads);
        assert_eq!(
            (scores.accuracy, scores.baseline, scores.macro_f1),
            (0.5, 0.25, None)
        );
    }
}
