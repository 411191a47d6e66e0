//! Weights in every form that they come in, and what `ktrain info` says of them.

use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::sha256_file;
use ktrain::files::checkpoint_folder;
use ktrain::files::torch_file;
use ktrain::files::weights;
use ktrain::files::weights::Named;
use ktrain::model::backbone::Backbone;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};
use tch::{Device, Kind, Tensor};
use tempfile::TempDir;

use crate::datasets::{backbone, copy_backbone, easy_relations};
use crate::info::info_json;
use crate::{fail, json, ktrain, succeed};

/// A file of `make_torch_files.py`.
fn torch_file(name: &str) -> PathBuf {
    backbone("torch").join(format!("{name}.bin"))
}

#[test]
fn both_formats_of_torch_save_are_read() {
    let (expected, _) = weights::read(&backbone("torch/expected.safetensors")).unwrap();
    for format in ["zip", "legacy"] {
        let found = torch_file::read(&torch_file(format)).unwrap();
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            expected.keys().collect::<Vec<_>>()
        );
        for (name, tensor) in &found {
            assert_eq!(tensor.kind(), expected[name].kind(), "{name}");
            assert_eq!(tensor, &expected[name], "{format} {name}");
            assert_eq!(
                weights::bytes(tensor).unwrap(),
                weights::bytes(&expected[name]).unwrap(),
                "{format} {name}"
            );
        }
    }
}

#[test]
fn a_file_of_the_torch_of_2019_is_read() {
    let found = torch_file::read(&torch_file("torch-1.3.1")).unwrap();
    let halves = Tensor::from_slice(&[1.0f32; 3]).to_kind(Kind::Half);
    let expected = [
        ("half", halves),
        ("long", Tensor::from_slice(&[0i64, 1, 2, 3])),
        ("parameter", Tensor::from_slice(&[1.0f32; 2])),
        (
            "transposed",
            Tensor::from_slice(&[0.0f32, 3.0, 1.0, 4.0, 2.0, 5.0]).view([3, 2]),
        ),
    ];
    assert_eq!(
        found,
        expected
            .map(|(name, tensor)| (name.to_owned(), tensor))
            .into()
    );
}

#[test]
fn anything_but_weights_is_refused_by_name() {
    for (name, reason) in [
        (
            "double",
            "it names torch.DoubleStorage, which is no part of weights",
        ),
        (
            "call",
            "it names __builtin__.print, which is no part of weights",
        ),
        (
            "expanded",
            "x: shape [1000] with strides [0] from 0 does not fit its storage of 1 numbers",
        ),
        ("list", "the file holds no dict of tensors (a state dict)"),
        ("number", "x is no tensor as torch.save writes it"),
    ] {
        for format in ["zip", "legacy"] {
            let path = torch_file(&format!("{name}-{format}"));
            let message = torch_file::read(&path).unwrap_err().to_string();
            let start = format!("{}: ", path.display());
            assert!(message.starts_with(&start), "{message}");
            assert!(message.ends_with(reason), "{message}");
        }
    }
}

#[test]
fn a_cut_file_never_loads() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.bin");
    for format in ["zip", "legacy"] {
        let whole = fs::read(torch_file(format)).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let message = torch_file::read(&path).unwrap_err().to_string();
            assert!(
                message.contains("cut.bin: "),
                "{format} {length}: {message}"
            );
        }
    }
}

proptest! {
    /// Bytes overwritten anywhere give other weights or an error with the file's name, and never
    /// a panic. (A changed number of a storage shows only in the zip format, by its checksum.)
    #[test]
    fn damaged_files_never_panic(
        zipped in any::<bool>(),
        damage in vec((any::<Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = fs::read(torch_file(if zipped { "zip" } else { "legacy" })).unwrap();
        for (place, byte) in &damage {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("damaged.bin");
        fs::write(&path, &bytes).unwrap();
        if let Err(error) = torch_file::read(&path) {
            prop_assert!(error.to_string().contains("damaged.bin: "), "{error}");
        }
    }
}

/// A backbone's folder with everything but weights.
fn empty_backbone() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    copy_backbone(dir.path(), &["config.json"]);
    dir
}

fn load(dir: &Path) -> ktrain::Result<String> {
    Backbone::load(dir, Device::Cpu, Kind::Float)?.checksum()
}

#[test]
fn a_backbone_in_shards_is_the_one_in_a_file() {
    let whole = load(&backbone("bert-tiny")).unwrap();
    let dir = empty_backbone();
    let (all, _) = weights::read(&backbone("bert-tiny/model.safetensors")).unwrap();
    let names = ["a.safetensors", "b.safetensors"];
    let mut shards = [Named::new(), Named::new()];
    let mut map = Map::new();
    for (i, (name, tensor)) in all.into_iter().enumerate() {
        map.insert(name.clone(), names[i % 2].into());
        shards[i % 2].insert(name, tensor);
    }
    for (name, shard) in names.iter().zip(&shards) {
        weights::write(&dir.path().join(name), shard, &[]).unwrap();
    }
    let index = dir.path().join("model.safetensors.index.json");
    let put = |map: &Map<String, Value>| {
        fs::write(&index, json!({ "weight_map": map }).to_string()).unwrap();
    };
    put(&map);
    assert_eq!(load(dir.path()).unwrap(), whole);
    assert_eq!(checkpoint_folder::files(dir.path()).unwrap().1.len(), 2);

    let missing = map.keys().nth(1).unwrap().clone();
    shards[1].remove(&missing);
    weights::write(&dir.path().join(names[1]), &shards[1], &[]).unwrap();
    let message = load(dir.path()).unwrap_err().to_string();
    assert!(message.ends_with(&format!("do not fit the model\n  missing     {missing}")));

    shards[1].insert(map.keys().next().unwrap().clone(), Tensor::from(1.0f32));
    weights::write(&dir.path().join(names[1]), &shards[1], &[]).unwrap();
    let message = load(dir.path()).unwrap_err().to_string();
    assert!(
        message.ends_with("is in an earlier shard, too"),
        "{message}"
    );

    map.insert(missing, "../c.safetensors".into());
    put(&map);
    let message = load(dir.path()).unwrap_err().to_string();
    assert!(message.ends_with("the shard \"../c.safetensors\" is no file name"));
}

#[test]
fn a_backbone_in_shards_of_torch_s_own_formats_is_the_one_in_a_file() {
    let dir = empty_backbone();
    for file in fs::read_dir(backbone("torch/shards")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
    }
    assert_eq!(
        load(dir.path()).unwrap(),
        load(&backbone("bert-tiny")).unwrap()
    );

    // A run names such a backbone by what `sha256sum *.bin` prints.
    easy_relations(&dir.path().join("shards/rc"));
    copy_backbone(dir.path(), &["tokenizer.json"]);
    succeed(ktrain(dir.path()).args(["--backbone", ".", "--max-steps", "1"]));
    let config = json(&dir.path().join("runs/rc/config.json"));
    let names = [1, 2].map(|i| format!("pytorch_model-0000{i}-of-00002.bin"));
    let lines = names.map(|name| {
        let sha256 = sha256_file(&dir.path().join(&name)).unwrap();
        format!("{sha256}  {name}\n")
    });
    let list = dir.path().join("list");
    fs::write(&list, lines.concat()).unwrap();
    assert_eq!(config["backbone"]["sha256"], sha256_file(&list).unwrap());
}

#[test]
fn a_released_adapter_file_is_where_training_starts() {
    let dir = tempfile::tempdir().unwrap();
    easy_relations(&dir.path().join("shards/rc"));
    let file = backbone("released/pytorch_model.bin");
    let command = |out: &str, more: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args(["--out", out, "--max-steps", "1", "--batch-size", "8"]);
        command.arg("--backbone").arg(backbone("roberta-tiny"));
        command.arg("--adapter-weights").arg(&file).args(more);
        for set in [
            "adapter_attention_heads=2",
            "adapter_hidden_size=16",
            "adapter_ffn_size=24",
        ] {
            command.args(["--set", set]);
        }
        command
    };
    // A rate so low that fp32 shows no change.
    succeed(&mut command(
        "runs",
        &["--preset", "released", "--lr", "1e-30"],
    ));
    let trained =
        checkpoint_folder::read_file(&dir.path().join("runs/rc/adapter.safetensors")).unwrap();
    let mut names = 0;
    for (name, tensor) in torch_file::read(&file).unwrap() {
        if name.starts_with("adapter.") {
            assert_eq!(trained[&name], tensor, "{name}");
            names += 1;
        }
    }
    assert_eq!(names, 108);
    let facts = info_json(&dir.path().join("runs/rc"));
    assert_eq!(facts["what"], "trained adapter");
    assert_eq!(facts["preset"], "released");
    assert_eq!(facts["reads_hidden_states"], json!([0, 1, 2]));

    // The paper's adapter is another one.
    let message = fail(&mut command("paper", &[]));
    let misshapen = "misshapen   adapter.2.down_project.weight: expected [16, 64], found [16, 32]";
    assert!(message.contains(misshapen), "{message}");

    let message = fail(&mut command("none", &["--variant", "backbone"]));
    assert!(
        message.contains("--adapter-weights is of no use with --variant backbone"),
        "{message}"
    );
}
