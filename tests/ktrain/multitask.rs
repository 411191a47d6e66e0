//! `--variant multitask`: a backbone that is trained on alternating batches of both tasks.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{DependencyExample, RelationExample};
use ktrain::config::{Config, Preset, Task, Variant};
use ktrain::data::batch::Batch;
use ktrain::data::examples::TrainingRow;
use ktrain::files::weights;
use ktrain::model::backbone::Backbone;
use ktrain::model::dropout::DropoutRng;
use ktrain::model::hidden_states::TokenBatch;
use ktrain::model::params::Params;
use ktrain::tasks::TaskDefinition;
use ktrain::tasks::dependency::{Dependency, DependencyTargets};
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::{Relation, RelationTargets};
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::datasets::backbone;
use crate::info::info_json;
use crate::{assert_same_but, cut_off, fail, json, ktrain, lines, shards, succeed};

fn command(dir: &Path, args: &[&str]) -> Command {
    let mut command = ktrain(dir);
    command.args(["--variant", "multitask", "--epochs", "3", "--lr", "1e-3"]);
    command.args(["--set", "parser_loss=cross_entropy", "--set", "log_every=1"]);
    command.args(args);
    command
}

fn batch<R: TrainingRow>(targets: R::Targets) -> Batch<R> {
    Batch {
        input: TokenBatch {
            ids_bt: Tensor::from_slice(&[2i64, 50, 60, 3, 2, 70, 3, 0]).view([2, 4]),
            mask_bt: Some(
                Tensor::from_slice(&[true, true, true, true, true, true, true, false]).view([2, 4]),
            ),
            states: None,
        },
        targets,
        examples: 2,
        tokens: 7,
    }
}

#[test]
fn it_starts_as_the_backbone_and_every_parameter_has_a_gradient() {
    let dir = backbone("bert-tiny");
    let net = Backbone::load(&dir, Device::Cpu, Kind::Float).unwrap();
    let settings = |task, variant| Config {
        variant,
        max_length: 40,
        precision: ktrain::libtorch::device::Precision::Fp32,
        ..Config::preset(Preset::Paper, task)
    };
    let configs = [Task::Relation, Task::Dependency].map(|task| settings(task, Variant::Multitask));
    let shape = net.config().clone();
    let net = Rc::new(net);
    let params = model::params(&configs, &shape, 5, Device::Cpu);
    ktrain::model::trainable::fill(&params, &dir).unwrap();
    let model = Model::<Relation>::new(&configs, net.clone(), &params, &[]).unwrap();
    let frozen = settings(Task::Relation, Variant::Backbone);
    let head = model::params(slice::from_ref(&frozen), &shape, 5, Device::Cpu);
    let alone = Model::<Relation>::new(&[frozen], net.clone(), &head, &[]).unwrap();

    let int = |numbers: &[i64]| Tensor::from_slice(numbers);
    let relation = batch::<RelationExample>(RelationTargets {
        place_n: int(&[1, 2, 5, 6]),
        entity_n: int(&[0, 1, 2, 3]),
        weight_n: Tensor::ones([4], (Kind::Float, Device::Cpu)),
        label_b: int(&[4, 1]),
    });
    let heads = batch::<DependencyExample>(DependencyTargets {
        place_w: int(&[1, 2, 5]),
        head_w: int(&[0, 1, 0]),
        length_w: int(&[4, 4, 3]),
    });
    let features = |model: &Model<Relation>| {
        let states = model.frozen().states(&relation.input);
        let encoder = model.encoder();
        encoder
            .forward(&states, &relation.input, None, None)
            .unwrap()
    };
    let (ours, theirs) = (features(&model), features(&alone));
    let real = relation.input.mask_bt.as_ref().unwrap().unsqueeze(-1);
    let difference = (&ours[0] - &theirs[0]).abs() * real;
    assert!(difference.max().double_value(&[]) < 1e-6);

    assert_gradients::<Relation>(&configs, &net, &params, &relation, "dependency.");
    assert_gradients::<Dependency>(&configs, &net, &params, &heads, "relation.");
}

/// Every parameter but those of the `other` head has a gradient, which gradient checkpointing does not change.
fn assert_gradients<T: TaskDefinition>(
    configs: &[Config; 2],
    net: &Rc<Backbone>,
    params: &Params,
    batch: &Batch<T::Row>,
    other: &str,
) {
    let model = Model::<T>::new(configs, net.clone(), params, &[]).unwrap();
    let again = configs.clone().map(|config| Config {
        gradient_checkpointing: true,
        ..config
    });
    let again = Model::<T>::new(&again, net.clone(), params, &[]).unwrap();
    let none = model.frozen().states(&batch.input);
    let gradient = |model: &Model<T>| {
        model
            .gradient(&none, batch, 1.0, params.leaves(), &DropoutRng::new(3))
            .unwrap()
            .1
    };
    for (kept, again) in gradient(&model).iter().zip(gradient(&again)) {
        let difference = (kept - again).abs().max().double_value(&[]);
        let most = kept.abs().max().double_value(&[]);
        assert!(difference <= 1e-6 * most + 1e-8, "{difference} {most}");
    }
    let loss = model.loss(&none, batch, &DropoutRng::new(1)).unwrap();
    let grads = Tensor::run_backward(&[loss], params.leaves(), false, false);
    let names = params.expected("");
    assert_eq!(names.len(), grads.len());
    for (expected, grad) in names.iter().zip(&grads) {
        let largest = grad.abs().max().double_value(&[]);
        // A key's bias moves all scores of a position alike.
        let none = expected.name.starts_with(other) || expected.name.ends_with("key.bias");
        assert!(
            (largest > 1e-8) != none || expected.name.ends_with("key.bias"),
            "{expected:?}: {largest}"
        );
    }
}

#[test]
fn both_tasks_are_learnt_and_the_backbone_that_was_given_stays() {
    let dir = shards();
    let output = succeed(&mut command(dir.path(), &["--json"]));
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = &summary["runs"][0];
    for scores in [run, &run["second"]] {
        let [score, baseline] =
            ["accuracy", "baseline"].map(|name| scores["validation"][name].as_f64().unwrap());
        assert!(score > baseline + 0.2, "{run}");
    }
    let out = dir.path().join("runs/rc+deps-multitask");
    let metrics = lines(&out.join("training/metrics.jsonl"));
    let of = |kind: &str| {
        metrics
            .iter()
            .filter(|line| line["kind"] == kind)
            .collect::<Vec<_>>()
    };
    let last = |kind: &str| of(kind).last().unwrap()["accuracy"].as_f64().unwrap();
    let [both, relation, heads] =
        ["validation", "validation_relation", "validation_dependency"].map(last);
    assert!((both - f64::midpoint(relation, heads)).abs() < 1e-12);
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(
        card.contains(
            "# Backbone trained on alternating batches of relations and dependencies, on "
        ),
        "{card}"
    );
    assert!(card.contains("| second dataset | deps |"), "{card}");
    assert_eq!(
        json(&out.join("config.json"))["second"]["dataset"]["name"],
        "deps"
    );

    let facts = info_json(&out);
    assert_eq!(facts["what"], "trained backbone");
    assert_eq!(facts["parameters"], run["parameters"]);
    assert_eq!(facts["of_the_backbone"], 41_984);
    let tasks = ["task", "second_task", "dataset", "second_dataset"].map(|name| &facts[name]);
    assert_eq!(tasks, ["relation", "dependency", "rc", "deps"]);

    is_a_backbone_like_any_other(dir.path(), &out);
}

/// With other values in every tensor.
fn is_a_backbone_like_any_other(dir: &Path, out: &Path) {
    let trained = out.join("backbone");
    let (before, _) = weights::read(&backbone("bert-tiny").join("model.safetensors")).unwrap();
    let (after, _) = weights::read(&trained.join("model.safetensors")).unwrap();
    for (name, tensor) in &after {
        let old = before.get(&format!("bert.{name}"));
        let old = old.or_else(|| before.get(name)).unwrap();
        assert_eq!(old.size(), tensor.size(), "{name}");
        assert_ne!(old, tensor, "{name}");
    }
    let adapter = ["--only", "rc", "--max-steps", "2", "--out", "on-it"];
    let mut train = ktrain(dir);
    succeed(train.args(adapter).arg("--backbone").arg(&trained));
    let message = fail(ktrain_encode(dir).arg("--adapter").arg(out));
    assert!(message.contains("is no adapter but a trained backbone"));
}

fn ktrain_encode(dir: &Path) -> Command {
    fs::write(dir.join("lines.txt"), "a river\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir)
        .args(["encode", "--input", "lines.txt", "--out", "f.safetensors"]);
    command.arg("--backbone").arg(backbone("bert-tiny"));
    command
}

#[test]
fn it_goes_on_to_the_same_bytes_after_a_step_of_either_task() {
    let dir = shards();
    let run = |out: &str| dir.path().join(out).join("rc+deps-multitask");
    for every in ["3", "4"] {
        let args = |out| {
            [
                "--max-steps",
                "9",
                "--save-every",
                every,
                "--out",
                out,
                "--overwrite",
            ]
        };
        for out in ["whole", "cut"] {
            succeed(&mut command(dir.path(), &args(out)));
        }
        cut_off(&run("cut"));
        let resume = &args("cut")[..6];
        succeed(&mut command(dir.path(), &[resume, &["--resume"]].concat()));
        assert_same_but("adapter.safetensors", &run("whole"), &run("cut"));
        for file in ["backbone/model.safetensors", "heads.safetensors"] {
            let [a, b] = ["whole", "cut"].map(|out| fs::read(run(out).join(file)).unwrap());
            assert!(a == b, "{file}");
        }
    }
}

#[test]
fn it_needs_both_tasks_and_no_adapter() {
    let dir = shards();
    let message = |args: &[&str]| fail(&mut command(dir.path(), args));
    assert_eq!(
        message(&["--only", "rc"]),
        "error: --variant multitask learns from alternating batches of one dataset of relations and one of dependencies, \
         and 0 of dependency are chosen: name one of each with --only NAME,NAME; below --shards there are deps, rc\n"
    );
    assert!(message(&["--cache", "c"]).contains("--cache is of no use with --variant multitask"));
}
