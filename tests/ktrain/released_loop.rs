//! The released code's training loop and row filter, against `tests/data/released/make_released.py`.

use std::path::Path;

use kprep_schemas::RelationExample;
use ktrain::config::LengthLimit;
use ktrain::config::benchmark::Knowing;
use ktrain::config::{Benchmark, Config, MarkersWithin, Preset, SchedulerStep, Task};
use ktrain::data::examples::{Counts, Example, TrainingRow};
use ktrain::data::tokenizer::Vocabulary;
use ktrain::model::params::{Init, Params, Spec};
use ktrain::train::optimizer::{self, AdamW};
use serde::Deserialize;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::datasets::{backbone, relation};
use crate::{fail, ktrain, lines, misused, shards, succeed};

fn made(name: &str) -> Value {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/released");
    crate::json(&dir.join(name))
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn rates_and_updates_are_those_of_the_released_loop_and_of_pytorch_s() {
    let updates = made("updates.json");
    let (start, steps) = (
        numbers(&updates["start"]),
        updates["steps"].as_u64().unwrap(),
    );
    let loops = updates["loops"].as_object().unwrap();
    assert_eq!(loops.len(), 4);
    for (order, expected) in loops {
        let (scheduler, epsilon) = order.split_once(',').unwrap();
        let mut config = Config::preset(Preset::Paper, Task::Relation)
            .with(&format!("lr_scheduler_step={scheduler}"))
            .and_then(|config| config.with(&format!("adam_epsilon_placement={epsilon}")))
            .unwrap();
        config.learning_rate = updates["peak"].as_f64().unwrap();
        config.warmup_steps = updates["warmup"].as_u64().unwrap();
        let spec = Spec {
            name: "p".into(),
            shape: vec![start.len() as i64],
            init: Init::Constant(0.0), // nothing drawn: libtorch's generator is that of all tests
        };
        let params = Params::new(vec![spec], 1, Device::Cpu);
        let first = Tensor::from_slice(&start).to_kind(Kind::Float);
        params.fill(params.flat(), "", &[("p".to_owned(), first)].into());
        let mut adam = AdamW::new(&params);
        for step in 0..steps {
            let i = step as usize;
            let rate = optimizer::learning_rate(&config, step, steps);
            assert!(
                (rate - expected["rates"][i].as_f64().unwrap()).abs() < 1e-15,
                "{order} {step}: {rate}"
            );
            let grad = numbers(&updates["gradients"][i]);
            let grad = Tensor::from_slice(&grad).to_kind(Kind::Float);
            let _norm = adam.step(&config, &params, &[grad], step, rate).unwrap();
            let ours = Vec::<f64>::try_from(params.flat().to_kind(Kind::Double)).unwrap();
            for (a, b) in ours.iter().zip(numbers(&expected["parameters"][i])) {
                assert!((a - b).abs() < 5e-7, "{order} {step}: {a} {b}");
            }
        }
    }
}

#[test]
fn the_preset_is_the_released_loop_in_pre_training_alone() {
    let dir = shards();
    let rates = |preset: &str, more: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args([
            "--only",
            "rc",
            "--max-steps",
            "3",
            "--warmup-steps",
            "2",
            "--overwrite",
        ]);
        command.args(["--preset", preset, "--lr", "0.5e-3", "--set", "log_every=1"]);
        command
            .args(["--set", "adapter_attention_heads=4", "--quiet"])
            .args(more);
        succeed(&mut command);
        let metrics = lines(&dir.path().join("runs/rc/training/metrics.jsonl"));
        let steps = metrics.iter().filter(|line| line["kind"] == "train");
        let rates = steps.map(|line| line["learning_rate"].as_f64().unwrap());
        rates.collect::<Vec<f64>>()
    };
    assert_eq!(rates("paper", &[]), [0.0, 0.25e-3, 0.5e-3]);
    assert_eq!(rates("released", &[]), [0.25e-3, 0.5e-3, 0.0]);
    let torch = ["--set", "lr_scheduler_step=after_optimizer"];
    assert_eq!(rates("released", &torch), [0.0, 0.25e-3, 0.5e-3]);
    // The released scripts for fine-tuning step the optimizer first.
    let finetune = Benchmark::Tacred.config(Preset::Released, Knowing::Factual);
    assert_eq!(finetune.lr_scheduler_step, SchedulerStep::AfterOptimizer);
}

#[derive(Deserialize)]
struct Row {
    words: usize,
    subject: (i32, i32),
    object: (i32, i32),
    kept: Option<Kept>,
}

#[derive(Deserialize)]
struct Kept {
    /// The first markers of subject and object.
    places: (u16, u16),
    length: usize,
    /// The tokens there.
    reads: (String, String),
}

#[test]
fn rows_are_left_out_as_by_the_released_filter() {
    let made = made("rows.json");
    let max_length = made["max_length"].as_u64().unwrap() as usize;
    let rows: Vec<Row> = serde_json::from_value(made["rows"].clone()).unwrap();
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    assert!(vocabulary.single("gold").is_some());
    let example = |row: &RelationExample, markers| {
        let limit = LengthLimit {
            max_length,
            markers,
        };
        let mut counts = Counts::default();
        row.examples(&mut vocabulary.words(), limit, &mut counts)
            .pop()
    };
    let mut fewer = 0;
    for row in &rows {
        let text = vec!["gold"; row.words].join(" ");
        let record = relation(&text, row.subject, row.object, 0);
        let ours = example(&record, MarkersWithin::Opening);
        assert_eq!(ours.is_some(), row.kept.is_some(), "{text}");
        fewer += i32::from(ours.is_some() && example(&record, MarkersWithin::All).is_none());
        let (Some(Example { ids, target }), Some(kept)) = (ours, &row.kept) else {
            continue;
        };
        assert_eq!((target.subject.open, target.object.open), kept.places);
        assert_eq!(ids.len(), kept.length);
        let names = [
            ("@", vocabulary.subject),
            ("#", vocabulary.object),
            ("</s>", vocabulary.end),
        ];
        for (place, name) in [
            (kept.places.0, &kept.reads.0),
            (kept.places.1, &kept.reads.1),
        ] {
            let (_, id) = names.iter().find(|(known, _)| known == name).unwrap();
            assert_eq!(ids[usize::from(place)], *id);
        }
    }
    assert!(
        fewer > 10,
        "{fewer} rows more than where all markers must be there"
    );
}

#[test]
fn rows_that_the_released_filter_keeps_are_trained_on() {
    let dir = shards();
    let kept = |more: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args([
            "--only",
            "rc",
            "--max-steps",
            "1",
            "--max-length",
            "14",
            "--overwrite",
        ]);
        command.args(["--set", "entity=marker"]).args(more);
        let said = String::from_utf8(succeed(&mut command).stderr).unwrap();
        let line = said
            .lines()
            .find(|line| line.contains("train "))
            .unwrap()
            .to_owned();
        let (_, count) = line.split_once("rows: ").unwrap();
        count.split(' ').next().unwrap().parse::<u32>().unwrap()
    };
    let opening = ["--set", "markers_within_max_length=opening"];
    assert!(kept(&opening) > kept(&[]));
    let mut mean = ktrain(dir.path());
    assert_eq!(
        misused(mean.args(["--only", "rc"]).args(opening)),
        "error: markers_within_max_length=opening needs entity=marker: a mean needs all of an entity's tokens\n"
    );
}

#[test]
fn plug_points_can_be_a_list_which_is_checked_and_stored() {
    let dir = shards();
    let with = |list: &str, more: &[&str]| {
        let mut command = ktrain(dir.path());
        command.args([
            "--only",
            "rc",
            "--max-steps",
            "1",
            "--quiet",
            "--overwrite",
            "--set",
        ]);
        command.arg(format!("adapter_plug={list}")).args(more);
        command
    };
    succeed(&mut with("0,2,3", &[]));
    let config = crate::json(&dir.path().join("runs/rc/config.json"));
    assert_eq!(config["plug_points"], serde_json::json!([0, 2, 3]));
    assert_eq!(
        config["config"]["adapter_plug"],
        serde_json::json!([0, 2, 3])
    );
    assert_eq!(
        fail(&mut with("0,2,5", &[])),
        "error: adapter_plug=0,2,5: the backbone has no hidden state 5: with 4 layers they are 0 (embeddings) to 4\n"
    );
    assert_eq!(
        misused(&mut with("0,4", &[])),
        "error: adapter_plug=0,4 names 2 hidden states, but adapter_layers is 3: each adapter layer reads one\n"
    );
    let message = misused(&mut with("0,x", &[]));
    assert!(
        message.starts_with("error: --set adapter_plug=0,x: expected after, before, or hidden states such as 0,11,23"),
        "{message}"
    );
    // Beside others on one pass through the backbone, too.
    let one = ["--set", "adapter_layers=1", "--sweep", "adapter_plug=2,9"];
    let message = fail(&mut with("after", &one));
    assert!(
        message.contains("the backbone has no hidden state 9"),
        "{message}"
    );
}
