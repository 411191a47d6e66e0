//! The trainer's numbers against Python's (`tests/data/backbone/make_*.py`).

use ktrain::config::{Config, Preset, Task};
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::weights::{self, Named};
use ktrain::model::adapter::{self, Adapter, Pass};
use ktrain::model::backbone::Backbone;
use ktrain::model::dropout::DropoutRng;
use ktrain::model::params::Params;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::datasets::backbone;

fn max_difference(a: &Tensor, b: &Tensor) -> f64 {
    assert_eq!(a.size(), b.size());
    (a - b).abs().max().double_value(&[])
}

/// The mask as the trainer has it: none where there are no pads.
fn mask(reference: &Named, prefix: &str) -> Option<Tensor> {
    let mask = reference[&format!("{prefix}.attention_mask")].to_kind(Kind::Bool);
    (!bool::try_from(mask.all()).unwrap()).then_some(mask)
}

#[test]
fn every_hidden_state_is_that_of_transformers() {
    for name in ["bert-tiny", "roberta-tiny", "xlm-roberta-tiny"] {
        let model = Backbone::load(&backbone(name), Device::Cpu, Kind::Float).unwrap();
        let (reference, _) = weights::read(&backbone(name).join("reference.safetensors")).unwrap();
        for prefix in ["plain", "padded"] {
            let mask = mask(&reference, prefix);
            assert_eq!(mask.is_some(), prefix == "padded");
            let ids = &reference[&format!("{prefix}.input_ids")];
            let types = reference.get(&format!("{prefix}.token_type_ids"));
            let states = model.forward(ids, mask.as_ref(), types, &[0, 1, 2, 3, 4]);
            for (i, state) in states.iter().enumerate() {
                let expected = &reference[&format!("{prefix}.hidden_states_{i}")];
                let difference = max_difference(state, expected);
                assert!(
                    difference < 1e-5,
                    "{name} {prefix} hidden state {i}: {difference}"
                );
            }
        }
    }
}

/// The adapter of `make_adapter_reference.py`.
fn reference_adapter() -> (Config, Params) {
    let config = Config {
        adapter_hidden_size: 48,
        adapter_attention_heads: 4,
        adapter_ffn_size: 96,
        ..Config::preset(Preset::Paper, Task::Relation)
    };
    let params = Params::new(adapter::specs(&config, 32), 1, Device::Cpu);
    let path = backbone("adapter/adapter.safetensors");
    let (found, _) = weights::read(&path).unwrap();
    let named = weights::match_strictly(&path, found, &params.expected(""), |_| false).unwrap();
    params.fill(params.flat(), "", &named);
    (config, params)
}

#[test]
fn outputs_loss_and_every_gradient_of_the_adapter_are_those_of_pytorch() {
    let (config, params) = reference_adapter();
    let (reference, _) = weights::read(&backbone("adapter/reference.safetensors")).unwrap();
    // With training on but no dropout, to take the path that keeps a graph.
    let quiet = Config {
        adapter_dropout: 0.0,
        ..config.clone()
    };
    let [trained, adapter] = [&quiet, &config].map(|config| Adapter::new(config, &params).unwrap());
    let rng = DropoutRng::new(1);
    let pass = |train: bool| Pass {
        dropout: train.then_some(&rng),
        kind: Kind::Float,
    };
    for prefix in ["plain", "padded"] {
        let get = |name: &str| &reference[&format!("{prefix}.{name}")];
        let points = config.adapter_plug.points(4, 3).into_iter();
        let states = points.map(|i| get(&format!("hidden_states_{i}")).shallow_clone());
        let states: Vec<Tensor> = states.collect();
        let mask = mask(&reference, prefix);
        let outputs = trained.forward(&states, mask.as_ref(), None, pass(true));
        for (i, output) in outputs.iter().enumerate() {
            let difference = max_difference(output, get(&format!("adapter_output_{i}")));
            assert!(difference < 1e-5, "{prefix} output {i}: {difference}");
        }
        let feature = Tensor::cat(&[get("hidden_states_4"), &outputs[2]], -1);
        assert!(max_difference(&feature, get("feature")) < 1e-5);
        let real = get("attention_mask").to_kind(Kind::Bool).unsqueeze(-1);
        let loss = feature.masked_select(&real).square().mean(Kind::Float);
        assert!(max_difference(&loss, get("loss")) < 1e-5);
        let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
        if prefix == "padded" {
            let grads: Vec<Tensor> = grads.iter().map(|grad| grad.reshape([-1])).collect();
            for (name, grad) in params.named(&Tensor::cat(&grads, 0), "") {
                let expected = get(&format!("grad.{name}"));
                let scale = expected.abs().max().double_value(&[]).max(1.0);
                let difference = max_difference(&grad, expected) / scale;
                assert!(difference < 1e-5, "gradient of {name}: {difference}");
            }
        }
        let same = adapter.forward(&states, mask.as_ref(), None, pass(false));
        let difference = max_difference(&same[2], get("adapter_output_2"));
        assert!(difference < 1e-5, "no dropout outside training");
        let places = Tensor::from_slice(&[4i64, 0, 11, 4]);
        let picked = adapter.forward(&states, mask.as_ref(), Some(&places), pass(false));
        let expected = same[2].flatten(0, 1).index_select(0, &places);
        assert!(max_difference(&picked[2], &expected) < 1e-6);
    }
}

#[test]
fn words_one_by_one_have_the_tokens_of_the_whole_sentence() {
    for name in ["bert-tiny", "roberta-tiny", "xlm-roberta-tiny"] {
        let vocabulary = Vocabulary::load(&backbone(name)).unwrap();
        let mut words = vocabulary.words();
        let json = std::fs::read(backbone(name).join("tokenized.json")).unwrap();
        let sentences: Vec<Value> = serde_json::from_slice(&json).unwrap();
        for sentence in &sentences {
            let text = sentence["text"].as_str().unwrap();
            if name == "roberta-tiny"
                && text.split_whitespace().collect::<Vec<_>>().join(" ") != text
            {
                continue; // the trainer joins words by one space
            }
            let expected: Vec<u32> =
                serde_json::from_value(sentence["ids_without_specials"].clone()).unwrap();
            // Python gave the first word no leading space, so compare from the second on.
            let rest: Vec<u32> = text
                .split_whitespace()
                .skip(1)
                .flat_map(|word| words.tokens(word).to_vec())
                .collect();
            assert!(
                expected.ends_with(&rest),
                "{name}: {text:?} {expected:?} {rest:?}"
            );
            // The other two drop or add that space themselves.
            if name != "roberta-tiny" {
                let all: Vec<u32> = text
                    .split_whitespace()
                    .flat_map(|word| words.tokens(word).to_vec())
                    .collect();
                assert_eq!(all, expected, "{text:?}");
            }
        }
    }
}

#[test]
fn vocab_and_merges_give_the_tokens_of_tokenizer_json() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["config.json", "vocab.json", "merges.txt"] {
        std::fs::copy(backbone("roberta-tiny").join(file), dir.path().join(file)).unwrap();
    }
    let (older, newer) = (
        Vocabulary::load(dir.path()).unwrap(),
        Vocabulary::load(&backbone("roberta-tiny")).unwrap(),
    );
    let specials = |v: &Vocabulary| [v.start, v.end, v.pad, v.subject, v.object];
    assert_eq!(specials(&older), specials(&newer));
    let text = std::fs::read_to_string(backbone("sentences.txt")).unwrap();
    let (mut a, mut b) = (older.words(), newer.words());
    for word in text.split_whitespace() {
        assert_eq!(a.tokens(word), b.tokens(word), "{word}");
    }
}
