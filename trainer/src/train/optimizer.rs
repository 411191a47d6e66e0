//! AdamW over the flat parameters, with its state in tensors that a checkpoint can hold.

use tch::Tensor;

use crate::Result;
use crate::config::{Config, EpsilonPlacement, SchedulerStep};
use crate::libtorch;
use crate::model::params::Params;

/// The learning rate of a step (from 0): rises linearly over the warm-up, then falls linearly to
/// 0 just after the last step, as in `transformers`' linear schedule. Where the scheduler steps before the
/// optimizer, it is the rate of the step behind it.
pub fn learning_rate(config: &Config, step: u64, steps: u64) -> f64 {
    let step = match config.lr_scheduler_step {
        SchedulerStep::AfterOptimizer => step,
        SchedulerStep::BeforeOptimizer => step + 1,
    };
    let warmup = config.warmup_steps;
    let factor = if step < warmup {
        step as f64 / warmup as f64
    } else {
        steps.saturating_sub(step) as f64 / steps.saturating_sub(warmup).max(1) as f64
    };
    config.learning_rate * factor
}

/// AdamW (Loshchilov and Hutter, 2019) as torch computes it: the weights decay before the update.
pub struct AdamW {
    /// Decaying mean of the gradient.
    pub mean: Tensor,
    /// Decaying mean of the squared gradient.
    pub square: Tensor,
}

impl AdamW {
    /// The state before the first step.
    pub fn new(params: &Params) -> Self {
        Self {
            mean: params.flat().zeros_like(),
            square: params.flat().zeros_like(),
        }
    }

    /// Changes the parameters by one step (from 0). `grads` are those of [`Params::leaves`].
    /// Gives the gradient's norm before clipping as a tensor: nothing here waits for the device.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn step(
        &mut self,
        config: &Config,
        params: &Params,
        grads: &[Tensor],
        step: u64,
        rate: f64,
    ) -> Result<Tensor> {
        let step = (step + 1) as f64;
        let epsilon = match config.adam_epsilon_placement {
            EpsilonPlacement::AfterBiasCorrection => config.adam_epsilon,
            // (√v + ε) / c = √v / c + ε / c, with the correction c.
            EpsilonPlacement::BeforeBiasCorrection => {
                config.adam_epsilon / (1.0 - config.adam_beta2.powf(step)).sqrt()
            }
        };
        libtorch::AdamW {
            params: params.leaves(),
            grads,
            means: &params.views(&self.mean),
            squares: &params.views(&self.square),
            clip: config.clip_norm,
            step,
            rate,
            betas: [config.adam_beta1, config.adam_beta2],
            decay: config.weight_decay,
            epsilon,
        }
        .step()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Preset, Task};
    use crate::model::params::{Init, Spec};
    use tch::{Device, Kind};

    fn config() -> Config {
        Config::preset(Preset::Paper, Task::Relation)
    }

    #[test]
    fn the_learning_rate_rises_and_falls_as_in_transformers() {
        let config = Config {
            learning_rate: 1.0,
            warmup_steps: 4,
            ..config()
        };
        let rates: Vec<f64> = (0..=12)
            .map(|step| learning_rate(&config, step, 12))
            .collect();
        let expected = [
            0.0, 0.25, 0.5, 0.75, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0.0,
        ];
        assert_eq!(rates, expected);
        let config = Config {
            warmup_steps: 0,
            ..config
        };
        assert_eq!(learning_rate(&config, 0, 10), 1.0);
        assert_eq!(learning_rate(&config, 9, 10), 0.1);
        // A run shorter than its warm-up only rises.
        let config = Config {
            warmup_steps: 20,
            ..config
        };
        assert_eq!(learning_rate(&config, 9, 10), 0.45);
    }

    /// The same steps, number by number, in f64.
    fn by_hand(config: &Config, start: &[f64], grads: &[Vec<f64>], rate: f64) -> Vec<f64> {
        let mut p = start.to_vec();
        let (mut m, mut v) = (vec![0.0; p.len()], vec![0.0; p.len()]);
        for (t, grad) in grads.iter().enumerate() {
            let norm = grad.iter().map(|g| g * g).sum::<f64>().sqrt();
            let scale = (config.clip_norm / (norm + 1e-6)).min(1.0);
            let t = (t + 1) as i32;
            for i in 0..p.len() {
                let g = grad[i] * scale;
                m[i] = config.adam_beta1 * m[i] + (1.0 - config.adam_beta1) * g;
                v[i] = config.adam_beta2 * v[i] + (1.0 - config.adam_beta2) * g * g;
                let m_hat = m[i] / (1.0 - config.adam_beta1.powi(t));
                let v_hat = v[i] / (1.0 - config.adam_beta2.powi(t));
                p[i] -= rate * config.weight_decay * p[i];
                p[i] -= rate * m_hat / (v_hat.sqrt() + config.adam_epsilon);
            }
        }
        p
    }

    #[test]
    fn steps_are_adamw_s_with_and_without_clipping() {
        let config = Config {
            weight_decay: 0.01,
            clip_norm: 1.0,
            ..config()
        };
        let spec = Spec {
            name: "p".into(),
            shape: vec![3],
            init: Init::Uniform { bound: 1.0 },
        };
        let params = Params::new(vec![spec], 3, Device::Cpu);
        let start = Vec::<f64>::try_from(params.flat().to_kind(Kind::Double)).unwrap();
        let grads = [
            vec![0.1, -0.2, 0.3],
            vec![5.0, 1.0, -2.0],
            vec![0.0, 0.5, 0.0],
        ];
        let mut adam = AdamW::new(&params);
        for (step, grad) in grads.iter().enumerate() {
            let grad = Tensor::from_slice(grad).to_kind(Kind::Float);
            let norm = adam
                .step(&config, &params, &[grad], step as u64, 0.01)
                .unwrap();
            assert!(step != 1 || (norm.double_value(&[]) - 30.0_f64.sqrt()).abs() < 1e-5);
        }
        let ours = Vec::<f64>::try_from(params.flat().to_kind(Kind::Double)).unwrap();
        for (a, b) in ours.iter().zip(by_hand(&config, &start, &grads, 0.01)) {
            assert!((a - b).abs() < 1e-6, "{a} {b}");
        }
    }

    #[test]
    fn gradients_may_lie_in_memory_in_any_order() {
        let spec = Spec {
            name: "p".into(),
            shape: vec![3, 2],
            // Nothing drawn: the other tests of this process draw from the same generator.
            init: Init::Constant(0.5),
        };
        let step = |grad: &Tensor| {
            let params = Params::new(vec![spec.clone()], 3, Device::Cpu);
            let start = params.flat().copy();
            let mut adam = AdamW::new(&params);
            let grad = [grad.shallow_clone()];
            let _norm = adam.step(&config(), &params, &grad, 0, 0.01).unwrap();
            params.flat() - start
        };
        let grad = Tensor::from_slice(&[1.0f32, -1.0, 1.0, 1.0, -1.0, -1.0]).view([2, 3]);
        assert_eq!(
            step(&grad.transpose(0, 1)),
            step(&grad.transpose(0, 1).contiguous())
        );
        let same = Tensor::from(0.5f32).expand([3, 2], false);
        assert_eq!(step(&same), step(&same.contiguous()));
    }
}
