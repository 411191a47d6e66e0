//! Objectives: what an adapter learns, by the name of the system whose objective it is, and the settings of their
//! tasks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The system whose objective is learnt, as a dataset's manifest names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// K-Adapter's own: relations, dependencies. Also that of a dataset which names none.
    #[default]
    KAdapter,
    /// Whether two words are related.
    Libert,
    /// Whether a fact of a graph is real.
    BertMk,
    /// Which supersense a masked word has.
    Sensebert,
    /// Whether an entity was replaced by another.
    Wklm,
    /// Which of the candidates a span means.
    Knowbert,
    /// Which entity of all a span means.
    Ernie,
}

impl Objective {
    /// What its system is called; `None` for K-Adapter's own.
    pub fn system(self) -> Option<&'static str> {
        Some(match self {
            Self::KAdapter => return None,
            Self::Libert => "LIBERT",
            Self::BertMk => "BERT-MK",
            Self::Sensebert => "SenseBERT",
            Self::Wklm => "WKLM",
            Self::Knowbert => "KnowBERT",
            Self::Ernie => "ERNIE",
        })
    }

    /// What makes its datasets, a command of `kprep knowledge`; `None` for K-Adapter's own.
    pub fn made_by(self) -> Option<&'static str> {
        Some(match self {
            Self::KAdapter => return None,
            Self::Libert => "synonyms",
            Self::BertMk => "facts",
            Self::Sensebert => "supersenses",
            Self::Wklm => "replaced",
            Self::Knowbert | Self::Ernie => "links",
        })
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What stands for a span (tasks `pair`, `labels` and `link`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanPooling {
    /// The mean over its tokens.
    #[default]
    Mean,
    /// Its first token.
    First,
    /// The first token of the input, `[CLS]`, for both phrases of a pair.
    Start,
    /// The token before it and the token behind it, side by side.
    Around,
    /// The mean over its tokens, weighted by a learned score of each.
    Attention,
}

/// How a span's allowed classes are learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelLoss {
    /// Minus the log of the probability of all allowed classes together; of one class that is the cross-entropy.
    #[default]
    Any,
    /// The same, and minus the mean log probability of the allowed classes (`SenseBERT`).
    Set,
}

/// How the class of a pair is learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PairLoss {
    /// The classes compete (cross-entropy).
    #[default]
    Ce,
    /// A positive is to score at least 1 more than each of its own negatives (BERT-MK). The score is the logit of the second
    /// class less that of the first.
    Margin,
}

/// How the entity of a span is learnt among listed candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkLoss {
    /// The candidates compete (cross-entropy).
    #[default]
    Softmax,
    /// The right one is to score at least 0.2, each other one at most -0.2 (`KnowBERT` on Wikipedia).
    Margin,
}

/// What becomes of the prior of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkPrior {
    /// Two layers make one score of it and the dot product.
    #[default]
    Mlp,
    /// Nothing.
    None,
}

/// Where the vectors of entities come from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Vectors {
    /// The mean of the frozen backbone's last hidden states over `label: description`.
    #[default]
    Text,
    /// A table of the head.
    Learned,
    /// A file: the dataset's `entities.safetensors` (`file`), or the one at this path.
    File(Option<String>),
}

impl From<String> for Vectors {
    fn from(text: String) -> Self {
        match text.as_str() {
            "text" => Self::Text,
            "learned" => Self::Learned,
            "file" => Self::File(None),
            _ => Self::File(Some(text)),
        }
    }
}

impl From<Vectors> for String {
    fn from(vectors: Vectors) -> Self {
        match vectors {
            Vectors::Text => "text".to_owned(),
            Vectors::Learned => "learned".to_owned(),
            Vectors::File(None) => "file".to_owned(),
            Vectors::File(Some(path)) => path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Preset, Task};

    #[test]
    fn an_objective_has_the_settings_of_its_row_in_both_presets() {
        let config = |objective, task| Config::of_objective(Preset::Paper, task, objective);
        let knowbert = config(Objective::Knowbert, Task::Link);
        let changes = [
            "objective is \"knowbert\", was \"k-adapter\"",
            "max_length is 128, was 64",
            "batch_size is 32, was 128",
            "span_pooling is \"attention\", was \"mean\"",
            "learning_rate is 0.001, was 0.00002",
        ];
        let own = Config::preset(Preset::Paper, Task::Link);
        assert_eq!(knowbert.differences(&own), changes);
        for (objective, task) in Objective::others() {
            let [paper, released] = [Preset::Paper, Preset::Released].map(|preset| {
                let config = Config::of_objective(preset, task, objective);
                config.check().unwrap();
                (config.learning_rate, config.batch_size, config.warmup_steps)
            });
            assert_eq!(paper, released);
            assert_eq!(serde_json::json!(objective), objective.to_string());
        }
        let own = config(Objective::KAdapter, Task::Relation);
        assert_eq!(own, Config::preset(Preset::Paper, Task::Relation));
    }

    #[test]
    fn vectors_are_named_or_a_file() {
        for (text, expected) in [
            ("text", Vectors::Text),
            ("learned", Vectors::Learned),
            ("file", Vectors::File(None)),
            ("a/b.vec", Vectors::File(Some("a/b.vec".to_owned()))),
        ] {
            let found: Vectors = serde_json::from_value(serde_json::json!(text)).unwrap();
            assert_eq!(found, expected);
            assert_eq!(serde_json::json!(found), text);
        }
    }
}
