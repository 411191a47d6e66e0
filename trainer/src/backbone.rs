//! The frozen backbone: encoders of the BERT family (BERT, RoBERTa, XLM-R), with the checkpoint's
//! own parameter names.
//!
//! Shapes: b = sentence, t = position, h = hidden size, n = attention head, d = size of a head.

use std::fs;
use std::path::Path;

use kprep_schemas::hex;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tch::{Device, IndexOp, Kind, Tensor};

use crate::weights::{self, Expected, Named};
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
    /// Only `absolute` is known.
    #[serde(default)]
    pub position_embedding_type: Option<String>,
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

    fn is_bert(&self) -> bool {
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

    /// Names and shapes of the parameters, without the `bert.` or `roberta.` before them.
    fn expected(&self) -> Vec<Expected> {
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

fn existing(dir: &Path, file: &'static str) -> Result<std::path::PathBuf> {
    let path = dir.join(file);
    if path.is_file() {
        return Ok(path);
    }
    Err(Error::NoBackbone {
        path: dir.to_owned(),
        file,
    })
}

/// Weight and bias.
struct Pair {
    weight: Tensor,
    bias: Tensor,
}

impl Pair {
    fn linear(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }

    fn layer_norm(&self, x: &Tensor, eps: f64) -> Tensor {
        x.layer_norm(
            self.weight.size(),
            Some(&self.weight),
            Some(&self.bias),
            eps,
            true,
        )
    }
}

struct Layer {
    /// Query, key and value, one above the other.
    attention_in: Pair,
    attention_out: Pair,
    attention_norm: Pair,
    intermediate: Pair,
    output: Pair,
    output_norm: Pair,
}

/// The encoder, without gradients.
pub struct Backbone {
    config: BackboneConfig,
    words: Tensor,
    positions: Tensor,
    token_types: Tensor,
    norm: Pair,
    layers: Vec<Layer>,
}

impl Backbone {
    /// Loads `config.json` and `model.safetensors` from a folder.
    ///
    /// # Errors
    /// What [`BackboneConfig::read`] says; [`Error::Tensors`] for a damaged file;
    /// [`weights::Mismatch`] with every missing, unexpected and misshapen tensor.
    pub fn load(dir: &Path, device: Device, kind: Kind) -> Result<Self> {
        let config = BackboneConfig::read(dir)?;
        let path = existing(dir, "model.safetensors")?;
        let (found, _) = weights::read(&path)?;
        let found = found
            .into_iter()
            .map(|(name, tensor)| (plain_name(&name), tensor))
            .collect();
        let mut named = weights::match_strictly(&path, found, &config.expected(), is_harmless)?;
        for tensor in named.values_mut() {
            *tensor = tensor.to_device(device).to_kind(kind);
        }
        Self::new(config, named)
    }

    fn new(config: BackboneConfig, mut named: Named) -> Result<Self> {
        let mut take = |name: String| {
            let missing = || Error::Config(format!("the backbone has no parameter {name}"));
            named.remove(&name).ok_or_else(missing)
        };
        let mut pair = |name: String| -> Result<Pair> {
            Ok(Pair {
                weight: take(format!("{name}.weight"))?,
                bias: take(format!("{name}.bias"))?,
            })
        };
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for i in 0..config.num_hidden_layers {
            let layer = format!("encoder.layer.{i}");
            let [query, key, value] = ["query", "key", "value"]
                .map(|part| pair(format!("{layer}.attention.self.{part}")));
            let (query, key, value) = (query?, key?, value?);
            layers.push(Layer {
                attention_in: Pair {
                    weight: Tensor::cat(&[query.weight, key.weight, value.weight], 0),
                    bias: Tensor::cat(&[query.bias, key.bias, value.bias], 0),
                },
                attention_out: pair(format!("{layer}.attention.output.dense"))?,
                attention_norm: pair(format!("{layer}.attention.output.LayerNorm"))?,
                intermediate: pair(format!("{layer}.intermediate.dense"))?,
                output: pair(format!("{layer}.output.dense"))?,
                output_norm: pair(format!("{layer}.output.LayerNorm"))?,
            });
        }
        let norm = pair("embeddings.LayerNorm".into())?;
        Ok(Self {
            words: take("embeddings.word_embeddings.weight".into())?,
            positions: take("embeddings.position_embeddings.weight".into())?,
            token_types: take("embeddings.token_type_embeddings.weight".into())?,
            norm,
            layers,
            config,
        })
    }

    /// What it was built from.
    pub fn config(&self) -> &BackboneConfig {
        &self.config
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.words.device()
    }

    /// The hidden states at `keep` (0 = embeddings, L = after the last layer), each b × t × h.
    ///
    /// `mask_bt` is true at pieces and false at the pads behind them; `None` says that there are
    /// no pads, which takes a faster kernel. Without `types_bt` every piece has token type 0.
    /// No graph is kept.
    pub fn forward(
        &self,
        ids_bt: &Tensor,
        mask_bt: Option<&Tensor>,
        types_bt: Option<&Tensor>,
        keep: &[usize],
    ) -> Vec<Tensor> {
        let _guard = tch::no_grad_guard();
        let mask_b11t = mask_bt.map(|mask| mask.unsqueeze(1).unsqueeze(1));
        let mut states = Vec::with_capacity(self.layers.len() + 1);
        states.push(self.embed(ids_bt, mask_bt, types_bt));
        for (i, layer) in self.layers.iter().enumerate() {
            let state = self.layer(layer, &states[i], mask_b11t.as_ref());
            states.push(state);
        }
        keep.iter().map(|&i| states[i].shallow_clone()).collect()
    }

    fn embed(
        &self,
        ids_bt: &Tensor,
        mask_bt: Option<&Tensor>,
        types_bt: Option<&Tensor>,
    ) -> Tensor {
        let lookup =
            |table: &Tensor, index: &Tensor| Tensor::embedding(table, index, -1, false, false);
        let words = lookup(&self.words, ids_bt);
        let positions = lookup(&self.positions, &self.position_ids(ids_bt, mask_bt));
        let types = match types_bt {
            Some(types_bt) => lookup(&self.token_types, types_bt),
            None => self.token_types.i(0),
        };
        self.norm
            .layer_norm(&(words + positions + types), self.config.layer_norm_eps)
    }

    /// BERT counts from 0; RoBERTa from the pad's id plus 1, and gives pads the pad's id.
    fn position_ids(&self, ids_bt: &Tensor, mask_bt: Option<&Tensor>) -> Tensor {
        let length = ids_bt.size()[1];
        let count_1t = Tensor::arange(length, (Kind::Int64, ids_bt.device())).unsqueeze(0);
        if self.config.is_bert() {
            return count_1t;
        }
        let pad = self.config.pad_token_id;
        let counted = count_1t + (pad + 1);
        match mask_bt {
            None => counted,
            Some(mask_bt) => counted.where_scalarother(mask_bt, pad),
        }
    }

    fn layer(&self, layer: &Layer, x_bth: &Tensor, mask_b11t: Option<&Tensor>) -> Tensor {
        let eps = self.config.layer_norm_eps;
        let attended = layer
            .attention_out
            .linear(&self.attend(layer, x_bth, mask_b11t));
        let x_bth = layer.attention_norm.layer_norm(&(attended + x_bth), eps);
        let gelu = if self.config.hidden_act == "gelu" {
            "none"
        } else {
            "tanh"
        };
        let wide = layer.intermediate.linear(&x_bth).gelu(gelu);
        layer
            .output_norm
            .layer_norm(&(layer.output.linear(&wide) + x_bth), eps)
    }

    fn attend(&self, layer: &Layer, x_bth: &Tensor, mask_b11t: Option<&Tensor>) -> Tensor {
        let heads = self.config.num_attention_heads;
        let (b, t, h) = (x_bth.size()[0], x_bth.size()[1], self.config.hidden_size);
        let qkv = layer
            .attention_in
            .linear(x_bth)
            .view([b, t, 3, heads, h / heads]);
        let qkv_3bntd = qkv.permute([2, 0, 3, 1, 4]);
        let [q, k, v] = [0, 1, 2].map(|i| qkv_3bntd.i(i));
        Tensor::scaled_dot_product_attention(&q, &k, &v, mask_b11t, 0.0, false, None, false)
            .transpose(1, 2)
            .reshape([b, t, h])
    }

    /// SHA-256 over all parameters in memory, to prove that training leaves them alone.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn checksum(&self) -> Result<String> {
        let pairs = |layer: &Layer| {
            let Layer {
                attention_in,
                attention_out,
                attention_norm,
                intermediate,
                output,
                output_norm,
            } = layer;
            [
                attention_in,
                attention_out,
                attention_norm,
                intermediate,
                output,
                output_norm,
            ]
            .map(|pair| [pair.weight.shallow_clone(), pair.bias.shallow_clone()])
        };
        let embeddings = [
            &self.words,
            &self.positions,
            &self.token_types,
            &self.norm.weight,
            &self.norm.bias,
        ];
        let layers = self.layers.iter().flat_map(pairs).flatten();
        let mut hasher = Sha256::new();
        for tensor in embeddings
            .map(Tensor::shallow_clone)
            .into_iter()
            .chain(layers)
        {
            hasher.update(weights::bytes(&tensor)?);
        }
        Ok(hex(&hasher.finalize()))
    }
}

/// The name without the model's prefix, and with today's names of the layer norm's parameters.
fn plain_name(name: &str) -> String {
    let name = ["bert.", "roberta."]
        .iter()
        .find_map(|p| name.strip_prefix(p))
        .unwrap_or(name);
    // Checkpoints from before 2020 use the first pair.
    name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias")
}

/// Tensors that checkpoints hold beside the encoder.
fn is_harmless(name: &str) -> bool {
    name == "embeddings.position_ids"
        || ["pooler.", "lm_head.", "cls."]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}
