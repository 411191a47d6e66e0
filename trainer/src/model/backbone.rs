//! The backbone: encoders of the BERT family (BERT, RoBERTa, XLM-R), with the checkpoint's own
//! parameter names.
//!
//! Shapes: b = sentence, t = position, h = hidden size, n = attention head, d = size of a head.

use std::path::Path;

use kprep_schemas::hex;
use sha2::{Digest, Sha256};
use tch::{Device, IndexOp, Kind, Tensor};

use crate::files::backbone_config::BackboneConfig;
use crate::files::checkpoint_folder;
use crate::files::weights::{self, Named};
use crate::model::attention::attend;
use crate::model::dropout::{DropoutRng, dropout};
use crate::model::linear::{Linear, Norm};
use crate::{Error, Result};

mod plain_names;

use plain_names::is_harmless;
pub(crate) use plain_names::with_plain_names;

/// What a pass reads, each b × t: the tokens, their rows in the table of positions, where there is no
/// pad, and token types other than 0.
pub(crate) struct Inputs<'a> {
    pub(crate) ids: &'a Tensor,
    pub(crate) positions: &'a Tensor,
    pub(crate) mask: Option<&'a Tensor>,
    pub(crate) types: Option<&'a Tensor>,
}

struct Layer {
    /// Query, key and value, one above the other.
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: Norm,
    intermediate: Linear,
    output: Linear,
    output_norm: Norm,
}

/// The encoder.
pub struct Backbone {
    config: BackboneConfig,
    words: Tensor,
    positions: Tensor,
    token_types: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
}

impl Backbone {
    /// Loads `config.json` and the weights, in whatever form [`checkpoint_folder::read`] finds them.
    ///
    /// # Errors
    /// What [`BackboneConfig::read`] and [`checkpoint_folder::read`] say; [`weights::Mismatch`] with every missing, unexpected and misshapen tensor.
    pub fn load(dir: &Path, device: Device, kind: Kind) -> Result<Self> {
        let (config, mut named) = read(dir)?;
        for tensor in named.values_mut() {
            *tensor = tensor.to_device(device).to_kind(kind);
        }
        Self::new(config, named)
    }

    /// The encoder with these parameters. It has a graph where they have one.
    pub(crate) fn new(config: BackboneConfig, mut named: Named) -> Result<Self> {
        let mut take = |name: String| {
            let missing = || Error::Parameters(format!("the backbone has no parameter {name}"));
            named.remove(&name).ok_or_else(missing)
        };
        let mut pair = |name: String| -> Result<[Tensor; 2]> {
            Ok([
                take(format!("{name}.weight"))?,
                take(format!("{name}.bias"))?,
            ])
        };
        let linear = |[weight, bias]: [Tensor; 2]| Linear::new(weight, bias);
        let norm = |[weight, bias]: [Tensor; 2]| Norm { weight, bias };
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for i in 0..config.num_hidden_layers {
            let layer = format!("encoder.layer.{i}");
            let mut pair = |part: &str| pair(format!("{layer}.{part}"));
            let [query, key, value] =
                ["query", "key", "value"].map(|part| pair(&format!("attention.self.{part}")));
            let (query, key, value) = (query?, key?, value?);
            let above = |i: usize| Tensor::cat(&[&query[i], &key[i], &value[i]], 0);
            layers.push(Layer {
                attention_in: Linear::new(above(0), above(1))?,
                attention_out: linear(pair("attention.output.dense")?)?,
                attention_norm: norm(pair("attention.output.LayerNorm")?),
                intermediate: linear(pair("intermediate.dense")?)?,
                output: linear(pair("output.dense")?)?,
                output_norm: norm(pair("output.LayerNorm")?),
            });
        }
        let norm = norm(pair("embeddings.LayerNorm".into())?);
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

    /// The tokens' embeddings, v × h: what predicts tokens, too, where a model fills masks.
    pub fn word_embeddings(&self) -> &Tensor {
        &self.words
    }

    /// The device it lies on.
    pub fn device(&self) -> Device {
        self.words.device()
    }

    /// The hidden states at `keep` (0 = embeddings, L = after the last layer), each b × t × h.
    ///
    /// `mask_bt` is true at tokens and false at the pads behind them; `None` says that there are
    /// no pads, which takes a faster kernel. Without `types_bt` every token has token type 0.
    pub fn forward(
        &self,
        ids_bt: &Tensor,
        mask_bt: Option<&Tensor>,
        types_bt: Option<&Tensor>,
        keep: &[usize],
    ) -> Vec<Tensor> {
        self.forward_at(
            ids_bt,
            &self.positions(ids_bt, mask_bt),
            mask_bt,
            types_bt,
            keep,
        )
    }

    /// The same, with the row of the position table for each token.
    pub fn forward_at(
        &self,
        ids_bt: &Tensor,
        positions_bt: &Tensor,
        mask_bt: Option<&Tensor>,
        types_bt: Option<&Tensor>,
        keep: &[usize],
    ) -> Vec<Tensor> {
        let inputs = Inputs {
            ids: ids_bt,
            positions: positions_bt,
            mask: mask_bt,
            types: types_bt,
        };
        self.pass(&inputs, keep, None)
    }

    /// The hidden states at `keep`, with the dropout that `config.json` states where there are random numbers for it.
    pub(crate) fn pass(
        &self,
        inputs: &Inputs,
        keep: &[usize],
        rng: Option<&DropoutRng>,
    ) -> Vec<Tensor> {
        let seed = rng.map(DropoutRng::draw);
        let mut states = Vec::with_capacity(self.layers.len() + 1);
        for i in 0..=self.layers.len() {
            let state = self.state(i, states.last(), inputs, seed);
            states.push(state);
        }
        keep.iter().map(|&i| states[i].shallow_clone()).collect()
    }

    /// Hidden state `i` (0 = embeddings) from the one before it. With dropout it is a function of the pass's
    /// seed and its own number, so that it can be computed again by itself.
    pub(crate) fn state(
        &self,
        i: usize,
        before: Option<&Tensor>,
        inputs: &Inputs,
        seed: Option<u64>,
    ) -> Tensor {
        let rng = seed.map(|seed| DropoutRng::of_part(seed, i as u64));
        let rng = rng.as_ref();
        match before {
            None => self.embed(inputs, rng),
            Some(before_bth) => {
                let mask_b11t = inputs.mask.map(|mask| mask.unsqueeze(1).unsqueeze(1));
                self.layer(&self.layers[i - 1], before_bth, mask_b11t.as_ref(), rng)
            }
        }
    }

    fn embed(&self, inputs: &Inputs, rng: Option<&DropoutRng>) -> Tensor {
        let lookup =
            |table: &Tensor, index: &Tensor| Tensor::embedding(table, index, -1, false, false);
        let words = lookup(&self.words, inputs.ids);
        let positions = lookup(&self.positions, inputs.positions);
        let types = match inputs.types {
            Some(types_bt) => lookup(&self.token_types, types_bt),
            None => self.token_types.i(0),
        };
        let sum_bth = words + positions + types;
        let x_bth = self.norm.of(&sum_bth, self.config.layer_norm_eps);
        self.dropped(x_bth, rng)
    }

    /// The position of each token, b × t or 1 × t: BERT counts from 0, RoBERTa from the pad's id
    /// plus 1, and gives the pads that `mask_bt` names the pad's id. (Its first code counted them,
    /// too: that is a forward pass at the positions without a mask.)
    pub fn positions(&self, ids_bt: &Tensor, mask_bt: Option<&Tensor>) -> Tensor {
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

    fn layer(
        &self,
        layer: &Layer,
        x_bth: &Tensor,
        mask_b11t: Option<&Tensor>,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let eps = self.config.layer_norm_eps;
        let heads = self.config.num_attention_heads;
        let dropout = rng.map(|rng| (self.config.attention_probs_dropout_prob, rng));
        let attended_bth = attend(&layer.attention_in.of(x_bth), heads, mask_b11t, dropout);
        let sum_bth = self.joined(&layer.attention_out, &attended_bth, x_bth, rng);
        let x_bth = layer.attention_norm.of(&sum_bth, eps);
        let wide = layer.intermediate.then_gelu(&x_bth, self.gelu());
        let sum_bth = self.joined(&layer.output, &wide, &x_bth, rng);
        layer.output_norm.of(&sum_bth, eps)
    }

    /// Which form of its activation it has, as libtorch calls it.
    pub(crate) fn gelu(&self) -> &'static str {
        if self.config.hidden_act == "gelu" {
            "none"
        } else {
            "tanh"
        }
    }

    /// What a block makes of `x`, beside what came into the block.
    fn joined(
        &self,
        linear: &Linear,
        x: &Tensor,
        residual_bth: &Tensor,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        if rng.is_some() {
            self.dropped(linear.of(x), rng) + residual_bth
        } else {
            linear.then_add(x, residual_bth)
        }
    }

    fn dropped(&self, x: Tensor, rng: Option<&DropoutRng>) -> Tensor {
        if rng.is_some() {
            let kind = x.kind();
            dropout(&x, self.config.hidden_dropout_prob, rng).to_kind(kind)
        } else {
            x
        }
    }

    /// SHA-256 over all parameters in memory, to prove that training leaves them alone.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn checksum(&self) -> Result<String> {
        let norm = |norm: &Norm| [norm.weight.shallow_clone(), norm.bias.shallow_clone()];
        let tensors = |layer: &Layer| {
            [
                layer.attention_in.tensors(),
                layer.attention_out.tensors(),
                norm(&layer.attention_norm),
                layer.intermediate.tensors(),
                layer.output.tensors(),
                norm(&layer.output_norm),
            ]
        };
        let embeddings = [
            &self.words,
            &self.positions,
            &self.token_types,
            &self.norm.weight,
            &self.norm.bias,
        ];
        let layers = self.layers.iter().flat_map(tensors).flatten();
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

/// What a checkpoint's folder holds: `config.json`, and the parameters in fp32 by their plain names.
///
/// # Errors
/// As [`Backbone::load`].
pub(crate) fn read(dir: &Path) -> Result<(BackboneConfig, Named)> {
    let config = BackboneConfig::read(dir)?;
    let (path, found) = checkpoint_folder::read(dir)?;
    let found = with_plain_names(&path, found)?;
    let named = weights::match_strictly(&path, found, &config.expected(), is_harmless)?;
    Ok((config, named))
}
