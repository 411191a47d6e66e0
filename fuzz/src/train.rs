//! ktrain's readers: weights in both formats, tokenizers, and the settings of checkpoints and runs.

use std::collections::BTreeMap;
use std::path::Path;

use ktrain::config::{Config, Preset, Task};
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::backbone_config::BackboneConfig;
use ktrain::files::header;
use ktrain::files::identity::{BackboneIdentity, DatasetIdentity, Identity};
use ktrain::files::sealed;
use ktrain::files::torch_file;
use ktrain::files::weights;
use ktrain::model::backbone::Backbone;

use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::target::{Target, file, with_folder};

const TARGETS: [Target; 7] = [
    Target {
        name: "safetensors",
        read: safetensors,
        seeds: tensors,
    },
    Target {
        name: "torch_file",
        read: |input| with_folder(&[("pytorch_model.bin", input)], torch),
        seeds: torch_files,
    },
    Target {
        name: "tokenizer",
        read: |input| tokenizer(&[("tokenizer.json", input)]),
        seeds: || {
            MODELS
                .map(|model| file(&format!("{model}/tokenizer.json")))
                .into()
        },
    },
    Target {
        name: "tokenizer_bpe",
        read: tokenizer_bpe,
        seeds: || {
            let (vocab, merges) = (bpe("vocab.json"), bpe("merges.txt"));
            vec![[vocab.as_slice(), b"\0", &merges].concat()]
        },
    },
    Target {
        name: "tokenizer_wordpiece",
        read: |input| tokenizer(&[("vocab.txt", input)]),
        seeds: || vec![WORD_TOKENS.join("\n").into_bytes()],
    },
    Target {
        name: "backbone_config",
        read: backbone_config,
        seeds: || {
            MODELS
                .map(|model| file(&format!("{model}/config.json")))
                .into()
        },
    },
    Target {
        name: "adapter_config",
        read: |input| {
            let path = Path::new("config.json");
            let _ = sealed::check(path, input);
            let _ = Identity::parse(path, input);
        },
        seeds: || vec![adapter_config()],
    },
];

/// All of them.
pub fn targets() -> impl Iterator<Item = Target> {
    TARGETS.into_iter()
}

const MODELS: [&str; 3] = [
    "tests/data/backbone/bert-tiny",
    "tests/data/backbone/roberta-tiny",
    "tests/data/backbone/xlm-roberta-tiny",
];

/// A file that can be read has the tensors that its header lists.
fn safetensors(input: &[u8]) {
    with_folder(&[("a.safetensors", input)], |dir| {
        let path = dir.join("a.safetensors");
        let shapes = header::shapes(&path);
        if let Ok((named, _)) = weights::read(&path) {
            let shapes = shapes.expect("the header of a file that was read");
            for (name, tensor) in named {
                assert_eq!(shapes.get(&name), Some(&tensor.size()));
            }
        }
    });
}

fn tensors() -> Vec<Vec<u8>> {
    let made = with_folder(&[], |dir| {
        let path = dir.join("a.safetensors");
        let named = [
            (
                "x".to_owned(),
                Tensor::from_slice(&[1.0f32, -2.5]).view([1, 2]),
            ),
            ("y".to_owned(), Tensor::from_slice(&[7i64])),
        ];
        weights::write(&path, &named.into(), &[("note", "n".into())]).expect("a file");
        std::fs::read(path).expect("a file")
    });
    vec![made, file("tests/data/backbone/torch/expected.safetensors")]
}

fn torch(dir: &Path) {
    let _ = torch_file::read(&dir.join("pytorch_model.bin"));
}

fn torch_files() -> Vec<Vec<u8>> {
    let names = [
        "zip",
        "legacy",
        "torch-1.3.1",
        "call-zip",
        "call-legacy",
        "double-zip",
        "double-legacy",
        "expanded-zip",
        "expanded-legacy",
        "list-zip",
        "list-legacy",
        "number-zip",
        "number-legacy",
    ];
    let path = |name| format!("tests/data/backbone/torch/{name}.bin");
    names.map(|name| file(&path(name))).into()
}

/// Words to tokens and back, as data is read and probes ask. The model beside the tokenizer has
/// room for any token.
fn tokenizer(files: &[(&str, &[u8])]) {
    let config = file("tests/data/backbone/bert-tiny/config.json");
    let mut config: Value = serde_json::from_slice(&config).expect("JSON");
    config["vocab_size"] = (1 << 20).into();
    let config = config.to_string();
    let all = [files, &[("config.json", config.as_bytes())]].concat();
    with_folder(&all, |dir| {
        let Ok(vocabulary) = Vocabulary::load(dir) else {
            return;
        };
        let mut words = vocabulary.words();
        for word in ["Bern", "über", "@", "\u{0}", "🂡", "a-b_c", &"x".repeat(300)] {
            assert!(!words.tokens(word).is_empty());
        }
        let _ = (vocabulary.mask(), vocabulary.len());
        for token in [0, 1, vocabulary.start, u32::MAX] {
            let _ = vocabulary.word(token);
        }
    });
}

const WORD_TOKENS: [&str; 10] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "@", "#", "the", "##s", "Bern",
];

/// `vocab.json`, a zero byte, `merges.txt`.
fn tokenizer_bpe(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == 0);
    let (vocab, merges) = input.split_at(end.unwrap_or(input.len()));
    let merges = merges.get(1..).unwrap_or_default();
    tokenizer(&[("vocab.json", vocab), ("merges.txt", merges)]);
}

fn bpe(name: &str) -> Vec<u8> {
    file(&format!("tests/data/backbone/roberta-tiny/{name}"))
}

/// The settings beside the weights of a real model.
fn backbone_config(input: &[u8]) {
    let weights = file("tests/data/backbone/bert-tiny/model.safetensors");
    with_folder(
        &[("config.json", input), ("model.safetensors", &weights)],
        |dir| {
            let Ok(config) = BackboneConfig::read(dir) else {
                return;
            };
            let _ = (config.max_length(), config.parameters());
            if let Ok(backbone) = Backbone::load(dir, Device::Cpu, Kind::Float) {
                let ids = Tensor::from_slice(&[1i64, 2, 3]).view([1, 3]);
                let _ = backbone.positions(&ids, None);
            }
        },
    );
}

fn adapter_config() -> Vec<u8> {
    let identity = Identity {
        config: Config::preset(Preset::Paper, Task::Relation),
        backbone: BackboneIdentity {
            name: "bert-tiny".into(),
            model_type: "bert".into(),
            hidden_size: 32,
            layers: 4,
            sha256: "0".repeat(64),
            files: BTreeMap::new(),
        },
        dataset: DatasetIdentity {
            name: "rel".into(),
            manifest_sha256: "0".repeat(64),
        },
        second: None,
        adapter_weights_sha256: None,
        adapters: Vec::new(),
    };
    serde_json::to_vec_pretty(&identity).expect("JSON")
}
