//! Settings that no model can have.

use kprep_schemas::thousands;

use super::{Config, Plug, Variant};
use crate::{Error, Result};

/// Entities of which a step can hold the vectors and scores.
const MOST_CANDIDATES: usize = 1 << 20;

impl Config {
    /// Refuses settings that no model can have.
    ///
    /// # Errors
    /// [`Error::Setting`] with the rule that is broken.
    pub fn check(&self) -> Result<()> {
        let mut rules = self.rules().into_iter().chain(self.knowledge_rules());
        if let Some((_, rule)) = rules.find(|(holds, _)| !holds) {
            return Err(Error::Setting(rule.to_owned()));
        }
        if let Some(rule) = (self.task.facts().broken_rule)(self) {
            return Err(Error::Setting(rule.to_owned()));
        }
        self.check_sizes()?;
        match &self.adapter_plug {
            Plug::At(points) if points.len() != self.adapter_layers => {
                Err(Error::Setting(format!(
                    "adapter_plug={} names {} hidden states, but adapter_layers is {}: each adapter layer reads one",
                    self.adapter_plug,
                    points.len(),
                    self.adapter_layers
                )))
            }
            _ => Ok(()),
        }
    }

    /// The rules that hold for every task, each with whether these settings keep it.
    fn rules(&self) -> [(bool, &'static str); 16] {
        [
            (self.batch_size > 0, "batch_size must be at least 1"),
            (
                self.gradient_accumulation_steps > 0,
                "gradient_accumulation_steps must be at least 1",
            ),
            (self.length_pool > 0, "length_pool must be at least 1"),
            (self.log_every > 0, "log_every must be at least 1"),
            (
                (3..=usize::from(u16::MAX)).contains(&self.max_length),
                "max_length must be 3..=65535",
            ),
            (self.adapter_layers > 0, "adapter_layers must be at least 1"),
            (
                self.adapter_transformer_layers > 0,
                "adapter_transformer_layers must be at least 1",
            ),
            (
                self.adapter_attention_heads > 0
                    && self.adapter_hidden_size % self.adapter_attention_heads == 0,
                "adapter_hidden_size must be a multiple of adapter_attention_heads",
            ),
            (
                self.early_stopping_patience != Some(0),
                "early_stopping_patience must be at least 1",
            ),
            (
                !self.gradient_checkpointing
                    || matches!(self.variant, Variant::Multitask | Variant::Finetune),
                "gradient_checkpointing is for a backbone that is trained: a frozen one keeps nothing",
            ),
            (
                self.adapter_hidden_size > 0,
                "adapter_hidden_size must be at least 1",
            ),
            (self.biaffine_size > 0, "biaffine_size must be at least 1"),
            (
                self.adapter_ffn_size > 0,
                "adapter_ffn_size must be at least 1",
            ),
            (
                (0.0..1.0).contains(&self.adapter_dropout),
                "adapter_dropout must be 0 or more, below 1",
            ),
            (self.learning_rate > 0.0, "learning_rate must be above 0"),
            (
                self.epochs > 0 || self.max_steps > 0,
                "epochs or max_steps must be at least 1",
            ),
        ]
    }

    /// The rules of what adapters alone learn.
    fn knowledge_rules(&self) -> [(bool, &'static str); 3] {
        [
            (
                (0.0..1.0).contains(&self.mask_words),
                "mask_words must be 0 or more, below 1",
            ),
            (
                (0.0..1.0).contains(&self.mask_mentions),
                "mask_mentions must be 0 or more, below 1",
            ),
            (
                self.extra_candidates <= MOST_CANDIDATES,
                "extra_candidates must be at most 1,048,576",
            ),
        ]
    }

    /// Refuses plug points that a backbone with so many layers does not have.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check_plug_points(&self, backbone_layers: usize) -> Result<()> {
        let points = self.plug_points(backbone_layers);
        match points.iter().find(|&&point| point > backbone_layers) {
            Some(point) => Err(Error::Setting(format!(
                "adapter_plug={}: the backbone has no hidden state {point}: with {backbone_layers} layers they are 0 \
                 (embeddings) to {backbone_layers}",
                self.adapter_plug
            ))),
            None => Ok(()),
        }
    }

    /// Refuses sizes beyond any adapter's, before memory is asked for: a folder of someone else states
    /// them, too.
    fn check_sizes(&self) -> Result<()> {
        let sizes = [
            ("adapter_layers", self.adapter_layers as i64, 1_000),
            (
                "adapter_transformer_layers",
                self.adapter_transformer_layers as i64,
                1_000,
            ),
            ("adapter_hidden_size", self.adapter_hidden_size, 1 << 16),
            ("adapter_ffn_size", self.adapter_ffn_size, 1 << 20),
            ("biaffine_size", self.biaffine_size, 1 << 16),
            ("vector_size", self.vector_size, 1 << 16),
        ];
        match sizes
            .iter()
            .find(|(_, size, most)| !(1..=*most).contains(size))
        {
            Some((name, size, most)) => Err(Error::Setting(format!(
                "{name} is {size}, expected 1 to {}",
                thousands(*most as u64)
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Task};

    fn paper() -> Config {
        Config::preset(Preset::Paper, Task::Relation)
    }

    #[test]
    fn impossible_settings_are_refused() {
        paper().check().unwrap();
        let message = |set| paper().with(set).unwrap().check().unwrap_err().to_string();
        assert_eq!(
            message("adapter_attention_heads=7"),
            "adapter_hidden_size must be a multiple of adapter_attention_heads"
        );
        assert_eq!(
            message("adapter_layers=1099511627776"),
            "adapter_layers is 1099511627776, expected 1 to 1,000"
        );
        for share in ["mask_mentions=1", "mask_mentions=-0.1"] {
            assert_eq!(message(share), "mask_mentions must be 0 or more, below 1");
        }
        assert_eq!(
            message("extra_candidates=1048577"),
            "extra_candidates must be at most 1,048,576"
        );
        assert_eq!(message("batch_size=0"), "batch_size must be at least 1");
        assert_eq!(
            message("markers_within_max_length=opening"),
            "markers_within_max_length=opening needs entity=marker: a mean needs all of an entity's tokens"
        );
        assert_eq!(
            message("gradient_checkpointing=true"),
            "gradient_checkpointing is for a backbone that is trained: a frozen one keeps nothing"
        );
    }

    #[test]
    fn plug_points_are_one_an_adapter_layer_and_of_the_backbone() {
        let config = paper().with("adapter_plug=0,11,23").unwrap();
        config.check().unwrap();
        assert_eq!(config.plug_points(24), [0, 11, 23]);
        config.check_plug_points(23).unwrap();
        assert_eq!(
            config.check_plug_points(22).unwrap_err().to_string(),
            "adapter_plug=0,11,23: the backbone has no hidden state 23: with 22 layers they are 0 (embeddings) to 22"
        );
        let four = config.with("adapter_plug=[0,8,16,23]").unwrap();
        assert_eq!(
            four.check().unwrap_err().to_string(),
            "adapter_plug=0,8,16,23 names 4 hidden states, but adapter_layers is 3: each adapter layer reads one"
        );
        four.with("adapter_layers=4").unwrap().check().unwrap();
        paper().check_plug_points(1).unwrap();
    }
}
