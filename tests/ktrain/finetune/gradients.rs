//! Gradients through frozen adapters.

use std::fs;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, Split};
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, Preset};
use ktrain::data::batch::Batch;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::identity::Identity;
use ktrain::libtorch::device::Precision;
use ktrain::model::backbone::Backbone;
use ktrain::model::frozen_adapter::FrozenAdapter;
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::Relation;
use tch::{Device, Kind, Tensor};

use super::prepared;
use crate::datasets::backbone;
use crate::util::alone;

/// Weights of the head that read the hidden state alone are set to zero: all that the backbone is told then
/// comes through the adapter.
#[test]
fn gradients_flow_through_a_frozen_adapter_to_the_backbone() {
    let own = "finetune::gradients::gradients_flow_through_a_frozen_adapter_to_the_backbone";
    if !alone(own) {
        return;
    }
    let dir = prepared();
    let data = Dataset::open(&dir.path().join("shards/rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let store = Store::read(&data, Split::Train, &vocabulary, 40, 1).unwrap();
    let config = Config {
        adapters: Some(1),
        precision: Precision::Fp32,
        max_length: 40,
        ..Benchmark::Relation.config(Preset::Paper, Knowing::Factual)
    };
    let net = Backbone::load(&backbone("bert-tiny"), Device::Cpu, Kind::Float).unwrap();
    let path = dir.path().join("runs/rc/adapter_config.json");
    let identity = Identity::parse(&path, &fs::read(&path).unwrap()).unwrap();
    let folder = dir.path().join("runs/rc");
    let knowledge = FrozenAdapter::load(&folder, &identity.backbone, Device::Cpu).unwrap();
    let before = knowledge.checksum().unwrap();
    let knowledge = [Rc::new(knowledge)];
    let configs = slice::from_ref(&config);
    let params = model::params(configs, net.config(), 4, Device::Cpu);
    ktrain::model::trainable::fill(&params, &backbone("bert-tiny")).unwrap();
    {
        let _guard = tch::no_grad_guard();
        let weight = params.get("relation.head.weight").unwrap();
        assert_eq!(weight.size(), [4, 128]); // s, o of the subject, then of the object
        for start in [0, 64] {
            let _ = weight.narrow(1, start, 32).zero_();
        }
        let _ = weight.set_requires_grad(true);
    }
    let pad = vocabulary.pad;
    let net = Rc::new(net);
    let model = Model::<Relation>::new(configs, net.clone(), &params, &knowledge).unwrap();
    let batch = Batch::new(&store, &config, pad, &[0, 1, 2, 3]);
    let states = model.frozen().states(&batch.input);
    let loss = model.loss(&states, &batch).unwrap();
    let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
    let names = params.expected("");
    // Behind the skip connection and in the first layer, which the adapter reads, too.
    for name in [
        "encoder.layer.3.output.dense.weight",
        "encoder.layer.0.output.dense.weight",
    ] {
        let name = format!("backbone.{name}");
        let i = names
            .iter()
            .position(|expected| expected.name == name)
            .unwrap();
        assert!(grads[i].abs().max().double_value(&[]) > 1e-8, "{name}");
    }
    assert!(
        names
            .iter()
            .all(|expected| !expected.name.contains("adapter"))
    );
    assert_eq!(knowledge[0].checksum().unwrap(), before);

    // The same where layers are computed again for the gradient, dropout included.
    let gradient = |gradient_checkpointing: bool, precision: Precision| {
        let config = Config {
            gradient_checkpointing,
            precision,
            ..config.clone()
        };
        let configs = slice::from_ref(&config);
        let model = Model::<Relation>::new(configs, net.clone(), &params, &knowledge).unwrap();
        tch::manual_seed(7);
        let leaves = params.leaves();
        model.gradient(&states, &batch, 0.5, leaves).unwrap()
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
    for ((kept, again), expected) in kept.iter().zip(&again).zip(&names) {
        let difference = (kept - again).abs().max().double_value(&[]);
        let most = kept.abs().max().double_value(&[]);
        // The key's bias changes nothing that attention computes: its gradient is rounding alone.
        let is_same = difference <= 1e-6 * most + 1e-8;
        assert!(is_same, "{}: {difference}", expected.name);
    }
    assert_ne!(grads[0], kept[0]); // the dropout is there
}
