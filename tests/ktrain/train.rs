//! `ktrain train`: what a run leaves, what goes on after a kill, and what is refused.

use std::fs;

use ktrain::files::weights;
use ktrain::train::checkpoint_files;
use serde_json::Value;

use crate::datasets::{backbone, copy_backbone};
use crate::shim;
use crate::util::{assert_same, fail, json, ktrain, lines, misused, once, shards, succeed};

#[test]
fn one_command_trains_an_adapter_for_each_dataset() {
    let dir = shards();
    let output = succeed(ktrain(dir.path()).args(["--epochs", "8", "--json"]));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let runs = summary["runs"].as_array().unwrap();
    assert_eq!(
        runs.iter().map(|run| &run["dataset"]).collect::<Vec<_>>(),
        ["deps", "rc"]
    );
    let share = |value: &Value| value.as_f64().unwrap();
    for (run, split) in [(&runs[0], "validation"), (&runs[1], "test")] {
        let (score, baseline) = (
            share(&run[split]["accuracy"]),
            share(&run[split]["baseline"]),
        );
        assert!(baseline < 0.4 && score > baseline + 0.4, "{run}");
    }
    assert!(runs[0]["test"].is_null());

    let run = dir.path().join("runs/rc");
    let (tensors, metadata) = weights::read(&run.join("adapter.safetensors")).unwrap();
    assert_eq!(metadata["format"], "pt");
    assert!(tensors.contains_key("adapter.0.encoder.layer.1.attention.output.LayerNorm.weight"));
    assert_eq!(tensors["head.weight"].size(), [4, 128]);
    let config = json(&run.join("config.json"));
    assert_eq!(config["plug_points"], serde_json::json!([1, 2, 4]));
    assert_eq!(config["config"]["adapter_hidden_size"], 32);
    assert_eq!(config["config"]["precision"], "fp32");
    let card = fs::read_to_string(run.join("README.md")).unwrap();
    assert!(
        card.contains("Factual knowledge adapter on bert-tiny"),
        "{card}"
    );
    let metrics = lines(&run.join("training/metrics.jsonl"));
    let kinds = |kind: &str| metrics.iter().filter(|line| line["kind"] == kind).count();
    assert_eq!(
        (kinds("data"), kinds("validation"), kinds("test")),
        (3, 8, 1)
    );
    assert!(kinds("train") >= 15);

    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("rc  train      600 rows: 600 kept (0 truncated at 40 tokens), 0 too long"),
        "{stderr}"
    );
    assert!(
        stderr.contains("(majority)") && stderr.contains("(right neighbour)"),
        "{stderr}"
    );
}

#[test]
fn a_run_killed_in_the_middle_ends_with_the_same_bytes() {
    let dir = shards();
    let command = |out: &str| {
        let mut command = ktrain(dir.path());
        // In bf16: the precision that loses most if anything is forgotten.
        command.args([
            "--only",
            "rc",
            "--epochs",
            "12",
            "--save-every",
            "3",
            "--out",
            out,
            "--precision",
            "bf16",
        ]);
        command
    };
    succeed(&mut command("whole"));
    let killed = dir.path().join("killed/rc");
    let call = "/checkpoint-0000000060.safetensors";
    let status = shim::killed_at(&mut once(command("killed")), call);
    assert!(shim::was_killed(status), "{status:?}");
    assert!(!killed.join("adapter.safetensors").exists());
    assert!(
        fail(&mut command("killed")).contains("an unfinished run: go on with --resume, or restart")
    );
    let output = succeed(command("killed").arg("--resume"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("going on from step "), "{stderr}");

    assert_same(&dir.path().join("whole/rc"), &killed);

    // A finished run is left alone, unless told otherwise.
    let before = fs::read(killed.join("adapter.safetensors")).unwrap();
    assert!(
        fail(&mut command("killed"))
            .contains("a finished run: choose another --out, or replace it")
    );
    succeed(command("killed").arg("--resume"));
    assert!(before == fs::read(killed.join("adapter.safetensors")).unwrap());
    succeed(command("killed").args(["--overwrite", "--epochs", "1"]));
    assert!(before != fs::read(killed.join("adapter.safetensors")).unwrap());
}

#[test]
fn a_run_is_not_resumed_with_other_settings() {
    let dir = shards();
    let mut command = ktrain(dir.path());
    succeed(command.args(["--only", "rc", "--max-steps", "4"]));
    fs::remove_file(dir.path().join("runs/rc/config.json")).unwrap();
    let message = fail(ktrain(dir.path()).args([
        "--only",
        "rc",
        "--max-steps",
        "5",
        "--seed",
        "7",
        "--resume",
    ]));
    let expected = "the run to resume was started with other settings (seed is 7, was 42; max_steps is 5, was 4)";
    assert!(message.contains(expected), "{message}");
}

/// Versions before had fewer settings; one error names all that a checkpoint lacks.
#[test]
fn a_checkpoint_of_another_version_is_not_resumed() {
    let dir = shards();
    let command = || {
        let mut command = ktrain(dir.path());
        command.args(["--only", "rc", "--max-steps", "4"]);
        command
    };
    succeed(&mut command());
    let run = dir.path().join("runs/rc");
    fs::remove_file(run.join("config.json")).unwrap();
    let last = checkpoint_files::last(&run.join("training"))
        .unwrap()
        .unwrap();
    let (tensors, metadata) = weights::read(&last).unwrap();
    let mut identity: Value = serde_json::from_str(&metadata["identity"]).unwrap();
    let config = identity["config"].as_object_mut().unwrap();
    for setting in ["cached_states", "variant", "order_seed"] {
        config.remove(setting); // an order of its own the data may have, but need not
    }
    let metadata = [
        ("identity", identity.to_string()),
        ("progress", metadata["progress"].clone()),
    ];
    weights::write(&last, &tensors, &metadata).unwrap();
    let sum = kprep_schemas::sha256_file(&last).unwrap();
    fs::write(last.with_extension("safetensors.sha256"), sum).unwrap();
    let message = fail(command().arg("--resume"));
    assert!(
        message.ends_with(
            "checkpoint-0000000004.safetensors: another version of ktrain wrote it, without cached_states, without variant: \
             use that version, or train again (with --overwrite in the same folder)\n"
        ),
        "{message}"
    );
}

#[test]
fn the_backbone_s_files_are_untouched_and_the_ablation_trains_its_head_alone() {
    let dir = shards();
    let copy = dir.path().join("bert");
    let files = ["config.json", "model.safetensors", "tokenizer.json"];
    copy_backbone(&copy, &files);
    let args = ["--only", "rc", "--epochs", "2", "--variant", "backbone"];
    succeed(ktrain(dir.path()).args(args).arg("--backbone").arg(&copy));
    for file in files {
        let same = fs::read(backbone("bert-tiny").join(file)).unwrap()
            == fs::read(copy.join(file)).unwrap();
        assert!(same, "{file}");
    }
    let (tensors, _) =
        weights::read(&dir.path().join("runs/rc-backbone/adapter.safetensors")).unwrap();
    assert_eq!(
        tensors.keys().collect::<Vec<_>>(),
        ["head.bias", "head.weight"]
    );
    assert_eq!(tensors["head.weight"].size(), [4, 64]);
}

#[test]
fn what_cannot_be_trained_is_said_clearly() {
    let dir = shards();
    fs::create_dir(dir.path().join("empty")).unwrap();
    let message = |args: &[&str]| fail(ktrain(dir.path()).args(args));
    let misuse = |args: &[&str]| misused(ktrain(dir.path()).args(args));
    assert_eq!(
        message(&["--shards", "empty"]),
        "error: no dataset at or below empty: expected a folder with a manifest.json, as `kprep trex` and `kprep deps` write it\n"
    );
    assert!(message(&["--shards", "nowhere"]).starts_with("error: nowhere: No such file"));
    assert_eq!(
        message(&["--only", "rc,x"]),
        "error: no dataset named x below shards; there are deps, rc\n"
    );
    assert_eq!(
        message(&["--backbone", "empty"]),
        "error: no config.json in the backbone folder empty: get the small default backbone with `ktrain setup` \
         (in a source tree: `make backbone`), or name the folder of a Hugging Face checkpoint with --backbone DIR\n"
    );
    // Folder, checks and comparisons go by the flag.
    assert_eq!(
        misuse(&["--set", "variant=backbone"]),
        "error: --set variant: name it with --variant\n"
    );
    assert_eq!(
        misuse(&["--set", "epochs=2", "--set", "precision=bf16"]),
        "error: --set precision: name it with --precision\n"
    );
    assert_eq!(
        misuse(&["--set", "fusion=project"]),
        "error: --set fusion: only fine-tuning uses it: set it with ktrain finetune\n"
    );
    assert_eq!(
        misuse(&["--set", "epochs"]),
        "error: --set epochs: expected KEY=VALUE\n"
    );
    assert_eq!(
        misuse(&["--set", "epoch=2"]),
        "error: --set epoch: no such setting; is it epochs? ktrain settings explains all\n"
    );
    assert_eq!(
        misuse(&["--set", "zzz=2"]),
        "error: --set zzz: no such setting; ktrain settings prints and explains all\n"
    );
    // What only other tasks read.
    assert_eq!(
        misuse(&["--only", "rc", "--set", "parser=biaffine"]),
        "error: --set parser: a setting of dependency; what is trained here is relation\n"
    );
    assert_eq!(
        misuse(&["--sweep", "span_pooling=mean,first"]),
        "error: --sweep span_pooling: a setting of labels, link, pair; what is trained here is dependency, relation\n"
    );
    assert_eq!(
        message(&["--shards", "shards/rc/manifest.json"]),
        "error: shards/rc/manifest.json: a file, expected the folder of a dataset, with its manifest.json, or one above \
         several\n"
    );
    assert!(misuse(&["--set", "epochs=two"]).starts_with("error: --set epochs=two: invalid type"));
    assert!(message(&["--device", "cuda:999"]).starts_with("error: --device cuda:999: "));
    assert_eq!(
        message(&["--max-length", "81"]),
        "error: max_length is 81, but the backbone reads at most 80 tokens\n"
    );
    let too_short = message(&["--only", "rc", "--max-length", "5"]);
    assert!(
        too_short.contains("no example to train on: 600 rows read"),
        "{too_short}"
    );
}

#[test]
fn every_tensor_that_does_not_fit_is_named() {
    let dir = shards();
    let broken = dir.path().join("broken");
    copy_backbone(&broken, &["config.json", "tokenizer.json"]);
    let (mut tensors, _) = weights::read(&backbone("bert-tiny/model.safetensors")).unwrap();
    let _ = tensors.remove("encoder.layer.1.output.dense.bias").unwrap();
    tensors.insert(
        "encoder.layer.9.output.dense.bias".into(),
        tch::Tensor::zeros([3], (tch::Kind::Float, tch::Device::Cpu)),
    );
    let narrow = tensors["embeddings.LayerNorm.bias"].narrow(0, 0, 31);
    tensors.insert("embeddings.LayerNorm.bias".into(), narrow);
    weights::write(&broken.join("model.safetensors"), &tensors, &[]).unwrap();
    assert_eq!(
        fail(ktrain(dir.path()).args(["--backbone", "broken"])),
        "error: broken/model.safetensors: the tensors do not fit the model\n  \
         missing     encoder.layer.1.output.dense.bias\n  \
         unexpected  encoder.layer.9.output.dense.bias\n  \
         misshapen   embeddings.LayerNorm.bias: expected [32], found [31]\n"
    );
    fs::remove_file(broken.join("model.safetensors")).unwrap();
    assert!(
        fail(ktrain(dir.path()).args(["--backbone", "broken"]))
            .starts_with("error: no model.safetensors or pytorch_model.bin (nor")
    );
}
