//! What a checkpoint says of itself: `config.json`, and the parameters that follow from it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::weights::Expected;
use crate::{Error, Result};

/// The fields of a Hugging Face `config.json` that the forward pass depends on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BackboneConfig {
    /// `bert`, `roberta`, `xlm-roberta` or `camembert`.
    pub model_type: String,
    /// Number of pieces.
    pub vocab_size: i64,
    /// Width (H).
    pub hidden_size: i64,
    /// Transformer layers (L).
    pub num_hidden_layers: usize,
    /// Attention heads.
    pub num_attention_heads: i64,
    /// Width of the feed-forward layers.
    pub intermediate_size: i64,
    /// Rows of the position table.
    pub max_position_embeddings: i64,
    /// Rows of the token type table.
    pub type_vocab_size: i64,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f64,
    /// The activation; `gelu` is the exact one.
    pub hidden_act: String,
    /// Id of the pad piece; RoBERTa counts positions from the one after it.
    pub pad_token_id: i64,
    /// Dropout of the embeddings and behind each block, where the encoder itself is trained.
    #[serde(default = "usual_dropout")]
    pub hidden_dropout_prob: f64,
    /// Dropout of the attention weights, likewise.
    #[serde(default = "usual_dropout")]
    pub attention_probs_dropout_prob: f64,
    /// Only `absolute` is known.
    #[serde(default)]
    pub position_embedding_type: Option<String>,
}

/// What Hugging Face takes where a file does not say.
fn usual_dropout() -> f64 {
    0.1
}

impl BackboneConfig {
    /// Reads `config.json` of a checkpoint's folder.
    ///
    /// # Errors
    /// [`Error::NoBackbone`], [`Error::Json`]; [`Error::Config`] for an encoder of another family.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = existing(dir, "config.json")?;
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let config: Self = serde_json::from_slice(&bytes).map_err(Error::json(&path))?;
        let unknown = |what: &str, found: &str, known: &str| {
            Err(Error::Config(format!(
                "{}: {what} is {found:?}, expected {known}",
                path.display()
            )))
        };
        match config.model_type.as_str() {
            "bert" | "roberta" | "xlm-roberta" | "camembert" => {}
            other => {
                return unknown(
                    "model_type",
                    other,
                    "bert, roberta, xlm-roberta or camembert",
                );
            }
        }
        match config.position_embedding_type.as_deref() {
            None | Some("absolute") => {}
            Some(other) => return unknown("position_embedding_type", other, "absolute"),
        }
        match config.hidden_act.as_str() {
            "gelu" | "gelu_new" | "gelu_pytorch_tanh" => Ok(config),
            other => unknown("hidden_act", other, "gelu, gelu_new or gelu_pytorch_tanh"),
        }
    }

    /// Whether positions count from 0, and not from after the pad piece's id.
    pub(crate) fn is_bert(&self) -> bool {
        self.model_type == "bert"
    }

    /// The longest input in pieces.
    pub fn max_length(&self) -> usize {
        let offset = if self.is_bert() {
            0
        } else {
            self.pad_token_id + 1
        };
        (self.max_position_embeddings - offset) as usize
    }

    /// How many numbers the encoder has, without pooler and heads.
    pub fn parameters(&self) -> i64 {
        let shapes = self.expected().into_iter().map(|expected| expected.shape);
        shapes.map(|shape| shape.iter().product::<i64>()).sum()
    }

    /// Names and shapes of the parameters, without the `bert.` or `roberta.` before them.
    pub(crate) fn expected(&self) -> Vec<Expected> {
        let h = self.hidden_size;
        let mut all = Vec::new();
        let mut add = |name: String, shape: &[i64]| {
            all.push(Expected {
                name,
                shape: shape.to_vec(),
            });
        };
        add(
            "embeddings.word_embeddings.weight".into(),
            &[self.vocab_size, h],
        );
        add(
            "embeddings.position_embeddings.weight".into(),
            &[self.max_position_embeddings, h],
        );
        add(
            "embeddings.token_type_embeddings.weight".into(),
            &[self.type_vocab_size, h],
        );
        let mut pair = |name: String, weight: &[i64]| {
            add(format!("{name}.weight"), weight);
            add(format!("{name}.bias"), &weight[..1]);
        };
        pair("embeddings.LayerNorm".into(), &[h]);
        for i in 0..self.num_hidden_layers {
            let layer = format!("encoder.layer.{i}");
            for part in ["query", "key", "value"] {
                pair(format!("{layer}.attention.self.{part}"), &[h, h]);
            }
            pair(format!("{layer}.attention.output.dense"), &[h, h]);
            pair(format!("{layer}.attention.output.LayerNorm"), &[h]);
            pair(
                format!("{layer}.intermediate.dense"),
                &[self.intermediate_size, h],
            );
            pair(
                format!("{layer}.output.dense"),
                &[h, self.intermediate_size],
            );
            pair(format!("{layer}.output.LayerNorm"), &[h]);
        }
        all
    }
}

/// A file of a checkpoint's folder.
fn existing(dir: &Path, file: &'static str) -> Result<PathBuf> {
    let path = dir.join(file);
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::NoBackbone {
        path: dir.to_owned(),
        file,
    })
}
