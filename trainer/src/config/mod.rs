//! Every setting that shapes the result of a run, with the presets.
//!
//! Threads, device and folders are not here: they change how fast a run is and where it lies, not
//! what it computes.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

pub use crate::config::benchmark::Benchmark;
pub use crate::config::objective::{
    LabelLoss, LinkLoss, LinkPrior, Objective, PairLoss, SpanPooling, Vectors,
};
use crate::config::presets::Defaults;
use crate::config::presets::Recipe;
pub use crate::config::presets::Schedule;
pub use crate::config::recipe::{
    Entity, EpsilonPlacement, Fuse, Fusion, MarkersWithin, Pads, ParserHead, ParserLoss, Plug,
    Preset, RelationHead, SchedulerStep,
};
pub use crate::config::scaled::BackboneShape;
use crate::libtorch::device::Precision;

pub mod benchmark;
mod by_name;
pub mod embedding;
pub mod objective;
pub mod plug;
mod presets;
pub mod recipe;
pub mod reference;
mod rules;
pub mod scaled;

/// What is learnt from a dataset; its manifest's record type says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// The relation between two marked entities (factual adapter).
    Relation,
    /// The head of each word (linguistic adapter).
    Dependency,
    /// The types of a marked entity (fine-tuning only).
    #[value(skip)]
    Typing,
    /// The right one of several answers (fine-tuning only).
    #[value(skip)]
    Choice,
    /// The answer's place in a paragraph (fine-tuning only).
    #[value(skip)]
    Span,
    /// What two phrases are to each other: related words, real facts.
    #[value(skip)]
    Pair,
    /// The classes of spans: supersenses, replaced entities.
    #[value(skip)]
    Labels,
    /// The entity that a span means.
    #[value(skip)]
    Link,
}

/// What is trained, on the frozen backbone or of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Variant {
    /// An adapter on the frozen backbone, with a prediction head on both.
    Adapter,
    /// No adapter: a prediction head on the frozen backbone's last hidden state alone.
    Backbone,
    /// A randomly initialised adapter that keeps its initial values: the prediction head alone is trained.
    // A row of the paper's comparisons ("w/o knowledge"): the values that `Adapter` starts from with the same seed, without
    // dropout.
    Random,
    /// The whole backbone, on alternating batches of relations and dependencies (multi-task).
    // Another row of the paper's comparisons, and the one variant that changes a backbone: its own copy.
    Multitask,
    /// `ktrain finetune`: the whole backbone, its own copy, with a task's head on it and on frozen
    /// adapters.
    #[value(skip)]
    Finetune,
}

impl Variant {
    /// Whether the backbone itself is trained, a copy of its own.
    pub fn trains_backbone(self) -> bool {
        matches!(self, Self::Multitask | Self::Finetune)
    }
}

/// The settings of a run. What each means and takes is said once, in [`reference::PARTS`], from which `ktrain settings` and
/// `docs/settings.md` are made.
#[allow(missing_docs)] // said there
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub task: Task,
    pub preset: Preset,
    #[serde(default)]
    pub objective: Objective,
    pub variant: Variant,
    pub benchmark: Option<Benchmark>,
    pub adapters: Option<usize>,
    pub fusion: Option<Fusion>,
    pub seed: u64,
    pub order_seed: Option<u64>,
    pub precision: Precision,

    pub max_length: usize,
    pub batch_size: usize,
    pub batch_tokens: usize,
    pub gradient_accumulation_steps: usize,
    #[serde(default)]
    pub gradient_checkpointing: bool,
    pub cached_states: bool,
    pub length_pool: usize,

    pub adapter_layers: usize,
    pub adapter_transformer_layers: usize,
    pub adapter_hidden_size: i64,
    pub adapter_attention_heads: i64,
    pub adapter_ffn_size: i64,
    pub adapter_dropout: f64,
    pub adapter_layer_norm_eps: f64,
    pub adapter_init_std: f64,
    pub adapter_fuse: Fuse,
    pub adapter_plug: Plug,
    pub adapter_pads: Pads,
    pub entity: Entity,
    #[serde(default)]
    pub markers_within_max_length: MarkersWithin,
    pub relation_head: RelationHead,
    pub parser: ParserHead,
    pub biaffine_size: i64,
    pub parser_loss: ParserLoss,
    #[serde(default)]
    pub span_pooling: SpanPooling,
    #[serde(default)]
    pub pair_loss: PairLoss,
    #[serde(default)]
    pub mask_words: f64,
    #[serde(default)]
    pub label_loss: LabelLoss,
    #[serde(default)]
    pub link_loss: LinkLoss,
    #[serde(default)]
    pub link_prior: LinkPrior,
    #[serde(default)]
    pub mask_mentions: f64,
    #[serde(default)]
    pub extra_candidates: usize,
    #[serde(default)]
    pub vectors: Vectors,
    #[serde(default = "vector_size")]
    pub vector_size: i64,

    pub epochs: u64,
    pub max_steps: u64,
    pub learning_rate: f64,
    pub warmup_steps: u64,
    #[serde(default)]
    pub lr_scheduler_step: SchedulerStep,
    pub adam_beta1: f64,
    pub adam_beta2: f64,
    pub adam_epsilon: f64,
    #[serde(default)]
    pub adam_epsilon_placement: EpsilonPlacement,
    pub weight_decay: f64,
    pub clip_norm: f64,

    pub eval_every: u64,
    pub eval_examples: usize,
    pub early_stopping_patience: Option<u64>,
    pub save_every: u64,
    pub log_every: u64,
}

/// That of `TransE` in ERNIE.
fn vector_size() -> i64 {
    100
}

/// Which rows are short enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthLimit {
    /// Longest input in tokens, special ones included.
    pub max_length: usize,
    /// Which markers of two entities must lie within it.
    pub markers: MarkersWithin,
}

/// With all markers.
impl From<usize> for LengthLimit {
    fn from(max_length: usize) -> Self {
        Self {
            max_length,
            markers: MarkersWithin::All,
        }
    }
}

impl Config {
    /// The preset's settings for a task. Where the paper states no value (warm-up), there is none.
    #[rustfmt::skip] // it is a table
    pub fn preset(preset: Preset, task: Task) -> Self {
        let schedule = (task.facts().schedule)(preset);
        let recipe = Recipe::preset(preset);
        Self {
            task, preset, objective: Objective::KAdapter, variant: Variant::Adapter,
            benchmark: None, adapters: None, fusion: None,
            seed: 42, order_seed: None, precision: Precision::Auto,

            max_length: schedule.max_length,
            batch_size: schedule.batch_size,
            batch_tokens: 0,
            gradient_accumulation_steps: 1, gradient_checkpointing: false,
            cached_states: false, length_pool: 64,

            adapter_layers: 3, adapter_transformer_layers: 2,
            adapter_hidden_size: 768, adapter_attention_heads: 12, adapter_ffn_size: 3072,
            adapter_dropout: 0.1, adapter_layer_norm_eps: 1e-5, adapter_init_std: 0.0002,
            adapter_fuse: recipe.adapter_fuse,
            adapter_plug: recipe.adapter_plug,
            adapter_pads: recipe.adapter_pads,

            entity: recipe.entity,
            markers_within_max_length: recipe.markers_within_max_length,
            relation_head: recipe.relation_head,
            parser: recipe.parser, biaffine_size: 256, parser_loss: recipe.parser_loss,
            span_pooling: SpanPooling::default(), pair_loss: PairLoss::default(),
            mask_words: 0.0, label_loss: LabelLoss::default(),
            link_loss: LinkLoss::default(), link_prior: LinkPrior::default(),
            mask_mentions: 0.0, extra_candidates: 0,
            vectors: Vectors::default(), vector_size: vector_size(),

            epochs: schedule.epochs, max_steps: 0,
            learning_rate: schedule.learning_rate,
            warmup_steps: schedule.warmup_steps,
            lr_scheduler_step: recipe.lr_scheduler_step,
            adam_beta1: 0.9, adam_beta2: 0.999, adam_epsilon: 1e-8,
            adam_epsilon_placement: recipe.adam_epsilon_placement,
            weight_decay: 0.0, clip_norm: 1.0,

            eval_every: 0, eval_examples: 10_000, early_stopping_patience: None,
            save_every: 0, log_every: 10,
        }
    }

    /// The preset's settings for a task with an objective.
    pub fn of_objective(preset: Preset, task: Task, objective: Objective) -> Self {
        let config = Self::preset(preset, task);
        let Some(row) = Defaults::of(objective) else {
            return config;
        };
        Self {
            objective,
            max_length: row.schedule.max_length,
            batch_size: row.schedule.batch_size,
            learning_rate: row.schedule.learning_rate,
            epochs: row.schedule.epochs,
            warmup_steps: row.schedule.warmup_steps,
            span_pooling: row.span_pooling,
            mask_words: row.mask_words,
            label_loss: row.label_loss,
            link_loss: row.link_loss,
            mask_mentions: row.mask_mentions,
            extra_candidates: row.extra_candidates,
            ..config
        }
    }

    /// The hidden states that the adapter reads of a backbone with so many layers (0 = embeddings);
    /// none without an adapter.
    pub fn plug_points(&self, backbone_layers: usize) -> Vec<usize> {
        match self.variant {
            Variant::Adapter | Variant::Random => self
                .adapter_plug
                .points(backbone_layers, self.adapter_layers),
            Variant::Backbone | Variant::Multitask | Variant::Finetune => Vec::new(),
        }
    }

    /// Which rows are short enough to be learnt from.
    pub fn length_limit(&self) -> LengthLimit {
        LengthLimit {
            max_length: self.max_length,
            markers: self.markers_within_max_length,
        }
    }

    /// To how many positions every input is padded, where the result depends on it.
    pub fn pads_to(&self) -> Option<usize> {
        let has_adapter = match self.variant {
            Variant::Adapter | Variant::Random => true,
            Variant::Backbone | Variant::Multitask => false,
            Variant::Finetune => self.adapters.is_some_and(|adapters| adapters > 0),
        };
        let attended = has_adapter && self.adapter_pads == Pads::Attended;
        attended.then_some(self.max_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper() -> Config {
        Config::preset(Preset::Paper, Task::Relation)
    }

    #[test]
    fn the_released_code_differs_from_the_paper_in_these_settings_alone() {
        let released = |task| Config::preset(Preset::Released, task);
        let architecture = [
            "adapter_fuse is \"add\", was \"concat\"",
            "adapter_plug is \"before\", was \"after\"",
            "adapter_pads is \"attended\", was \"masked\"",
            "entity is \"marker\", was \"mean\"",
            "markers_within_max_length is \"opening\", was \"all\"",
            "relation_head is \"stacked\", was \"linear\"",
            "parser is \"released\", was \"linear\"",
            "parser_loss is \"cross_entropy\", was \"bce\"",
        ];
        let relation = [
            &[
                "preset is \"released\", was \"paper\"",
                "batch_size is 256, was 128",
            ],
            &architecture[..],
            &[
                "learning_rate is 0.00005, was 0.00002",
                "warmup_steps is 1200, was 0",
                "lr_scheduler_step is \"before_optimizer\", was \"after_optimizer\"",
                "adam_epsilon_placement is \"before_bias_correction\", was \"after_bias_correction\"",
            ],
        ];
        assert_eq!(
            released(Task::Relation).differences(&paper()),
            relation.concat()
        );
        let heads = released(Task::Dependency);
        assert_eq!(
            (
                heads.max_length,
                heads.batch_size,
                heads.learning_rate,
                heads.epochs,
                heads.warmup_steps
            ),
            (64, 128, 2e-5, 10, 500)
        );
    }
}
