//! The size of an adapter that follows from its backbone: what the preset `scaled` starts from.

use super::{Config, Preset};

/// The sizes of a backbone that an adapter's follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackboneShape {
    /// Its width.
    pub hidden_size: i64,
    /// Its attention heads.
    pub attention_heads: i64,
    /// Its transformer layers.
    pub layers: usize,
}

impl BackboneShape {
    /// That of `RoBERTa`-large, the paper's backbone.
    pub const PAPER: Self = Self {
        hidden_size: 1024,
        attention_heads: 16,
        layers: 24,
    };
}

impl Config {
    /// With the preset `scaled`, an adapter as large beside this backbone as the paper's is beside `RoBERTa`-large: three
    /// quarters of the backbone's attention heads, each as wide as there; feed-forward layers four times the width; and no
    /// more adapter layers than the backbone has layers. Settings that `is_kept` names stay, and the others follow
    /// them.
    #[must_use]
    pub fn scaled(mut self, shape: BackboneShape, is_kept: impl Fn(&str) -> bool) -> Self {
        if self.preset != Preset::Scaled {
            return self;
        }
        let head = (shape.hidden_size / shape.attention_heads.max(1)).max(1);
        if !is_kept("adapter_hidden_size") {
            let heads = (3 * shape.attention_heads + 2) / 4; // rounded
            self.adapter_hidden_size = heads.max(1) * head;
        }
        if !is_kept("adapter_attention_heads") {
            self.adapter_attention_heads = divisor(self.adapter_hidden_size, head);
        }
        if !is_kept("adapter_ffn_size") {
            self.adapter_ffn_size = self.adapter_hidden_size.saturating_mul(4);
        }
        if !is_kept("adapter_layers") && !is_kept("adapter_plug") {
            self.adapter_layers = self.adapter_layers.min(shape.layers).max(1);
        }
        self
    }
}

/// How many heads a width is divided into, each about as wide as `head`.
fn divisor(width: i64, head: i64) -> i64 {
    let wanted = (width / head).max(1);
    let divides = |heads: &i64| width % heads == 0;
    (1..=wanted).rev().find(divides).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Task;

    fn sizes(shape: BackboneShape, set: &[&str]) -> [i64; 4] {
        let config = Config::preset(Preset::Scaled, Task::Relation);
        let set: Vec<String> = set.iter().map(|&one| one.to_owned()).collect();
        let config = config.with_all(&set).unwrap();
        let named = |key: &str| set.iter().any(|one| one.starts_with(&format!("{key}=")));
        let config = config.scaled(shape, named);
        config.check().unwrap();
        [
            config.adapter_hidden_size,
            config.adapter_attention_heads,
            config.adapter_ffn_size,
            config.adapter_layers as i64,
        ]
    }

    fn shape(hidden_size: i64, attention_heads: i64, layers: usize) -> BackboneShape {
        BackboneShape {
            hidden_size,
            attention_heads,
            layers,
        }
    }

    #[test]
    fn the_adapter_follows_its_backbone_and_on_the_paper_s_it_is_the_paper_s() {
        assert_eq!(sizes(BackboneShape::PAPER, &[]), [768, 12, 3072, 3]);
        assert_eq!(sizes(shape(768, 12, 12), &[]), [576, 9, 2304, 3]);
        assert_eq!(sizes(shape(384, 12, 6), &[]), [288, 9, 1152, 3]);
        assert_eq!(sizes(shape(128, 2, 2), &[]), [128, 2, 512, 2]);
        assert_eq!(sizes(shape(32, 1, 1), &[]), [32, 1, 128, 1]);
    }

    #[test]
    fn what_is_set_stays_and_the_rest_follows_it() {
        let small = shape(384, 12, 6);
        assert_eq!(sizes(small, &["adapter_hidden_size=192"]), [192, 6, 768, 3]);
        assert_eq!(sizes(small, &["adapter_hidden_size=100"]), [100, 2, 400, 3]);
        let heads = ["adapter_attention_heads=12", "adapter_ffn_size=100"];
        assert_eq!(sizes(small, &heads), [288, 12, 100, 3]);
        assert_eq!(
            sizes(shape(128, 2, 2), &["adapter_layers=1"]),
            [128, 2, 512, 1]
        );
    }

    #[test]
    fn other_presets_have_the_sizes_of_the_paper() {
        for preset in [Preset::Paper, Preset::Released] {
            let config = Config::preset(preset, Task::Relation);
            assert_eq!(config.clone().scaled(shape(32, 1, 1), |_| false), config);
        }
    }
}
