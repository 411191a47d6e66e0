//! The released preset against PyTorch (`tests/data/backbone/make_released_reference.py`).

use std::rc::Rc;

use kprep_schemas::{Dataset, Split};
use ktrain::backbone::Backbone;
use ktrain::batch::{Batch, Targets};
use ktrain::config::{Config, Pads, Preset, Task};
use ktrain::device::Precision;
use ktrain::model::{self, Model};
use ktrain::params::Params;
use ktrain::store::Store;
use ktrain::tokens::Vocabulary;
use ktrain::weights::{self, Named};
use ktrain::{heads, torch_file};
use tch::{Device, Kind, Tensor};

use crate::ktrain_data::{backbone, easy_relations};

/// The sizes of the reference. No dropout: the loss must be its loss.
fn config() -> Config {
    Config {
        adapter_hidden_size: 16,
        adapter_heads: 2,
        adapter_ffn_size: 24,
        adapter_dropout: 0.0,
        max_length: 13,
        precision: Precision::Fp32,
        ..Config::preset(Preset::Released, Task::Relation)
    }
}

fn batch(reference: &Named) -> Batch {
    let mask_bt = reference["attention_mask"].to_kind(Kind::Bool);
    Batch {
        ids_bt: reference["input_ids"].shallow_clone(),
        pieces: mask_bt.sum(Kind::Int64).int64_value(&[]) as usize,
        mask_bt: Some(mask_bt),
        targets: Targets::Relation {
            pool_b2t: reference["pool"].shallow_clone(),
            label_b: reference["labels"].shallow_clone(),
        },
        examples: 3,
    }
}

fn assert_close(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.size(), expected.size(), "{what}");
    let scale = expected.abs().max().double_value(&[]).max(1.0);
    let difference = (found - expected).abs().max().double_value(&[]) / scale;
    assert!(difference < 1e-5, "{what}: {difference}");
}

#[test]
fn output_logits_loss_and_every_gradient_of_the_released_model_are_those_of_pytorch() {
    let config = config();
    let net = Backbone::load(&backbone("roberta-tiny"), Device::Cpu, Kind::Float).unwrap();
    let params = Params::new(model::specs(&config, 32, 5), 1, Device::Cpu);
    // The file has the released files' format and names, and nothing is renamed or left over.
    let path = backbone("released/pytorch_model.bin");
    let found = torch_file::read(&path).unwrap();
    let named = weights::match_strictly(&path, found, &params.expected(""), |_| false).unwrap();
    params.fill(params.flat(), "", &named);
    let model = Model::new(&config, Rc::new(net), &params, 1).unwrap();

    let (reference, _) = weights::read(&backbone("released/reference.safetensors")).unwrap();
    let batch = batch(&reference);
    let features = model.features(&batch, false);
    assert_close(&features[1], &reference["adapter_output"], "adapter output");
    let head = heads::Head::new(&config, &params).unwrap();
    let logits = head.logits(&features, &batch.targets, false);
    assert_close(&logits, &reference["logits"], "logits");
    let loss = model.loss(&batch);
    assert_close(&loss, &reference["loss"], "loss");
    let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
    let grads: Vec<Tensor> = grads.iter().map(|grad| grad.reshape([-1])).collect();
    let grads = params.named(&Tensor::cat(&grads, 0), "");
    assert_eq!(grads.len(), 114);
    for (name, grad) in grads {
        assert_close(&grad, &reference[&format!("grad.{name}")], &name);
    }
}

#[test]
fn where_pads_are_attended_the_longest_input_says_how_many_there_are() {
    let dir = tempfile::tempdir().unwrap();
    easy_relations(&dir.path().join("rc"));
    let dataset = Dataset::open(&dir.path().join("rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("roberta-tiny")).unwrap();
    let store = Store::read(&dataset, Split::Train, Task::Relation, &vocabulary, 60, 1).unwrap();
    let width = |adapter_pads| {
        let config = Config {
            adapter_pads,
            max_length: 60,
            ..config()
        };
        Batch::new(&store, &config, vocabulary.pad, &[0])
            .ids_bt
            .size()[1]
    };
    assert_eq!(width(Pads::Masked), store.length(0) as i64);
    assert_eq!(width(Pads::Attended), 60);
}
