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
use crate::libtorch::device::Precision;

pub mod benchmark;
mod by_name;
pub mod embedding;
pub mod objective;
pub mod plug;
mod presets;
pub mod recipe;
mod rules;

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

/// The settings of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is learnt.
    pub task: Task,
    /// Where the defaults came from.
    pub preset: Preset,
    /// Whose objective it is; the dataset's manifest names it.
    #[serde(default)]
    pub objective: Objective,
    /// What is trained.
    pub variant: Variant,
    /// The benchmark whose scores are computed (fine-tuning only).
    pub benchmark: Option<Benchmark>,
    /// Frozen adapters beside the backbone (fine-tuning only).
    pub adapters: Option<usize>,
    /// How their features are joined (fine-tuning only).
    pub fusion: Option<Fusion>,
    /// Seed of the initial values, the order of the data and the dropout.
    pub seed: u64,
    /// Seed of the order of the data, if it is to be another than `seed`.
    pub order_seed: Option<u64>,
    /// Precision of backbone and adapter; heads compute in fp32. Never `auto` once a run has started.
    pub precision: Precision,

    /// Longest input in tokens, special ones included.
    pub max_length: usize,
    /// Examples a step, unless `batch_tokens` says how large it is.
    pub batch_size: usize,
    /// Most tokens a step, pads included; 0 = `batch_size` counts. A longer example is a step by
    /// itself. The whole split is sorted by length, so that there are almost no pads, whatever
    /// `length_pool` is.
    pub batch_tokens: usize,
    /// Parts that a step's examples are cut into and whose gradients are added up, where they do
    /// not fit into memory together. Without dropout the step is the same whatever their number.
    pub gradient_accumulation_steps: usize,
    /// Whether a backbone that is trained keeps the input of each of its layers alone, and computes the
    /// rest again for the gradient: long inputs then take far less memory, and a step about a third
    /// longer.
    #[serde(default)]
    pub gradient_checkpointing: bool,
    /// Whether the backbone's hidden states come from a cache: their last bits depend on the batches
    /// that they were computed in.
    pub cached_states: bool,
    /// Batches whose examples are sorted by length together, so that they need little padding.
    pub length_pool: usize,

    /// Adapter layers (K).
    pub adapter_layers: usize,
    /// Transformer layers in each of them (N).
    pub adapter_transformer_layers: usize,
    /// Width inside the adapter.
    pub adapter_hidden_size: i64,
    /// Attention heads inside the adapter.
    pub adapter_attention_heads: i64,
    /// Width of the adapter's feed-forward layers.
    pub adapter_ffn_size: i64,
    /// Dropout inside the adapter, and inside a head that is more than one layer, while training.
    pub adapter_dropout: f64,
    /// Epsilon of the layer norms of the adapter and of the released head for parses.
    pub adapter_layer_norm_eps: f64,
    /// Standard deviation of the two projections' initial weights.
    pub adapter_init_std: f64,
    /// How the adapter layers join what they read.
    pub adapter_fuse: Fuse,
    /// What the adapter layers read.
    pub adapter_plug: Plug,
    /// What the adapter makes of pads.
    pub adapter_pads: Pads,
    /// What stands for an entity (relations only).
    pub entity: Entity,
    /// Which of a row's entity markers must lie within `max_length`; other rows are left out (relations only).
    #[serde(default)]
    pub markers_within_max_length: MarkersWithin,
    /// What predicts the relation (relations only).
    pub relation_head: RelationHead,
    /// What predicts the head of a word (heads only).
    pub parser: ParserHead,
    /// Width of the biaffine scorer (heads only).
    pub biaffine_size: i64,
    /// The loss of head prediction (heads only).
    pub parser_loss: ParserLoss,
    /// What stands for a span (pairs, labels and links only).
    #[serde(default)]
    pub span_pooling: SpanPooling,
    /// The loss of a pair. With `margin` batches hold a positive with all of its negatives (pairs only).
    #[serde(default)]
    pub pair_loss: PairLoss,
    /// The share of a row's words that are masked, at least one of its spans among them; the masked spans are learnt.
    /// 0 = nothing is masked, and all spans are learnt (labels only).
    #[serde(default)]
    pub mask_words: f64,
    /// The loss of a span with several allowed classes (labels only).
    #[serde(default)]
    pub label_loss: LabelLoss,
    /// The loss of a span with listed candidates (links only).
    #[serde(default)]
    pub link_loss: LinkLoss,
    /// What becomes of the priors of listed candidates (links only).
    #[serde(default)]
    pub link_prior: LinkPrior,
    /// The share of spans whose tokens become masks in training: what a span means is then to be told by the text around it
    /// (links only).
    #[serde(default)]
    pub mask_mentions: f64,
    /// Draws of more candidates in training, beside the entities of the batch, by the 3/4 power of how often an entity is
    /// meant in the training split (links without listed candidates only).
    #[serde(default)]
    pub extra_candidates: usize,
    /// Where the vectors of entities come from: `text`, `learned`, `file`, or the path of a file (links only).
    #[serde(default)]
    pub vectors: Vectors,
    /// Width of the entities' vectors, if they are not made from text (links only).
    #[serde(default = "vector_size")]
    pub vector_size: i64,

    /// Passes over the training split.
    pub epochs: u64,
    /// Steps after which to stop even so; 0 = no such limit.
    pub max_steps: u64,
    /// Highest learning rate.
    pub learning_rate: f64,
    /// Steps over which the learning rate rises to it; from there it falls linearly to 0.
    pub warmup_steps: u64,
    /// Whether an update has the learning rate of its own step or of the one behind it.
    #[serde(default)]
    pub lr_scheduler_step: SchedulerStep,
    /// AdamW's decay of the mean gradient.
    pub adam_beta1: f64,
    /// AdamW's decay of the mean squared gradient.
    pub adam_beta2: f64,
    /// AdamW's epsilon.
    pub adam_epsilon: f64,
    /// Whether it is added before or after the bias correction.
    #[serde(default)]
    pub adam_epsilon_placement: EpsilonPlacement,
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// The gradient is scaled down to this norm where it is longer; 0 = never.
    pub clip_norm: f64,

    /// Steps between validations; 0 = only at the end of each epoch.
    pub eval_every: u64,
    /// Most validation examples scored during training, taken evenly from the split; 0 = all.
    pub eval_examples: usize,
    /// Validations in a row without a better score after which the run ends; none = it never ends early.
    pub early_stopping_patience: Option<u64>,
    /// Steps between checkpoints, beside those at each validation; 0 = only those.
    pub save_every: u64,
    /// Steps between lines of the log.
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
