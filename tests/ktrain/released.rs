//! The released preset against PyTorch (`tests/data/backbone/make_released_reference.py` and
//! `make_released_linguistic_reference.py`).

use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, RelationExample, Split};
use ktrain::config::{Config, Pads, Preset, Task};
use ktrain::data::batch::Batch;
use ktrain::data::examples::TrainingRow;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::torch_file;
use ktrain::files::weights::{self, Named};
use ktrain::libtorch::device::Precision;
use ktrain::model::backbone::Backbone;
use ktrain::model::dropout::DropoutRng;
use ktrain::model::hidden_states::TokenBatch;
use ktrain::model::params::Params;
use ktrain::tasks::TaskDefinition;
use ktrain::tasks::dependency::{Dependency, DependencyTargets};
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::{Relation, RelationTargets};

use tch::{Device, Kind, Tensor};

use crate::datasets::{backbone, easy_heads, easy_relations};
use crate::{json, ktrain, lines, succeed};

/// The sizes of the reference. No dropout: the loss must be its loss.
fn config(task: Task) -> Config {
    Config {
        adapter_hidden_size: 16,
        adapter_attention_heads: 2,
        adapter_ffn_size: 24,
        adapter_dropout: 0.0,
        max_length: 13,
        precision: Precision::Fp32,
        ..Config::preset(Preset::Released, task)
    }
}

fn batch<R: TrainingRow>(reference: &Named, targets: R::Targets) -> Batch<R> {
    let mask_bt = reference["attention_mask"].to_kind(Kind::Bool);
    Batch {
        tokens: mask_bt.sum(Kind::Int64).int64_value(&[]) as usize,
        input: TokenBatch {
            ids_bt: reference["input_ids"].shallow_clone(),
            mask_bt: Some(mask_bt),
            states: None,
        },
        targets,
        examples: 3,
    }
}

fn assert_close(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.size(), expected.size(), "{what}");
    let scale = expected.abs().max().double_value(&[]).max(1.0);
    let difference = (found - expected).abs().max().double_value(&[]) / scale;
    assert!(difference < 1e-5, "{what}: {difference}");
}

/// Fills the model with `found`, in which no name may be missing or left over, and compares logits,
/// loss and the gradient of every parameter.
fn assert_numbers<T: TaskDefinition>(
    config: &Config,
    found: Named,
    batch: &Batch<T::Row>,
    reference: &Named,
) {
    let net = Backbone::load(&backbone("roberta-tiny"), Device::Cpu, Kind::Float).unwrap();
    let params = Params::new(model::specs(config, 32, 5), 1, Device::Cpu);
    let path = backbone("released/pytorch_model.bin");
    let named = weights::match_strictly(&path, found, &params.expected(""), |_| false).unwrap();
    params.fill(params.flat(), "", &named);
    let model = Model::<T>::new(slice::from_ref(config), Rc::new(net), &params, &[]).unwrap();

    let states = model.frozen().states(&batch.input);
    let features = model
        .encoder()
        .forward(&states, &batch.input, None, None)
        .unwrap();
    if let Some(expected) = reference.get("adapter_output") {
        assert_close(&features[1], expected, "adapter output");
    }
    let logits = model.logits(&states, batch, None).unwrap();
    assert_close(&logits, &reference["logits"], "logits");
    let loss = model.loss(&states, batch, &DropoutRng::new(1)).unwrap();
    assert_close(&loss, &reference["loss"], "loss");
    let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
    let grads: Vec<Tensor> = grads.iter().map(|grad| grad.reshape([-1])).collect();
    let grads = params.named(&Tensor::cat(&grads, 0), "");
    let expected = reference.keys().filter(|name| name.starts_with("grad."));
    assert_eq!(grads.len(), expected.count());
    for (name, grad) in grads {
        assert_close(&grad, &reference[&format!("grad.{name}")], &name);
    }
}

/// The file has the released files' format and names.
fn factual() -> Named {
    torch_file::read(&backbone("released/pytorch_model.bin")).unwrap()
}

#[test]
fn output_logits_loss_and_every_gradient_of_the_released_model_are_those_of_pytorch() {
    let (reference, _) = weights::read(&backbone("released/reference.safetensors")).unwrap();
    // The pool has one place for each entity: its marker.
    let (at_n2t, t) = (reference["pool"].flatten(0, 1), reference["pool"].size()[2]);
    let entity_n = Tensor::arange(at_n2t.size()[0], (Kind::Int64, Device::Cpu));
    let targets = RelationTargets {
        place_n: at_n2t.argmax(1, false) + entity_n.floor_divide_scalar(2) * t,
        weight_n: at_n2t.sum_dim_intlist(1, false, Kind::Float),
        entity_n,
        label_b: reference["labels"].shallow_clone(),
    };
    let batch = batch(&reference, targets);
    assert_numbers::<Relation>(&config(Task::Relation), factual(), &batch, &reference);
}

#[test]
fn logits_loss_and_every_gradient_of_the_released_head_for_parses_are_those_of_pytorch() {
    let (reference, _) = weights::read(&backbone("released/linguistic.safetensors")).unwrap();
    let targets = DependencyTargets {
        place_w: reference["places"].shallow_clone(),
        head_w: reference["heads"].shallow_clone(),
        length_w: reference["lengths"].shallow_clone(),
    };
    let adapter = factual()
        .into_iter()
        .filter(|(name, _)| name.starts_with("adapter."));
    let head = reference.iter().filter_map(|(name, tensor)| {
        let name = name.strip_prefix("parameter.")?;
        Some((name.to_owned(), tensor.shallow_clone()))
    });
    let found = adapter.chain(head).collect();
    let batch = batch(&reference, targets);
    assert_numbers::<Dependency>(&config(Task::Dependency), found, &batch, &reference);
}

#[test]
fn the_released_head_learns_parses() {
    let dir = tempfile::tempdir().unwrap();
    easy_heads(&dir.path().join("shards/deps"));
    succeed(ktrain(dir.path()).args([
        "--preset",
        "released",
        "--epochs",
        "2",
        "--set",
        "warmup_steps=0",
    ]));
    let run = dir.path().join("runs/deps");
    let config = json(&run.join("config.json"));
    assert_eq!(config["config"]["parser"], "released");
    let (tensors, _) = weights::read(&run.join("adapter.safetensors")).unwrap();
    assert_eq!(tensors["com_dense.weight"].size(), [32, 64]);
    assert_eq!(tensors["out_proj.weight"].size(), [40, 32]);
    let metrics = lines(&run.join("training/metrics.jsonl"));
    let mut scores = metrics.iter().filter(|line| line["kind"] == "validation");
    let last = scores.next_back().unwrap();
    let [score, baseline] = ["accuracy", "baseline"].map(|name| last[name].as_f64().unwrap());
    assert!(score > baseline + 0.4, "{last}");
}

#[test]
fn where_pads_are_attended_the_longest_input_says_how_many_there_are() {
    let dir = tempfile::tempdir().unwrap();
    easy_relations(&dir.path().join("rc"));
    let dataset = Dataset::open(&dir.path().join("rc")).unwrap();
    let vocabulary = Vocabulary::load(&backbone("roberta-tiny")).unwrap();
    let store = Store::<RelationExample>::read(&dataset, Split::Train, &vocabulary, 60, 1).unwrap();
    let width = |adapter_pads| {
        let config = Config {
            adapter_pads,
            max_length: 60,
            ..config(Task::Relation)
        };
        Batch::new(&store, &config, vocabulary.pad, &[0])
            .input
            .ids_bt
            .size()[1]
    };
    assert_eq!(width(Pads::Masked), store.length(0) as i64);
    assert_eq!(width(Pads::Attended), 60);
}
