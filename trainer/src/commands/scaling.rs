//! The backbone that adapters are scaled to.

use std::path::Path;

use crate::Result;
use crate::config::{BackboneShape, Config, Preset};
use crate::files::backbone_config::BackboneConfig;

/// The backbone's sizes, and the settings that are named on the command line: these keep their values.
pub(crate) struct Scaling {
    shape: BackboneShape,
    kept: Vec<String>,
}

impl Scaling {
    /// To the backbone in a folder, which only the preset `scaled` looks at.
    pub(crate) fn new(preset: Preset, set: &[String], backbone: &Path) -> Result<Self> {
        let shape = match preset {
            Preset::Scaled => BackboneConfig::read(backbone)?.shape(),
            Preset::Paper | Preset::Released => BackboneShape::PAPER,
        };
        Ok(Self::to(shape, set))
    }

    /// To a backbone of these sizes.
    pub(crate) fn to(shape: BackboneShape, set: &[String]) -> Self {
        let names = set.iter().filter_map(|set| set.split_once('='));
        Self {
            shape,
            kept: names.map(|(name, _)| name.to_owned()).collect(),
        }
    }

    /// Settings with the sizes that follow from the backbone; these ones are named, too.
    pub(crate) fn apply(&self, config: Config, more: &[&str]) -> Config {
        let is_kept = |name: &str| self.kept.iter().any(|kept| kept == name);
        config.scaled(self.shape, |name| is_kept(name) || more.contains(&name))
    }
}

/// The size of an adapter in words, for settings of the preset `scaled`.
pub(crate) fn in_words(config: &Config, backbone_layers: usize) -> Option<String> {
    if config.preset != Preset::Scaled || config.plug_points(backbone_layers).is_empty() {
        return None;
    }
    let points = config.plug_points(backbone_layers);
    let points: Vec<String> = points.iter().map(usize::to_string).collect();
    let paper = Config::preset(Preset::Paper, config.task);
    Some(format!(
        "adapter  width {}, {} attention heads, feed-forward {}, reads hidden states {}: scaled to the backbone \
         (--preset paper: width {})",
        config.adapter_hidden_size,
        config.adapter_attention_heads,
        config.adapter_ffn_size,
        points.join(", "),
        paper.adapter_hidden_size
    ))
}
