//! The downstream benchmarks of K-Adapter: which data is theirs, and the settings with which the paper's best
//! figures were reached.

use clap::ValueEnum;
use kprep_schemas::Dataset;
use serde::{Deserialize, Serialize};

use crate::config::recipe::Fusion;
use crate::config::{Config, Entity, Preset, RelationHead, SchedulerStep, Task, Variant};
use crate::evaluate::scoring::classes;
use crate::{Error, Result};

/// A benchmark, or a plain task without one.
#[allow(clippy::doc_markdown)] // help shows these names as they are
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Benchmark {
    /// Relations with accuracy and macro-F1.
    Relation,
    /// TACRED, with the labels of TACREV or Re-TACRED, too.
    Tacred,
    /// SemEval-2010 Task 8.
    Semeval,
    /// OpenEntity: nine types.
    Openentity,
    /// FIGER: 113 types.
    Figer,
    /// Multiple choice: CosmosQA, four answers.
    Cosmosqa,
    /// SearchQA: answers in paragraphs.
    Searchqa,
    /// Quasar-T: answers in paragraphs.
    #[serde(rename = "quasar-t")]
    QuasarT,
}

impl Benchmark {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relation => "relation",
            Self::Tacred => "tacred",
            Self::Semeval => "semeval",
            Self::Openentity => "openentity",
            Self::Figer => "figer",
            Self::Cosmosqa => "cosmosqa",
            Self::Searchqa => "searchqa",
            Self::QuasarT => "quasar-t",
        }
    }

    /// What is learnt.
    pub fn task(self) -> Task {
        match self {
            Self::Relation | Self::Tacred | Self::Semeval => Task::Relation,
            Self::Openentity | Self::Figer => Task::Typing,
            Self::Cosmosqa => Task::Choice,
            Self::Searchqa | Self::QuasarT => Task::Span,
        }
    }

    /// Whether a dataset has the records of this benchmark.
    ///
    /// # Errors
    /// [`Error::Unusable`] if it has not.
    pub fn check(self, dataset: &Dataset) -> Result<()> {
        let names = &dataset.manifest.class_names;
        if Task::of_dataset(dataset) != Some(self.task()) {
            return Err(refused(dataset, &format!("no data for {}", self.name())));
        }
        let lacks = match self {
            Self::Tacred if !names.iter().any(|name| name == classes::NO_RELATION) => {
                "a class no_relation"
            }
            Self::Semeval if !classes::are_directed(names.iter().map(String::as_str)) => {
                "classes with a direction, such as Cause-Effect(e1,e2)"
            }
            _ => return Ok(()),
        };
        Err(refused(dataset, &format!("{} needs {lacks}", self.name())))
    }

    /// The paper's best settings with this knowledge (its appendix; what it leaves open is ours: OpenEntity's epochs,
    /// and all of SemEval-2010 Task 8's, which it does not report: those of TACRED). The adapters' own settings are
    /// still to be taken from them.
    pub fn config(self, preset: Preset, knowledge: Knowing) -> Config {
        let warm_up = |factual, linguistic, both| match knowledge {
            Knowing::Factual => factual,
            Knowing::Linguistic => linguistic,
            Knowing::Both => both,
        };
        let both = knowledge == Knowing::Both;
        let (max_length, batch_size, learning_rate, warmup_steps, epochs) = match self {
            Self::Relation | Self::Tacred | Self::Semeval => {
                let rate = if both { 5e-6 } else { 1e-5 };
                (184, 32, rate, warm_up(500, 200, 1000), 5)
            }
            Self::Openentity => (256, 4, 5e-6, warm_up(500, 1000, 1000), 5),
            Self::Figer => (256, 2048, 5e-6, warm_up(500, 200, 1000), 3),
            Self::Cosmosqa => (256, 64, 1e-5, 0, 3),
            Self::Searchqa => (128, 8, 5e-6, 0, 2),
            Self::QuasarT => (256, 16, 1e-5, 0, 5),
        };
        Config {
            variant: Variant::Finetune,
            benchmark: Some(self),
            adapters: Some(0),
            fusion: Some(match preset {
                Preset::Scaled | Preset::Paper => Fusion::Concat,
                Preset::Released => Fusion::Project,
            }),
            entity: Entity::Marker,
            relation_head: RelationHead::Linear,
            // The released scripts step the scheduler first in pre-training alone.
            lr_scheduler_step: SchedulerStep::AfterOptimizer,
            max_length,
            batch_size,
            learning_rate,
            warmup_steps,
            epochs,
            eval_examples: 0,
            ..Config::preset(preset, self.task())
        }
    }
}

fn refused(dataset: &Dataset, what: &str) -> Error {
    Error::Unusable {
        path: dataset.dir.clone(),
        reason: format!("holds {}: {what}", dataset.manifest.record),
    }
}

/// Which knowledge the adapters bring, as far as the paper's settings depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knowing {
    /// Factual, or none.
    Factual,
    /// Linguistic.
    Linguistic,
    /// Both.
    Both,
}

impl Knowing {
    /// What adapters know that were trained on these tasks.
    pub fn of(tasks: &[Task]) -> Self {
        let words = tasks.contains(&Task::Dependency);
        match (words, tasks.iter().any(|&task| task != Task::Dependency)) {
            (true, true) => Self::Both,
            (true, false) => Self::Linguistic,
            _ => Self::Factual,
        }
    }
}
