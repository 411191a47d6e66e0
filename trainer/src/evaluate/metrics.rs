//! Scores by their published definitions, and the baselines that stand beside them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tch::Tensor;

use crate::Result;
use crate::config::Task;
use crate::evaluate::official_score::Official;

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
    /// Other figures of the task, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, f64>,
}

impl Scores {
    /// What models are chosen by: the benchmark's score, or else the accuracy.
    pub fn score(&self) -> f64 {
        let official = self.official.as_ref();
        official.map_or(self.accuracy, |official| official.score)
    }
}

impl Scores {
    /// Adds accuracy and macro-F1 of the same split with other settings.
    pub(crate) fn add(&mut self, what: &str, others: &Self) {
        let macro_f1 = others.macro_f1.map(|f1| (format!("macro_f1_{what}"), f1));
        let accuracy = (format!("accuracy_{what}"), others.accuracy);
        self.more.extend(macro_f1.into_iter().chain([accuracy]));
    }

    /// Of so many examples: how many decisions there were, how many were right, and how many of the baseline's.
    pub(crate) fn of_counts(examples: u64, [decisions, right, baseline]: [u64; 3]) -> Self {
        let share = |count: u64| count as f64 / decisions.max(1) as f64;
        Self {
            examples,
            decisions,
            accuracy: share(right),
            macro_f1: None,
            baseline: share(baseline),
            official: None,
            more: BTreeMap::new(),
        }
    }
}

/// What the figures are called for people.
#[derive(Debug, Clone, Copy)]
pub struct Names {
    /// Of [`Scores::accuracy`].
    pub score: &'static str,
    /// Of [`Scores::baseline`].
    pub baseline: &'static str,
}

/// The most frequent item, the lowest of several.
pub(crate) fn most_frequent<T: Ord>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_insert(0u64) += 1;
    }
    let counts = counts.into_iter().rev();
    counts.max_by_key(|&(_, count)| count).map(|(item, _)| item)
}

/// All numbers of a tensor.
pub(crate) fn numbers(tensor: &Tensor) -> Result<Vec<i64>> {
    Ok(Vec::try_from(tensor.flatten(0, -1))?)
}

/// What the scores of several tasks come to: the means of score and baseline.
pub fn together(all: &[(Task, Scores)]) -> Option<(Names, Scores)> {
    let [(task, scores), others @ ..] = all else {
        return None;
    };
    if others.is_empty() {
        return Some((task.facts().figures, scores.clone()));
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
        more: BTreeMap::new(),
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

/// `accuracy 0.8123 against 0.2011 (majority)  macro-F1 0.7011`.
pub(crate) fn in_words(names: &Names, scores: &Scores) -> String {
    let macro_f1 = scores
        .macro_f1
        .map_or(String::new(), |f1| format!("  macro-F1 {f1:.4}"));
    let official = scores.official.as_ref().map_or(String::new(), |official| {
        let Official { name, score, more } = official;
        let more = more
            .iter()
            .map(|(name, share)| format!("  {name} {share:.4}"));
        format!("{name} {score:.4}{}  ", more.collect::<String>())
    });
    format!(
        "{official}{} {:.4} against {:.4} ({}){macro_f1}",
        names.score, scores.accuracy, scores.baseline, names.baseline
    )
}

/// A line for each of the task's other figures.
pub(crate) fn others_in_words(scores: &Scores) -> Vec<String> {
    let figures = scores.more.iter();
    let lines = figures.map(|(name, figure)| format!("{figure:.4}  {}", name.replace('_', " ")));
    lines.collect()
}
