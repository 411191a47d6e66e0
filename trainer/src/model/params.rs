//! The trained parameters: one flat fp32 tensor, and a leaf view into it for each of them.
//!
//! One tensor makes the optimiser, the gradient norm and the checkpoint each a few operations.
//! The frozen backbone's parameters never come here, so nothing that changes or saves parameters
//! can reach them. Those of an adapter that stays random are here to be read and saved, but they
//! are no part of the flat tensor: the optimiser cannot reach them.

use tch::{Device, Kind, Tensor};

use crate::files::weights::{Expected, Named};
use crate::{Error, Result};

/// How a parameter starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// Normal with mean 0.
    Normal {
        /// The standard deviation.
        std: f64,
    },
    /// Uniform in ±bound: torch's `nn.Linear` has 1/√(fan in) for weight and bias alike.
    Uniform {
        /// The bound.
        bound: f64,
    },
    /// All the same value.
    Constant(f64),
    /// The identity, of a square matrix.
    Identity,
}

/// A parameter to be: its name, shape and start.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The name, as it stands in files.
    pub name: String,
    /// The shape.
    pub shape: Vec<i64>,
    /// The start.
    pub init: Init,
}

impl Spec {
    /// Weight (`outputs` × `inputs`) and bias of a linear layer that starts as torch's `nn.Linear`.
    pub fn linear(name: &str, inputs: i64, outputs: i64) -> [Self; 2] {
        let init = Init::Uniform {
            bound: 1.0 / (inputs as f64).sqrt(),
        };
        Self::linear_from(name, inputs, outputs, init, init)
    }

    /// The same with another start.
    pub fn linear_from(
        name: &str,
        inputs: i64,
        outputs: i64,
        weight: Init,
        bias: Init,
    ) -> [Self; 2] {
        [
            Self {
                name: format!("{name}.weight"),
                shape: vec![outputs, inputs],
                init: weight,
            },
            Self {
                name: format!("{name}.bias"),
                shape: vec![outputs],
                init: bias,
            },
        ]
    }

    /// Weight and bias of a layer norm.
    pub fn layer_norm(name: &str, width: i64) -> [Self; 2] {
        let spec = |part, value| Self {
            name: format!("{name}.{part}"),
            shape: vec![width],
            init: Init::Constant(value),
        };
        [spec("weight", 1.0), spec("bias", 0.0)]
    }

    /// What a file must have of it.
    pub fn expected(&self) -> Expected {
        Expected {
            name: self.name.clone(),
            shape: self.shape.clone(),
        }
    }

    /// How many numbers it has.
    pub fn numel(&self) -> i64 {
        self.shape.iter().product()
    }
}

/// The trained parameters of a model.
#[derive(Debug)]
pub struct Params {
    specs: Vec<Spec>,
    flat: Tensor,
    leaves: Vec<Tensor>,
    fixed_specs: Vec<Spec>,
    fixed: Vec<Tensor>,
}

impl Params {
    /// Allocates and starts the parameters. The same seed gives the same values on every device:
    /// they are drawn on the CPU, in the order of `specs`.
    pub fn new(specs: Vec<Spec>, seed: u64, device: Device) -> Self {
        Self::with_fixed(Vec::new(), specs, seed, device)
    }

    /// The same with parameters that keep the values they are given here. Those are drawn first.
    pub fn with_fixed(fixed: Vec<Spec>, specs: Vec<Spec>, seed: u64, device: Device) -> Self {
        tch::manual_seed(seed as i64);
        let start = |spec: &Spec| {
            let mut tensor = Tensor::empty([spec.numel()], (Kind::Float, Device::Cpu));
            match spec.init {
                Init::Normal { std } => tensor.normal_(0.0, std),
                Init::Uniform { bound } => tensor.uniform_(-bound, bound),
                Init::Constant(value) => tensor.fill_(value),
                Init::Identity => Tensor::eye(spec.shape[0], (Kind::Float, Device::Cpu)).view([-1]),
            }
        };
        let fixed_specs = fixed;
        let fixed = fixed_specs
            .iter()
            .map(|spec| start(spec).view(spec.shape.as_slice()).to_device(device))
            .collect();
        let flat = Tensor::cat(&specs.iter().map(start).collect::<Vec<_>>(), 0).to_device(device);
        let leaves = views(&specs, &flat)
            .into_iter()
            .map(|view| view.detach().set_requires_grad(true))
            .collect();
        Self {
            specs,
            flat,
            leaves,
            fixed_specs,
            fixed,
        }
    }

    /// The same parameters, none of which is trained any more.
    #[must_use]
    pub fn frozen(self) -> Self {
        let leaves = self.leaves.iter().map(Tensor::detach);
        Self {
            fixed: leaves.chain(self.fixed).collect(),
            fixed_specs: [self.specs, self.fixed_specs].concat(),
            specs: Vec::new(),
            leaves: Vec::new(),
            flat: Tensor::empty([0], (Kind::Float, self.flat.device())),
        }
    }

    /// The trained parameters whose names begin so, named without it.
    #[must_use]
    pub fn part(&self, prefix: &str) -> Self {
        let all = self.specs.iter().zip(&self.leaves);
        let part = all.filter_map(|(spec, leaf)| {
            let name = spec.name.strip_prefix(prefix)?.to_owned();
            let spec = Spec {
                name,
                ..spec.clone()
            };
            Some((spec, leaf.shallow_clone()))
        });
        let (specs, leaves) = part.unzip();
        Self {
            specs,
            leaves,
            flat: self.flat.shallow_clone(),
            fixed_specs: Vec::new(),
            fixed: Vec::new(),
        }
    }

    /// A parameter by name, to compute with.
    ///
    /// # Errors
    /// [`Error::Parameters`] if the model that asks and the one that was declared differ.
    pub fn get(&self, name: &str) -> Result<Tensor> {
        let trained = self.specs.iter().zip(&self.leaves);
        let fixed = self.fixed_specs.iter().zip(&self.fixed);
        trained
            .chain(fixed)
            .find(|(spec, _)| spec.name == name)
            .map(|(_, tensor)| tensor.shallow_clone())
            .ok_or_else(|| Error::Parameters(format!("the model has no parameter {name}")))
    }

    /// All trained parameters as one vector that shares their memory.
    pub fn flat(&self) -> &Tensor {
        &self.flat
    }

    /// The trained parameters in order, for the backward pass.
    pub fn leaves(&self) -> &[Tensor] {
        &self.leaves
    }

    /// A vector of the flat tensor's length, cut into the trained parameters' shapes.
    pub fn views(&self, flat: &Tensor) -> Vec<Tensor> {
        views(&self.specs, flat)
    }

    /// A vector of the flat tensor's length, cut into the parameters' shapes and named.
    pub fn named(&self, flat: &Tensor, prefix: &str) -> Named {
        let names = self
            .specs
            .iter()
            .map(|spec| format!("{prefix}{}", spec.name));
        names.zip(views(&self.specs, flat)).collect()
    }

    /// Every parameter by its name, trained or not: what the adapter's file holds.
    pub fn complete(&self) -> Named {
        let mut all = self.named(&self.flat, "");
        let fixed = self.fixed_specs.iter().zip(&self.fixed);
        all.extend(fixed.map(|(spec, tensor)| (spec.name.clone(), tensor.shallow_clone())));
        all
    }

    /// What a file of the trained parameters must hold.
    pub fn expected(&self, prefix: &str) -> Vec<Expected> {
        expected(&self.specs, prefix)
    }

    /// What a file with [`Params::complete`] must hold.
    pub fn expected_complete(&self) -> Vec<Expected> {
        let mut all = expected(&self.specs, "");
        all.extend(expected(&self.fixed_specs, ""));
        all
    }

    /// Writes named tensors over a vector of the flat tensor's length (the parameters themselves,
    /// or the optimiser's).
    pub fn fill(&self, flat: &Tensor, prefix: &str, named: &Named) {
        let _guard = tch::no_grad_guard();
        for (spec, mut view) in self.specs.iter().zip(views(&self.specs, flat)) {
            if let Some(tensor) = named.get(&format!("{prefix}{}", spec.name)) {
                view.copy_(tensor);
            }
        }
    }

    /// How many numbers are trained.
    pub fn numel(&self) -> usize {
        self.flat.numel()
    }
}

fn expected(specs: &[Spec], prefix: &str) -> Vec<Expected> {
    let with_prefix = |expected: Expected| Expected {
        name: format!("{prefix}{}", expected.name),
        ..expected
    };
    specs.iter().map(Spec::expected).map(with_prefix).collect()
}

fn views(specs: &[Spec], flat: &Tensor) -> Vec<Tensor> {
    let mut start = 0;
    specs
        .iter()
        .map(|spec| {
            let view = flat
                .narrow(0, start, spec.numel())
                .view(spec.shape.as_slice());
            start += spec.numel();
            view
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIFORM: Init = Init::Uniform { bound: 0.7 };

    fn params() -> Params {
        let linear = Spec::linear_from("l", 2, 3, UNIFORM, Init::Constant(0.5));
        Params::new([linear, Spec::layer_norm("n", 3)].concat(), 1, Device::Cpu)
    }

    #[test]
    fn leaves_share_the_flat_tensor_s_memory_and_take_gradients() {
        let params = params();
        let _ = tch::no_grad(|| params.flat().shallow_clone().fill_(2.0));
        let weight = params.get("l.weight").unwrap();
        assert_eq!(weight.size(), [3, 2]);
        assert_eq!(weight.sum(Kind::Float).double_value(&[]), 12.0);
        let loss = (&weight * &weight).sum(Kind::Float);
        let grads = Tensor::run_backward(&[loss], &[weight], false, false);
        assert_eq!(grads[0].double_value(&[2, 1]), 4.0);
    }

    #[test]
    fn fixed_parameters_are_read_and_saved_but_never_trained() {
        let linear = Spec::linear_from("l", 2, 3, UNIFORM, Init::Constant(0.5)).to_vec();
        let norm = Spec::layer_norm("n", 3).to_vec();
        let params = Params::with_fixed(linear, norm, 7, Device::Cpu);
        assert_eq!((params.numel(), params.leaves().len()), (6, 2));
        assert!(!params.get("l.weight").unwrap().requires_grad());
        assert!(params.get("n.weight").unwrap().requires_grad());
        let complete = params.complete();
        let names = ["l.bias", "l.weight", "n.bias", "n.weight"];
        assert_eq!(complete.keys().collect::<Vec<_>>(), names);
        let mut expected = params.expected_complete();
        expected.sort_by(|a, b| a.name.cmp(&b.name));
        for (expected, (name, tensor)) in expected.iter().zip(&complete) {
            assert_eq!((&expected.name, &expected.shape), (name, &tensor.size()));
        }
        assert_eq!(params.named(params.flat(), "").len(), 2);
    }

    #[test]
    fn named_and_fill_are_inverse() {
        let (a, b) = (params(), Params::new(params().specs, 2, Device::Cpu));
        assert_ne!(a.flat(), b.flat());
        b.fill(b.flat(), "p.", &a.named(a.flat(), "p."));
        assert_eq!(a.flat(), b.flat());
        assert_eq!(
            a.get("x").unwrap_err().to_string(),
            "the model has no parameter x"
        );
    }
}
