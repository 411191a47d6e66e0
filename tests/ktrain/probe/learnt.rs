//! MLM heads that learn, beside adapters and without.

use std::fs;
use std::path::{Path, PathBuf};

use ktrain::train::checkpoint_files;
use serde_json::Value;
use tempfile::tempdir;

use super::{facts, probe, report};
use crate::datasets::backbone;
use crate::finetune::prepared;
use crate::{fail, lines, succeed};

/// A text of two sentences, and the arguments of a training on it.
const LEARN: [&str; 8] = [
    "--text",
    "text.txt",
    "--vocabulary",
    "words.txt",
    "--batch-size",
    "16",
    "--lr",
    "1e-2",
];

fn sentences(dir: &Path) {
    let sentences = "the capital of France\nEmma was the first text of Austen\n".repeat(600);
    fs::write(dir.join("text.txt"), sentences).unwrap();
}

fn layer(dir: &Path, out: &str) -> Vec<u8> {
    fs::read(dir.join(out).join("mlm-backbone.safetensors")).unwrap()
}

#[test]
fn layers_learn_to_fill_masks_and_are_the_same_again() {
    let dir = tempdir().unwrap();
    facts(dir.path());
    sentences(dir.path());
    let bert = backbone("bert-tiny");
    let run = |out: &str, epochs: &str| {
        let args = [&LEARN[..], &["--epochs", epochs, "--out", out]].concat();
        succeed(&mut probe(dir.path(), &bert, &args));
        report(dir.path(), out)["models"][0]["held_out"].clone()
    };
    let [one, five, again] = [("one", "1"), ("five", "5"), ("again", "5")].map(|(o, e)| run(o, e));
    let accuracy = |report: &Value| report["accuracy"].as_f64().unwrap();
    assert!(accuracy(&five) > 0.5, "{one} {five}");
    assert!(five["loss"].as_f64() < one["loss"].as_f64(), "{one} {five}");
    assert_eq!(five, again);
    assert_eq!(layer(dir.path(), "five"), layer(dir.path(), "again"));
}

#[test]
fn layers_beside_adapters_are_compared_and_a_training_that_was_cut_off_goes_on_bit_for_bit() {
    let dir = prepared();
    facts(dir.path());
    sentences(dir.path());
    let bert = backbone("bert-tiny");
    let args = |out: &'static str, more: &[&'static str]| {
        let adapters = ["--adapter", "F=runs/rc", "--adapter", "L=runs/deps"];
        let run = ["--epochs", "2", "--out", out];
        [&LEARN[..], &adapters, &run, more].concat()
    };
    succeed(&mut probe(dir.path(), &bert, &args("whole", &[])));
    // It stops behind the training: the layer cannot be written where a folder is.
    fs::create_dir(dir.path().join("cut")).unwrap();
    let lock = dir.path().join("cut/mlm-backbone.safetensors");
    fs::create_dir(&lock).unwrap();
    fail(&mut probe(
        dir.path(),
        &bert,
        &args("cut", &["--save-every", "50"]),
    ));
    fs::remove_dir(&lock).unwrap();
    let training = |out: &str| dir.path().join(out).join("probe-training");
    for head in ["mlm-backbone", "mlm-F", "mlm-L", "mlm-F+L"] {
        let folder = training("cut").join(head).join("training");
        assert!(checkpoint_files::path(&folder, 100).is_file(), "{head}");
    }

    let told = fail(&mut probe(dir.path(), &bert, &args("cut", &[])));
    assert!(told.contains("go on with --resume"), "{told}");
    let other = args("cut", &["--resume", "--seed", "43"]);
    let told = fail(&mut probe(dir.path(), &bert, &other));
    assert!(
        told.contains("started with other settings (seed is 43, was 42): give the same"),
        "{told}"
    );
    let resume = || {
        let output = succeed(&mut probe(dir.path(), &bert, &args("cut", &["--resume"])));
        String::from_utf8(output.stderr).unwrap()
    };
    let told = resume();
    assert_eq!(told.matches("going on from step 148 ").count(), 4, "{told}");
    assert_eq!(layer(dir.path(), "cut"), layer(dir.path(), "whole"));
    assert_eq!(report(dir.path(), "cut"), report(dir.path(), "whole"));
    for head in ["mlm-backbone", "mlm-F", "mlm-L", "mlm-F+L"] {
        what_was_logged_is_left(&["cut", "whole"].map(|out| training(out).join(head)));
    }
    gains_are_those_of_the_ranks(&report(dir.path(), "whole"));
    let told = resume();
    assert!(told.contains("finished already: cut/probe.json"), "{told}");
    let told = fail(&mut probe(dir.path(), &bert, &other));
    assert!(
        told.contains("the finished probe had another seed"),
        "{told}"
    );
    overwritten_is_gone_from_the_start(dir.path(), &args("cut", &["--overwrite"]), &resume);
}

/// What is overwritten is gone from the start, and what is cut off then goes on, too.
fn overwritten_is_gone_from_the_start(dir: &Path, args: &[&str], resume: &dyn Fn() -> String) {
    let lock = dir.join("cut/mlm-backbone.safetensors");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    fail(&mut probe(dir, &backbone("bert-tiny"), args));
    fs::remove_dir(&lock).unwrap();
    assert!(!dir.join("cut/probe.json").exists());
    let told = resume();
    assert!(!told.contains("finished already"), "{told}");
    assert_eq!(report(dir, "cut"), report(dir, "whole"));
}

/// Of the trainings of a head, one of which was cut off, the log is left: every step once, a loss that falls, and the
/// events for TensorBoard.
fn what_was_logged_is_left(trainings: &[PathBuf]) {
    for head in trainings {
        let training = head.join("training");
        let mut names: Vec<_> = fs::read_dir(&training)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["events.out.tfevents.ktrain", "metrics.jsonl"]);
        let lines = lines(&training.join("metrics.jsonl"));
        let of_kind = |kind: &str| {
            let lines = lines.iter().filter(|line| line["kind"] == kind);
            lines
                .map(|line| {
                    (
                        line["step"].as_u64().unwrap(),
                        line["loss"].as_f64().unwrap(),
                    )
                })
                .collect::<Vec<_>>()
        };
        let (train, test) = (of_kind("train"), of_kind("test"));
        let steps: Vec<u64> = train.iter().map(|(step, _)| *step).collect();
        assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
        assert_eq!((steps.last(), test.len()), (Some(&148), 1));
        assert!(train.last().unwrap().1 < train[0].1, "{train:?}");
        let events = fs::read(training.join("events.out.tfevents.ktrain")).unwrap();
        // An event a line, of at least as many bytes as its tag.
        assert!(events.len() > 100 * train.len(), "{}", events.len());
    }
}

/// Of each relation there are so few facts that all are shown.
fn gains_are_those_of_the_ranks(report: &Value) {
    let models = report["models"].as_array().unwrap();
    let names: Vec<_> = models.iter().map(|model| &model["name"]).collect();
    assert_eq!(names, ["backbone", "F", "L", "F+L"]);
    let examples = report["examples"].as_array().unwrap();
    let differs = |e: &Value| e["ranks"]["F"] != e["ranks"]["backbone"];
    assert!(examples.iter().any(differs));
    for (model, (relation, found)) in models.iter().flat_map(|model| {
        let relations = model["relations"].as_object().unwrap();
        relations.iter().map(move |relation| (model, relation))
    }) {
        let own = examples.iter().filter(|e| e["relation"] == **relation);
        let own: Vec<_> = own.map(|example| &example["ranks"]).collect();
        assert_eq!(found["facts"], own.len());
        let first = |ranks: &Value, name: &Value| ranks[name.as_str().unwrap()] == 1;
        let count = |now: bool, then: bool| {
            let is = |ranks: &&&Value| {
                (first(ranks, &model["name"]), first(ranks, names[0])) == (now, then)
            };
            own.iter().filter(is).count()
        };
        assert_eq!(found["gained"], count(true, false), "{model}");
        assert_eq!(found["lost"], count(false, true), "{model}");
        let share = (count(true, false) + count(true, true)) as f64 / own.len() as f64;
        assert!((found["first"].as_f64().unwrap() - share).abs() < 1e-12);
    }
}
