//! How many numbers an adapter and its heads have.

use serde::Serialize;

use crate::config::Config;
use crate::model::adapter;
use crate::model::params::Spec;

/// Trained parameters, by part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Size {
    /// The adapter's transformer layers alone: what the paper counts (its section 3.1).
    pub transformer_layers: i64,
    /// The whole adapter, projections included.
    pub adapter: i64,
    /// The head that predicts relations.
    pub relation_head: i64,
    /// The head that predicts the heads of words.
    pub parser: i64,
}

impl Size {
    /// For an adapter with these settings on a backbone of width `hidden`, with so many relations:
    /// `relation` are those of a run on relations, `words` those of one on parses.
    pub fn new(relation: &Config, words: &Config, hidden: i64, relations: i64) -> Self {
        let specs = adapter::specs(relation, hidden);
        let head = |config: &Config| {
            let specs = (config.task.facts().head_specs)(config, hidden, 2 * hidden, relations);
            count(&specs, "")
        };
        Self {
            transformer_layers: count(&specs, ".encoder."),
            adapter: count(&specs, ""),
            relation_head: head(relation),
            parser: head(words),
        }
    }
}

fn count(specs: &[Spec], part: &str) -> i64 {
    let named = specs.iter().filter(|spec| spec.name.contains(part));
    named.map(Spec::numel).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Task};

    #[test]
    fn adapters_have_the_published_sizes_on_roberta_large() {
        let size = |preset, relations| {
            let [relation, words] =
                [Task::Relation, Task::Dependency].map(|task| Config::preset(preset, task));
            Size::new(&relation, &words, 1024, relations)
        };
        let paper = Size {
            transformer_layers: 42_527_232,
            adapter: 49_610_496,
            relation_head: 4096 * 430 + 430,
            parser: 2048 * 128 + 128,
        };
        assert_eq!(size(Preset::Paper, 430), paper);
        let released = Size {
            transformer_layers: 42_527_232,
            adapter: 47_251_200,
            relation_head: 2 * (2048 * 1024 + 1024) + 1024 * 410 + 410,
            // One of 2048 -> 1024, five of 1024 -> 1024, a layer norm and the places.
            parser: 2048 * 1024 + 1024 + 5 * (1024 * 1024 + 1024) + 2 * 1024 + 1024 * 64 + 64,
        };
        assert_eq!(size(Preset::Released, 410), released);
    }
}
