//! Files that changed after they were written: every reader that has a checksum to compare says so.

use std::fs;
use std::path::Path;
use std::process::Command;

use ktrain::train::checkpoint_files;
use serde_json::Value;
use tempfile::tempdir;

use crate::datasets::{backbone, copy_backbone};
use crate::encode::{adapter, encode};
use crate::finetune::{finetune, prepared};
use crate::probe::{self, facts};
use crate::{cut_off, fail, json, ktrain, succeed};
use ktrain::config::Variant;

/// Flips one bit at a share of a file, here in its data.
fn flip(path: &Path, share: f64) {
    let mut bytes = fs::read(path).unwrap();
    let place = (share * bytes.len() as f64) as usize;
    bytes[place] ^= 1;
    fs::remove_file(path).unwrap(); // and not in a link to the same file
    fs::write(path, bytes).unwrap();
}

/// What a command says of a file with a bit flipped, which is whole again then.
fn told(path: &Path, share: f64, mut command: Command) -> String {
    let whole = fs::read(path).unwrap();
    flip(path, share);
    let message = fail(&mut command);
    fs::write(path, whole).unwrap();
    message
}

#[test]
fn every_reader_of_an_adapter_compares_its_checksum() {
    let dir = prepared();
    let root = dir.path();
    facts(root);
    fs::write(root.join("t.txt"), "the capital of France\n".repeat(40)).unwrap();
    let resume = || {
        let mut command = ktrain(root);
        command.args(["--max-steps", "1", "--resume"]);
        command
    };
    let start = || {
        let mut command = ktrain(root);
        let weights = ["--adapter-weights", "runs/rc/adapter.safetensors"];
        command
            .args(["--only", "rc", "--max-steps", "1", "--out", "new"])
            .args(weights);
        command
    };
    let text = [
        "--text",
        "t.txt",
        "--vocabulary",
        "words.txt",
        "--out",
        "p",
        "--adapter",
        "F=runs/rc",
    ];
    let readers: [(&str, &dyn Fn() -> Command); 5] = [
        ("encode", &|| {
            encode(root, &["--input", "t.txt", "--adapter", "runs/rc"])
        }),
        ("finetune", &|| {
            finetune(
                root,
                &["--adapter", "runs/rc", "--out", "fine", "--max-steps", "1"],
            )
        }),
        ("probe", &|| {
            probe::probe(root, &backbone("bert-tiny"), &text)
        }),
        ("--resume", &resume),
        ("--adapter-weights", &start),
    ];
    for file in ["adapter.safetensors", "config.json"] {
        for (what, command) in &readers {
            let message = told(&root.join("runs/rc").join(file), 0.6, command());
            let expected = format!("runs/rc/{file}: damaged: its SHA-256 is ");
            assert!(message.contains(&expected), "{what}: {message}");
            let _ = fs::remove_dir_all(root.join("fine"));
        }
    }
    for (_, command) in &readers {
        succeed(&mut command());
    }
}

#[test]
fn every_file_of_a_fine_tuned_model_is_compared() {
    let dir = prepared();
    let root = dir.path();
    succeed(&mut finetune(
        root,
        &["--adapter", "runs/rc", "--out", "fine", "--max-steps", "1"],
    ));
    fs::write(root.join("s.txt"), "<e1>gold</e1> and <e2>silver</e2>\n").unwrap();
    let predict = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command.current_dir(root).args([
            "predict",
            "--model",
            "fine",
            "--input",
            "s.txt",
            "--threads",
            "1",
        ]);
        command
    };
    for file in [
        "heads.safetensors",
        "backbone/model.safetensors",
        "backbone/tokenizer.json",
        "backbone/config.json",
        "adapters/0/adapter.safetensors",
        "adapters/0/config.json",
        "config.json",
    ] {
        let message = told(&root.join("fine").join(file), 0.6, predict());
        let expected = format!("fine/{file}: damaged: its SHA-256 is ");
        assert!(message.contains(&expected), "{message}");
        let resume = [
            "--adapter",
            "runs/rc",
            "--out",
            "fine",
            "--max-steps",
            "1",
            "--resume",
        ];
        let message = told(&root.join("fine").join(file), 0.6, finetune(root, &resume));
        assert!(message.contains(&expected), "{message}");
    }
    succeed(&mut predict());
}

#[test]
fn the_best_weights_are_compared_before_they_become_the_adapter() {
    let dir = prepared();
    let run = dir.path().join("runs/rc");
    let resume = || {
        let mut command = ktrain(dir.path());
        command.args(["--only", "rc", "--max-steps", "1", "--resume"]);
        command
    };
    fs::remove_file(run.join("config.json")).unwrap();
    let best = run.join("training/best.safetensors");
    let whole = fs::read(&best).unwrap();
    flip(&best, 0.6);
    let message = fail(&mut resume());
    let expected = "runs/rc/training/best.safetensors: damaged: its SHA-256 is ";
    assert!(message.contains(expected), "{message}");
    assert!(!run.join("config.json").exists());
    fs::write(&best, whole).unwrap();
    succeed(&mut resume());
    // Where the best weights are written again, a damaged file is of no account.
    flip(&best, 0.6);
    cut_off(&run);
    succeed(&mut resume());
}

#[test]
fn an_adapter_takes_the_files_of_its_own_backbone_alone() {
    let dir = tempdir().unwrap();
    adapter(dir.path(), "a", Variant::Adapter);
    fs::write(dir.path().join("t.txt"), "gold\n").unwrap();
    let files = ["config.json", "model.safetensors", "tokenizer.json"];
    let other = dir.path().join("other");
    let told = |name: &str, change: &dyn Fn(&mut Value)| {
        copy_backbone(&other, &files);
        let path = other.join(name);
        let mut value = json(&path);
        change(&mut value);
        fs::write(&path, value.to_string()).unwrap();
        let mut command = encode(
            dir.path(),
            &["--input", "t.txt", "--adapter", "a", "--backbone", "other"],
        );
        fail(&mut command)
    };
    let expected = |name| {
        format!(
            "error: a was trained on the backbone bert-tiny with other files than those of other: {name} is SHA-256 "
        )
    };
    let message = told("config.json", &|config| {
        config["layer_norm_eps"] = 0.5.into();
    });
    assert!(message.starts_with(&expected("config.json")), "{message}");
    let message = told("tokenizer.json", &|tokenizer| {
        let ids = tokenizer["model"]["vocab"].as_object_mut().unwrap();
        let (a, b) = (ids["gold"].clone(), ids["of"].clone());
        ids["gold"] = b;
        ids["of"] = a;
    });
    assert!(
        message.starts_with(&expected("tokenizer.json")),
        "{message}"
    );
    copy_backbone(&other, &files);
    succeed(&mut encode(
        dir.path(),
        &["--input", "t.txt", "--adapter", "a", "--backbone", "other"],
    ));
}

#[test]
fn a_finished_probe_is_compared_and_what_a_kill_left_is_cleared() {
    let dir = prepared();
    let root = dir.path();
    facts(root);
    fs::write(root.join("t.txt"), "the capital of France\n".repeat(40)).unwrap();
    let probe = |more: &[&str]| {
        let args = [
            "--text",
            "t.txt",
            "--vocabulary",
            "words.txt",
            "--out",
            "p",
            "--adapter",
            "F=runs/rc",
        ];
        probe::probe(root, &backbone("bert-tiny"), &[&args[..], more].concat())
    };
    succeed(&mut probe(&[]));
    let out = root.join("p");
    for file in ["probe.json", "mlm-F.safetensors"] {
        let message = told(&out.join(file), 0.6, probe(&["--resume"]));
        assert!(
            message.contains(&format!("p/{file}: damaged: its SHA-256 is ")),
            "{message}"
        );
    }
    let message = fail(&mut probe(&[
        "--resume",
        "--backbone",
        backbone("roberta-tiny").to_str().unwrap(),
    ]));
    assert!(
        message.contains("the finished probe had another backbone"),
        "{message}"
    );
    // It was killed in its last step.
    let training = out.join("probe-training/mlm-F/training");
    let checkpoint = checkpoint_files::path(&training, 4);
    fs::write(checkpoint.with_extension("safetensors.sha256"), "x").unwrap();
    fs::write(&checkpoint, "x").unwrap();
    fs::copy(out.join("probe.json"), out.join(".probe.json.old")).unwrap();
    succeed(&mut probe(&["--resume"]));
    assert!(!checkpoint.exists() && !checkpoint.with_extension("safetensors.sha256").exists());
    assert!(!out.join(".probe.json.old").exists());

    files_of_others_stay_and_are_named(root, &probe);
}

fn files_of_others_stay_and_are_named(root: &Path, probe: &dyn Fn(&[&str]) -> Command) {
    let strange = root.join("strange");
    fs::create_dir_all(strange.join("probe-training")).unwrap();
    for file in [
        "mlm-F.safetensors",
        "probe.md",
        "probe.json",
        "probe-training/notes",
    ] {
        fs::write(strange.join(file), "{}").unwrap();
        let message = fail(&mut probe(&["--out", "strange", "--overwrite"]));
        let named = Path::new("strange").join(file.split('/').next().unwrap());
        assert!(message.contains(&named.display().to_string()), "{message}");
        assert!(strange.join(file).is_file(), "{file}");
        fs::remove_file(strange.join(file)).unwrap();
    }
}
