//! Scores by their published definitions, and the baselines that stand beside them.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::config::Task;
use crate::data::batch::Batch;
use crate::data::dataset::Lesson;
use crate::data::sampler;
use crate::data::store::Store;
use crate::evaluate::official_score::Official;
use crate::model::frozen::Frozen;
use crate::model::task_model::Model;

mod count;

use count::{Count, Usual};

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
        Task::Dependency => Names {
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
    let (config, train) = (lesson.config, &lesson.data.train);
    let usual = Usual {
        class: train.targets().majority(),
        types: train.targets().usual_types().unwrap_or_default(),
    };
    // The paragraphs of a question are scored together or not at all.
    let most = if config.task == Task::Span { 0 } else { most };
    let mut counts = vec![Count::default(); models.len()];
    let device = frozen.backbone.device();
    for examples in sampler::in_order_of_length(store, config, store.sample(most)) {
        let pad = models.first().map_or(0, |model| model.pad());
        let batch = Batch::new(store, config, pad, &examples).to_device(device);
        let states = frozen.states(&batch);
        for (model, count) in models.iter().zip(&mut counts) {
            let predicted = model.predict(&states, &batch)?;
            count.add(config, store, &examples, &batch.targets, &predicted, &usual)?;
        }
    }
    let names = &lesson.dataset.manifest.class_names;
    let scores = counts
        .iter()
        .map(|count| count.scores(config, names, store));
    Ok(scores.collect())
}
