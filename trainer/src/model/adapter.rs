//! The knowledge adapter: transformer layers outside the backbone that read its hidden states
//! (K-Adapter, section 3.1), with the released files' parameter names.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width, a = the adapter's width,
//! n = attention head, d = size of a head.

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, Fuse, Pads};
use crate::model::attention::attend;
use crate::model::dropout::{DropoutRng, dropout};
use crate::model::pair::Pair;
use crate::model::params::{Init, Params, Spec};

/// The parameters of an adapter on a backbone of width `hidden`.
pub fn specs(config: &Config, hidden: i64) -> Vec<Spec> {
    let (a, ffn) = (config.adapter_hidden_size, config.adapter_ffn_size);
    let inputs = match config.adapter_fuse {
        Fuse::Concat => 2 * hidden,
        Fuse::Add => hidden,
    };
    let project = |name: String, inputs, outputs| {
        let weight = Init::Normal {
            std: config.adapter_init_std,
        };
        Spec::linear_from(&name, inputs, outputs, weight, Init::Constant(0.0))
    };
    let linear = |name: String, inputs, outputs| Spec::linear(&name, inputs, outputs);
    let mut specs = Vec::new();
    for i in 0..config.adapter_layers {
        specs.extend(project(format!("adapter.{i}.down_project"), inputs, a));
        for j in 0..config.adapter_transformer_layers {
            let layer = format!("adapter.{i}.encoder.layer.{j}");
            for part in ["query", "key", "value"] {
                specs.extend(linear(format!("{layer}.attention.self.{part}"), a, a));
            }
            specs.extend(linear(format!("{layer}.attention.output.dense"), a, a));
            specs.extend(Spec::layer_norm(
                &format!("{layer}.attention.output.LayerNorm"),
                a,
            ));
            specs.extend(linear(format!("{layer}.intermediate.dense"), a, ffn));
            specs.extend(linear(format!("{layer}.output.dense"), ffn, a));
            specs.extend(Spec::layer_norm(&format!("{layer}.output.LayerNorm"), a));
        }
        specs.extend(project(format!("adapter.{i}.up_project"), a, hidden));
    }
    specs
}

/// How a forward pass computes.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// The random numbers of the dropout; none without dropout.
    pub dropout: Option<&'a DropoutRng>,
    /// Precision of the matrix products.
    pub kind: Kind,
}

struct TransformerLayer {
    query: Pair,
    key: Pair,
    value: Pair,
    attention_out: Pair,
    attention_norm: Pair,
    intermediate: Pair,
    output: Pair,
    output_norm: Pair,
    heads: i64,
    dropout: f64,
    eps: f64,
}

impl TransformerLayer {
    fn new(config: &Config, params: &Params, name: &str) -> Result<Self> {
        let pair = |part: &str| Pair::new(params, &format!("{name}.{part}"));
        Ok(Self {
            query: pair("attention.self.query")?,
            key: pair("attention.self.key")?,
            value: pair("attention.self.value")?,
            attention_out: pair("attention.output.dense")?,
            attention_norm: pair("attention.output.LayerNorm")?,
            intermediate: pair("intermediate.dense")?,
            output: pair("output.dense")?,
            output_norm: pair("output.LayerNorm")?,
            heads: config.adapter_attention_heads,
            dropout: config.adapter_dropout,
            eps: config.adapter_layer_norm_eps,
        })
    }

    /// b × t × a, or only the rows at `places`, n × a.
    fn forward(
        &self,
        x_bta: &Tensor,
        mask_b11t: Option<&Tensor>,
        places_n: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Tensor {
        let attention_dropout = pass.dropout.map(|rng| (self.dropout, rng));
        let parts = [&self.query, &self.key, &self.value];
        let qkv_bt3a = Pair::linear_side_by_side(parts, x_bta, pass.kind);
        let attended_bta = attend(&qkv_bt3a, self.heads, mask_b11t, attention_dropout);
        let joined = |pair: &Pair, y: &Tensor, norm: &Pair, x: &Tensor| {
            let dropped = dropout(&pair.linear(y, pass.kind), self.dropout, pass.dropout);
            norm.layer_norm(&(dropped + x), self.eps)
        };
        let x = joined(
            &self.attention_out,
            &rows(&attended_bta, places_n),
            &self.attention_norm,
            &rows(x_bta, places_n),
        );
        let wide = self.intermediate.linear(&x, pass.kind).gelu("none");
        joined(&self.output, &wide, &self.output_norm, &x)
    }
}

/// The rows of b × t × h at `places`, indexes into b · t, n × h; without places, all as it is.
pub(crate) fn rows(x_bth: &Tensor, places_n: Option<&Tensor>) -> Tensor {
    match places_n {
        Some(places_n) => x_bth.flatten(0, 1).index_select(0, places_n),
        None => x_bth.shallow_clone(),
    }
}

struct AdapterLayer {
    down_project: Pair,
    layers: Vec<TransformerLayer>,
    up_project: Pair,
}

/// The adapter.
pub struct Adapter {
    layers: Vec<AdapterLayer>,
    fuse: Fuse,
    pads: Pads,
}

impl Adapter {
    /// The adapter whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        let layer = |i: usize| {
            let transformer = |j| {
                TransformerLayer::new(config, params, &format!("adapter.{i}.encoder.layer.{j}"))
            };
            Ok(AdapterLayer {
                down_project: Pair::new(params, &format!("adapter.{i}.down_project"))?,
                layers: (0..config.adapter_transformer_layers)
                    .map(transformer)
                    .collect::<Result<_>>()?,
                up_project: Pair::new(params, &format!("adapter.{i}.up_project"))?,
            })
        };
        let layers = (0..config.adapter_layers)
            .map(layer)
            .collect::<Result<_>>()?;
        Ok(Self {
            layers,
            fuse: config.adapter_fuse,
            pads: config.adapter_pads,
        })
    }

    /// The output of every adapter layer, b × t × h in fp32, from one hidden state for each of
    /// them. Pads, false in `mask_bt`, are masked or attended as the settings say; `None` says
    /// there are none.
    ///
    /// With `places_n`, indexes into b · t, the last output is that of those positions alone,
    /// n × h: behind the last attention, no position reads another.
    pub fn forward(
        &self,
        states: &[Tensor],
        mask_bt: Option<&Tensor>,
        places_n: Option<&Tensor>,
        pass: Pass<'_>,
    ) -> Vec<Tensor> {
        let mask_b11t = mask_bt
            .filter(|_| self.pads == Pads::Masked)
            .map(|mask| mask.unsqueeze(1).unsqueeze(1));
        let mut outputs: Vec<Tensor> = Vec::with_capacity(self.layers.len());
        for (i, (layer, state_bth)) in self.layers.iter().zip(states).enumerate() {
            let (skip_bth, mut x) = self.fused(layer, state_bth, outputs.last(), pass.kind);
            let places_n = places_n.filter(|_| i + 1 == self.layers.len());
            for (j, transformer) in layer.layers.iter().enumerate() {
                let places_n = places_n.filter(|_| j + 1 == layer.layers.len());
                x = transformer.forward(&x, mask_b11t.as_ref(), places_n, pass);
            }
            outputs.push(rows(&skip_bth, places_n) + layer.up_project.linear(&x, pass.kind));
        }
        outputs
    }

    /// Where a layer's skip connection starts, b × t × h in fp32, and what its transformer layers
    /// read, b × t × a. Before the first layer there is no output: it counts as zero.
    fn fused(
        &self,
        layer: &AdapterLayer,
        state_bth: &Tensor,
        previous_bth: Option<&Tensor>,
        kind: Kind,
    ) -> (Tensor, Tensor) {
        let down = &layer.down_project;
        let (skip_bth, x_bta) = match (self.fuse, previous_bth) {
            (Fuse::Concat, previous_bth) => {
                // The product with both side by side, without putting them there.
                let mut x_bta = down.columns(state_bth, 0, kind) + down.bias(kind);
                if let Some(previous_bth) = previous_bth {
                    let h = state_bth.size()[2];
                    x_bta += down.columns(previous_bth, h, kind);
                }
                (state_bth.to_kind(Kind::Float), x_bta)
            }
            (Fuse::Add, previous_bth) => {
                let state_bth = state_bth.to_kind(Kind::Float);
                let sum_bth = match previous_bth {
                    Some(previous_bth) => state_bth + previous_bth,
                    None => state_bth,
                };
                let x_bta = down.linear(&sum_bth, kind);
                (sum_bth, x_bta)
            }
        };
        (skip_bth, x_bta.to_kind(Kind::Float))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Task};
    use tch::Device;

    fn paper() -> Config {
        Config::preset(Preset::Paper, Task::Relation)
    }

    #[test]
    fn parameters_start_as_stated() {
        let params = Params::new(specs(&paper(), 64), 42, Device::Cpu);
        let get = |name: &str| params.get(&format!("adapter.1.{name}")).unwrap().detach();
        for projection in ["down_project", "up_project"] {
            let std = get(&format!("{projection}.weight"))
                .std(true)
                .double_value(&[]);
            assert!((std / 0.0002 - 1.0).abs() < 0.02, "{projection}: {std}");
            let mean = get(&format!("{projection}.weight"))
                .mean(Kind::Float)
                .double_value(&[]);
            assert!(mean.abs() < 0.02 * 0.0002, "{projection}: {mean}");
            assert_eq!(
                get(&format!("{projection}.bias"))
                    .abs()
                    .max()
                    .double_value(&[]),
                0.0
            );
        }
        for (name, fan_in) in [
            ("attention.self.query", 768.0_f64),
            ("output.dense", 3072.0),
        ] {
            for part in ["weight", "bias"] {
                let tensor = get(&format!("encoder.layer.0.{name}.{part}"));
                let bound = 1.0 / fan_in.sqrt();
                let std = tensor.std(true).double_value(&[]) / bound * 3.0_f64.sqrt();
                let max = tensor.abs().max().double_value(&[]) / bound;
                assert!((std - 1.0).abs() < 0.05, "{name}.{part}: {std}");
                assert!((0.98..=1.0).contains(&max), "{name}.{part}: {max}");
            }
        }
        for (part, start) in [("weight", 1.0), ("bias", 0.0)] {
            let norm = get(&format!("encoder.layer.1.output.LayerNorm.{part}"));
            assert_eq!(
                (norm.min().double_value(&[]), norm.max().double_value(&[])),
                (start, start)
            );
        }
    }
}
