//! The values of the presets, where they differ: by task, by objective, and by recipe.

use kprep_schemas::Dataset;
use serde_json::Value;

use super::objective::{LabelLoss, LinkLoss, Objective, SpanPooling};
use super::{
    Entity, EpsilonPlacement, Fuse, MarkersWithin, Pads, ParserHead, ParserLoss, Plug, Preset,
    RelationHead, SchedulerStep, Task,
};
use crate::{Error, Result};

/// The settings that a preset has for each task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// [`super::Config::max_length`].
    pub max_length: usize,
    /// [`super::Config::batch_size`].
    pub batch_size: usize,
    /// [`super::Config::learning_rate`].
    pub learning_rate: f64,
    /// [`super::Config::epochs`].
    pub epochs: u64,
    /// [`super::Config::warmup_steps`].
    pub warmup_steps: u64,
}

impl Schedule {
    /// That of relations. Benchmarks have settings of their own.
    pub fn preset(preset: Preset) -> Self {
        let (batch_size, learning_rate, warmup_steps) = match preset {
            Preset::Scaled | Preset::Paper => (128, 2e-5, 0),
            Preset::Released => (256, 5e-5, 1200),
        };
        Self {
            max_length: 64,
            batch_size,
            learning_rate,
            epochs: 5,
            warmup_steps,
        }
    }
}

/// The settings that an objective other than K-Adapter's own starts from, in both presets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Defaults {
    pub(super) objective: Objective,
    pub(super) task: Task,
    pub(super) schedule: Schedule,
    pub(super) span_pooling: SpanPooling,
    pub(super) mask_words: f64,
    pub(super) label_loss: LabelLoss,
    pub(super) link_loss: LinkLoss,
    pub(super) mask_mentions: f64,
    pub(super) extra_candidates: usize,
}

impl Defaults {
    /// Those of an objective; `None` for K-Adapter's own.
    pub(super) fn of(objective: Objective) -> Option<&'static Self> {
        OBJECTIVES.iter().find(|row| row.objective == objective)
    }
}

/// What the rows below do not say.
const USUAL: Defaults = Defaults {
    objective: Objective::KAdapter,
    task: Task::Pair,
    // The papers' rates are for whole encoders or for training from scratch; an adapter on a frozen backbone needs more.
    schedule: Schedule {
        max_length: 128,
        batch_size: 128,
        learning_rate: 1e-4,
        epochs: 5,
        warmup_steps: 0,
    },
    span_pooling: SpanPooling::Mean,
    mask_words: 0.0,
    label_loss: LabelLoss::Any,
    link_loss: LinkLoss::Softmax,
    mask_mentions: 0.0,
    extra_candidates: 0,
};

/// A row for each objective.
pub(super) const OBJECTIVES: [Defaults; 6] = [
    Defaults {
        objective: Objective::Libert,
        ..USUAL
    },
    Defaults {
        objective: Objective::BertMk,
        ..USUAL
    },
    Defaults {
        objective: Objective::Sensebert,
        task: Task::Labels,
        span_pooling: SpanPooling::First,
        mask_words: 0.15,
        label_loss: LabelLoss::Set,
        ..USUAL
    },
    Defaults {
        objective: Objective::Wklm,
        task: Task::Labels,
        schedule: Schedule {
            max_length: 256, // tokens of a chunk of 128 words
            ..USUAL.schedule
        },
        span_pooling: SpanPooling::Around,
        ..USUAL
    },
    Defaults {
        objective: Objective::Knowbert,
        task: Task::Link,
        schedule: Schedule {
            batch_size: 32,
            learning_rate: 1e-3,
            ..USUAL.schedule
        },
        span_pooling: SpanPooling::Attention,
        ..USUAL
    },
    Defaults {
        objective: Objective::Ernie,
        task: Task::Link,
        schedule: Schedule {
            max_length: 256,
            epochs: 1,
            ..USUAL.schedule
        },
        span_pooling: SpanPooling::First,
        mask_mentions: 0.15,
        extra_candidates: 1024,
        ..USUAL
    },
];

impl Objective {
    /// The objectives that are not K-Adapter's own, each with its task.
    pub fn others() -> impl Iterator<Item = (Self, Task)> {
        let rows = OBJECTIVES.iter();
        rows.map(|row| (row.objective, row.task))
    }

    /// What the manifest of a dataset names, whose records are for this task.
    ///
    /// # Errors
    /// [`Error::Unusable`] for a name that is not known, or that is another task's.
    pub fn of_dataset(dataset: &Dataset, task: Task) -> Result<Self> {
        let Some(name) = &dataset.manifest.objective else {
            return Ok(Self::KAdapter);
        };
        let wrong = |reason| Error::Unusable {
            path: dataset.dir.clone(),
            reason,
        };
        let found = serde_json::from_value::<Self>(Value::String(name.clone()));
        let found = found.map_err(|_| {
            let known: Vec<String> = Self::others().map(|(one, _)| one.to_string()).collect();
            wrong(format!(
                "the manifest's objective is {name:?}, expected {} or none",
                known.join(", ")
            ))
        })?;
        match Defaults::of(found) {
            Some(row) if row.task != task => Err(wrong(format!(
                "the manifest's objective is {name}, whose records are those of the task {}, not of {}",
                row.task.name(),
                task.name()
            ))),
            _ => Ok(found),
        }
    }
}

/// The settings in which K-Adapter's paper and the code released with it differ, whatever the task.
pub(super) struct Recipe {
    pub(super) adapter_fuse: Fuse,
    pub(super) adapter_plug: Plug,
    pub(super) adapter_pads: Pads,
    pub(super) entity: Entity,
    pub(super) markers_within_max_length: MarkersWithin,
    pub(super) relation_head: RelationHead,
    pub(super) parser: ParserHead,
    pub(super) parser_loss: ParserLoss,
    pub(super) lr_scheduler_step: SchedulerStep,
    pub(super) adam_epsilon_placement: EpsilonPlacement,
}

impl Recipe {
    /// That of a preset.
    pub(super) fn preset(preset: Preset) -> Self {
        match preset {
            Preset::Scaled | Preset::Paper => Self {
                adapter_fuse: Fuse::Concat,
                adapter_plug: Plug::After,
                adapter_pads: Pads::Masked,
                entity: Entity::Mean,
                markers_within_max_length: MarkersWithin::All,
                relation_head: RelationHead::Linear,
                parser: ParserHead::Linear,
                parser_loss: ParserLoss::Binary,
                lr_scheduler_step: SchedulerStep::AfterOptimizer,
                adam_epsilon_placement: EpsilonPlacement::AfterBiasCorrection,
            },
            Preset::Released => Self {
                adapter_fuse: Fuse::Add,
                adapter_plug: Plug::Before,
                adapter_pads: Pads::Attended,
                entity: Entity::Marker,
                markers_within_max_length: MarkersWithin::Opening,
                relation_head: RelationHead::Stacked,
                parser: ParserHead::Released,
                parser_loss: ParserLoss::CrossEntropy,
                lr_scheduler_step: SchedulerStep::BeforeOptimizer,
                adam_epsilon_placement: EpsilonPlacement::BeforeBiasCorrection,
            },
        }
    }
}
