//! Gradients through frozen adapters.

use std::fs;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, RelationExample, Split};
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, Preset};
use ktrain::data::batch::Batch;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::identity::Identity;
use ktrain::files::weights::Expected;
use ktrain::libtorch::device::Precision;
use ktrain::model::backbone::Backbone;
use ktrain::model::dropout::DropoutRng;
use ktrain::model::frozen_adapter::FrozenAdapter;
use ktrain::model::params::Params;
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::Relation;
use tch::{Device, Kind, Tensor};

use super::prepared;
use crate::datasets::backbone;

/// The settings of a fine-tuning with one adapter.
fn config() -> Config {
    Config {
        adapters: Some(1),
        precision: Precision::Fp32,
        max_length: 40,
        ..Benchmark::Relation.config(Preset::Paper, Knowing::Factual)
    }
}

/// Parameters with the backbone's values. Weights of the head that read the hidden state alone are zero: all that the
/// backbone is told then comes through the adapter.
fn through_the_adapter(config: &Config, net: &Backbone) -> Params {
    let params = model::params(slice::from_ref(config), net.config(), 4, Device::Cpu);
    ktrain::model::trainable::fill(&params, &backbone("bert-tiny")).unwrap();
    let _guard = tch::no_grad_guard();
    let weight = params.get("relation.head.weight").unwrap();
    assert_eq!(weight.size(), [4, 128]); // s, o of the subject, then of the object
    for start in [0, 64] {
        let _ = weight.narrow(1, start, 32).zero_();
    }
    let _ = weight.set_requires_grad(true);
    params
}

#[test]
fn gradients_flow_through_a_frozen_adapter_to_the_backbone() {
    let dir = prepared();
    let data = Dataset::open(&dir.path().join("shards/rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let store = Store::read(&data, Split::Train, &vocabulary, 40, 1).unwrap();
    let config = config();
    let net = Backbone::load(&backbone("bert-tiny"), Device::Cpu, Kind::Float).unwrap();
    let path = dir.path().join("runs/rc/config.json");
    let identity = Identity::parse(&path, &fs::read(&path).unwrap()).unwrap();
    let folder = dir.path().join("runs/rc");
    let knowledge = FrozenAdapter::load(&folder, &identity.backbone, Device::Cpu).unwrap();
    let before = knowledge.checksum().unwrap();
    let parts = Parts {
        params: through_the_adapter(&config, &net),
        net: Rc::new(net),
        knowledge: [Rc::new(knowledge)],
        batch: Batch::new(&store, &config, vocabulary.pad, &[0, 1, 2, 3]),
    };
    let model = parts.model(&config);
    let states = model.frozen().states(&parts.batch.input);
    let loss = model
        .loss(&states, &parts.batch, &DropoutRng::new(1))
        .unwrap();
    let grads = Tensor::run_backward(&[loss], parts.params.leaves(), false, false);
    let names = parts.params.expected("");
    // Behind the skip connection and in the first layer, which the adapter reads, too.
    for name in [
        "backbone.encoder.layer.3.output.dense.weight",
        "backbone.encoder.layer.0.output.dense.weight",
    ] {
        let at = names.iter().position(|expected| expected.name == name);
        let largest = grads[at.unwrap()].abs().max().double_value(&[]);
        assert!(largest > 1e-8, "{name}");
    }
    let is_adapter = |expected: &Expected| expected.name.contains("adapter");
    assert!(!names.iter().any(is_adapter));
    assert_eq!(parts.knowledge[0].checksum().unwrap(), before);
    let kept = parts.assert_checkpointing_changes_nothing(&config);
    assert_ne!(grads[0], kept[0]); // the dropout is there
}

/// What models of several settings share.
struct Parts {
    params: Params,
    net: Rc<Backbone>,
    knowledge: [Rc<FrozenAdapter>; 1],
    batch: Batch<RelationExample>,
}

impl Parts {
    fn model(&self, config: &Config) -> Model<Relation> {
        let configs = slice::from_ref(config);
        Model::new(configs, self.net.clone(), &self.params, &self.knowledge).unwrap()
    }

    /// Loss and gradients are the same where layers are computed again for the gradient, dropout included. Gives those
    /// in fp32.
    fn assert_checkpointing_changes_nothing(&self, config: &Config) -> Vec<Tensor> {
        let gradient = |gradient_checkpointing: bool, precision: Precision| {
            let model = self.model(&Config {
                gradient_checkpointing,
                precision,
                ..config.clone()
            });
            let (states, leaves) = (
                model.frozen().states(&self.batch.input),
                self.params.leaves(),
            );
            model
                .gradient(&states, &self.batch, 0.5, leaves, &DropoutRng::new(7))
                .unwrap()
        };
        let bf16 = Precision::Bf16;
        let ((loss, kept), (loss_again, again)) = (gradient(false, bf16), gradient(true, bf16));
        assert_eq!(loss, loss_again);
        for (kept, again) in kept.iter().zip(&again) {
            // In another order of sums, single elements may differ by some roundings of bf16.
            let difference = (kept - again).norm().double_value(&[]);
            let length = kept.norm().double_value(&[]);
            assert!(difference <= 0.02 * length + 1e-4, "{difference} {length}");
        }
        let fp32 = Precision::Fp32;
        let ((loss, kept), (loss_again, again)) = (gradient(false, fp32), gradient(true, fp32));
        assert_eq!(loss, loss_again);
        let names = self.params.expected("");
        for ((kept, again), expected) in kept.iter().zip(&again).zip(&names) {
            let difference = (kept - again).abs().max().double_value(&[]);
            let most = kept.abs().max().double_value(&[]);
            // The key's bias changes nothing that attention computes: its gradient is rounding alone.
            let is_same = difference <= 1e-6 * most + 1e-8;
            assert!(is_same, "{}: {difference}", expected.name);
        }
        kept
    }
}
