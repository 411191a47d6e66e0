//! What a checkpoint says of itself: `config.json`, and the parameters that follow from it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::BackboneShape;
use crate::files::file_kind;
use crate::files::weights::Expected;
use crate::{Error, Result};

mod rules;

/// The names that the file has, the second in the folders of BERT's first release.
const NAMES: [&str; 2] = ["config.json", "bert_config.json"];

/// The fields of a Hugging Face `config.json` that the forward pass depends on. What the first
/// versions of `transformers` did not write has the value that they took.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct BackboneConfig {
    /// `bert`, `roberta`, `xlm-roberta` or `camembert`.
    #[serde(default)]
    pub model_type: String,
    /// Number of tokens.
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
    #[serde(default = "usual_types")]
    pub type_vocab_size: i64,
    /// Epsilon of the layer norms.
    #[serde(default = "usual_eps")]
    pub layer_norm_eps: f64,
    /// The activation; `gelu` is the exact one.
    #[serde(default = "usual_activation")]
    pub hidden_act: String,
    /// Id of the pad token; RoBERTa counts positions from the one after it.
    #[serde(default)]
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

fn usual_types() -> i64 {
    2
}

fn usual_eps() -> f64 {
    1e-12
}

fn usual_activation() -> String {
    "gelu".into()
}

/// What depends on the family, or on the folder, where a file does not say it.
#[derive(Deserialize)]
struct Stated {
    model_type: Option<String>,
    pad_token_id: Option<i64>,
}

impl BackboneConfig {
    /// Reads `config.json` of a checkpoint's folder.
    ///
    /// # Errors
    /// [`Error::NoBackbone`], [`Error::Json`]; [`Error::Unfit`] for an encoder of another family,
    /// and for numbers that none has or that do not fit each other: all of them by name.
    pub fn read(dir: &Path) -> Result<Self> {
        let path = existing(dir)?;
        let bytes = fs::read(&path).map_err(Error::io(&path))?;
        let config = Self::parse(&bytes, dir, &path)?;
        config.check_family(&path)?;
        let faults = rules::faults(&config);
        if faults.is_empty() {
            return Ok(config);
        }
        Err(unfit(&path, faults.join("; ")))
    }

    /// What a file's bytes say, and the folder where they are silent.
    fn parse(bytes: &[u8], dir: &Path, path: &Path) -> Result<Self> {
        let failed = |error| file_kind::or(path, "JSON", Error::json(path)(error));
        let mut config: Self = serde_json::from_slice(bytes).map_err(failed)?;
        let stated: Stated = serde_json::from_slice(bytes).map_err(failed)?;
        if stated.model_type.is_none() {
            // The first versions of transformers told the family by the folder's name.
            if !dir.join("vocab.txt").is_file() {
                let reason = "no model_type, and no vocab.txt beside it that would tell BERT: add \
                              \"model_type\": \"roberta\", or what the checkpoint is, to the file";
                return Err(unfit(path, reason.to_owned()));
            }
            config.model_type = "bert".into();
        }
        if stated.pad_token_id.is_none() && !config.is_bert() {
            config.pad_token_id = 1;
        }
        Ok(config)
    }

    /// Refuses encoders that compute something else.
    fn check_family(&self, path: &Path) -> Result<()> {
        let unknown = |what: &str, found: &str, known: &str| {
            Err(unfit(
                path,
                format!("{what} is {found:?}, expected {known}"),
            ))
        };
        match self.model_type.as_str() {
            "bert" | "roberta" | "xlm-roberta" | "camembert" => {}
            other => {
                return unknown(
                    "model_type",
                    other,
                    "bert, roberta, xlm-roberta or camembert",
                );
            }
        }
        match self.position_embedding_type.as_deref() {
            None | Some("absolute") => {}
            Some(other) => return unknown("position_embedding_type", other, "absolute"),
        }
        match self.hidden_act.as_str() {
            "gelu" | "gelu_new" | "gelu_pytorch_tanh" => Ok(()),
            other => unknown("hidden_act", other, "gelu, gelu_new or gelu_pytorch_tanh"),
        }
    }

    /// Whether positions count from 0, and not from after the pad token's id.
    pub(crate) fn is_bert(&self) -> bool {
        self.model_type == "bert"
    }

    /// The row of the position table that the first token of an input has.
    fn first_position(&self) -> i64 {
        if self.is_bert() {
            0
        } else {
            self.pad_token_id + 1
        }
    }

    /// The longest input in tokens.
    pub fn max_length(&self) -> usize {
        (self.max_position_embeddings - self.first_position()) as usize
    }

    /// The sizes that an adapter's follow.
    pub fn shape(&self) -> BackboneShape {
        BackboneShape {
            hidden_size: self.hidden_size,
            attention_heads: self.num_attention_heads,
            layers: self.num_hidden_layers,
        }
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

/// The file of a checkpoint's folder.
fn existing(dir: &Path) -> Result<PathBuf> {
    let mut paths = NAMES.iter().map(|name| dir.join(name));
    let found = paths.find(|path| path.is_file());
    found.ok_or_else(|| Error::NoBackbone {
        path: dir.to_owned(),
        file: NAMES[0],
    })
}
fn unfit(path: &Path, reason: String) -> Error {
    Error::Unfit {
        path: path.to_owned(),
        reason,
    }
}
