//! The knowledge adapter: transformer layers outside the backbone that read its hidden states
//! (K-Adapter, section 3.1), with the released files' parameter names.
//!
//! Shapes: b = sentence, t = position, h = the backbone's width, a = the adapter's width,
//! n = attention head, d = size of a head.

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, Fuse, Pads};
use crate::pair::Pair;
use crate::params::{Init, Params, Spec};

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
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// With dropout.
    pub train: bool,
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
            heads: config.adapter_heads,
            dropout: config.adapter_dropout,
            eps: config.adapter_layer_norm_eps,
        })
    }

    fn forward(&self, x_bta: &Tensor, mask_b11t: Option<&Tensor>, pass: Pass) -> Tensor {
        let attended = self.attend(x_bta, mask_b11t, pass);
        let attended = self
            .attention_out
            .linear(&attended, pass.kind)
            .dropout(self.dropout, pass.train);
        let x_bta = self
            .attention_norm
            .layer_norm(&(attended + x_bta), self.eps);
        let wide = self.intermediate.linear(&x_bta, pass.kind).gelu("none");
        let narrow = self
            .output
            .linear(&wide, pass.kind)
            .dropout(self.dropout, pass.train);
        self.output_norm.layer_norm(&(narrow + x_bta), self.eps)
    }

    fn attend(&self, x_bta: &Tensor, mask_b11t: Option<&Tensor>, pass: Pass) -> Tensor {
        let (b, t, a) = (x_bta.size()[0], x_bta.size()[1], x_bta.size()[2]);
        let x_bta = x_bta.to_kind(pass.kind);
        let [q, k, v] = [&self.query, &self.key, &self.value].map(|pair| {
            pair.linear(&x_bta, pass.kind)
                .view([b, t, self.heads, a / self.heads])
                .transpose(1, 2)
        });
        let dropout = if pass.train { self.dropout } else { 0.0 };
        Tensor::scaled_dot_product_attention(&q, &k, &v, mask_b11t, dropout, false, None, false)
            .transpose(1, 2)
            .reshape([b, t, a])
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
    /// [`crate::Error::Config`] if `params` were made for other settings.
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
    pub fn forward(&self, states: &[Tensor], mask_bt: Option<&Tensor>, pass: Pass) -> Vec<Tensor> {
        let mask_b11t = mask_bt
            .filter(|_| self.pads == Pads::Masked)
            .map(|mask| mask.unsqueeze(1).unsqueeze(1));
        let mut outputs: Vec<Tensor> = Vec::with_capacity(self.layers.len());
        for (layer, state_bth) in self.layers.iter().zip(states) {
            let previous_bth = outputs
                .last()
                .map_or_else(|| state_bth.zeros_like(), Tensor::shallow_clone);
            let (input, skip_bth) = match self.fuse {
                Fuse::Concat => {
                    let pair = [
                        state_bth.to_kind(pass.kind),
                        previous_bth.to_kind(pass.kind),
                    ];
                    (Tensor::cat(&pair, -1), state_bth.to_kind(Kind::Float))
                }
                Fuse::Add => {
                    let sum = state_bth.to_kind(Kind::Float) + previous_bth;
                    (sum.shallow_clone(), sum)
                }
            };
            let mut x_bta = layer
                .down_project
                .linear(&input, pass.kind)
                .to_kind(Kind::Float);
            for transformer in &layer.layers {
                x_bta = transformer.forward(&x_bta, mask_b11t.as_ref(), pass);
            }
            outputs.push(skip_bth + layer.up_project.linear(&x_bta, pass.kind));
        }
        outputs
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
