//! A step in parts is the step in one.

use std::rc::Rc;
use std::slice;

use kprep_schemas::{Dataset, Split};
use ktrain::config::{Config, ParserHead, ParserLoss, Preset, Task};
use ktrain::data::batch::Batch;
use ktrain::data::examples::Targets;
use ktrain::data::sampler;
use ktrain::data::store::Store;
use ktrain::data::tokenizer::Vocabulary;
use ktrain::files::backbone_config::BackboneConfig;
use ktrain::model::backbone::Backbone;
use ktrain::tasks::TaskDefinition;
use ktrain::tasks::dependency::Dependency;
use ktrain::tasks::model::{self, Model};
use ktrain::tasks::relation::Relation;
use ktrain::train::gradients::{self, Learner};
use ktrain::train::optimizer::AdamW;
use tch::{Device, Kind, Tensor};
use tempfile::tempdir;

use crate::datasets::{backbone, easy_heads, easy_relations};
use crate::{assert_same, cut_off, ktrain, misused, shards, succeed};

/// Small settings without dropout.
pub(crate) fn config(task: Task) -> Config {
    Config {
        batch_size: 32,
        // Long and short sentences together, so that parts have very different numbers of words.
        length_pool: 1,
        max_length: 40,
        adapter_hidden_size: 32,
        adapter_attention_heads: 4,
        adapter_ffn_size: 64,
        adapter_init_std: 0.2,
        adapter_dropout: 0.0,
        // Far above the rounding of a sum: where a gradient is next to 0, AdamW with its own tiny
        // one turns a difference in the last bit into a whole step.
        adam_epsilon: 1e-3,
        ..Config::preset(Preset::Paper, task)
    }
}

/// The parameters after a few steps from `start`, and the losses of these.
fn after<T: TaskDefinition>(
    config: &Config,
    store: &Store<T::Row>,
    start: &Tensor,
    steps: u64,
) -> (Tensor, Vec<f64>) {
    let net = Backbone::load(&backbone("bert-tiny"), Device::Cpu, Kind::Float).unwrap();
    let params = model::params(slice::from_ref(config), net.config(), 4, Device::Cpu);
    tch::no_grad(|| params.flat().shallow_clone().copy_(start));
    let model = Model::<T>::new(slice::from_ref(config), Rc::new(net), &params, &[]).unwrap();
    let mut adam = AdamW::new(&params);
    let mut losses = Vec::new();
    for step in 0..steps {
        let examples = sampler::of_step(store, config, step);
        let parts = Batch::parts(store, config, 0, &examples, 0);
        assert_eq!(parts.len(), config.gradient_accumulation_steps);
        if parts.len() > 1 && config.task == Task::Dependency {
            let [first, last] = [0, parts.len() - 1].map(|i| parts[i].targets.labels());
            assert!(last > first, "{first} {last}");
        }
        let learner = Learner {
            model: &model,
            params: &params,
            seed: 1,
        };
        let gradients = gradients::gradients(model.frozen(), &[learner], &parts, step).unwrap();
        let (loss, grads) = &gradients[0];
        let _norm = adam.step(config, &params, grads, step, 1e-3).unwrap();
        losses.push(loss.double_value(&[]));
    }
    (params.flat().copy(), losses)
}

#[test]
fn accumulated_parts_give_the_parameters_of_the_one_big_batch() {
    tch::set_num_threads(1); // many tests at once: threads would wait for one another
    let dir = tempdir().unwrap();
    easy_relations(&dir.path().join("rc"));
    easy_heads(&dir.path().join("deps"));
    let vocabulary = Vocabulary::load(&backbone("bert-tiny")).unwrap();
    let dataset = |name: &str| Dataset::open(&dir.path().join(name)).unwrap();
    let relations = Store::read(&dataset("rc"), Split::Train, &vocabulary, 40, 1).unwrap();
    let heads = Store::read(&dataset("deps"), Split::Train, &vocabulary, 40, 1).unwrap();
    let word = |parser, parser_loss| Config {
        parser,
        parser_loss,
        ..config(Task::Dependency)
    };
    assert_parts_match::<Relation>(config(Task::Relation), &relations);
    for parser in [ParserHead::Linear, ParserHead::Biaffine] {
        for loss in [ParserLoss::Binary, ParserLoss::CrossEntropy] {
            assert_parts_match::<Dependency>(word(parser, loss), &heads);
        }
    }
}

fn assert_parts_match<T: TaskDefinition>(config: Config, store: &Store<T::Row>) {
    // Drawn once: tests share libtorch's random numbers.
    let shape = BackboneConfig::read(&backbone("bert-tiny")).unwrap();
    let start = model::params(slice::from_ref(&config), &shape, 4, Device::Cpu);
    let start = start.flat().copy();
    let (whole, losses) = after::<T>(&config, store, &start, 3);
    let config = Config {
        gradient_accumulation_steps: 3, // of 11, 11 and 10 examples
        ..config
    };
    let (parts, of_parts) = after::<T>(&config, store, &start, 3);
    let difference = (&whole - &parts).abs().max().double_value(&[]);
    assert!(difference < 1e-6, "{config:?}: {difference}");
    assert!((&whole - &start).abs().max().double_value(&[]) > 1e-4);
    for (a, b) in losses.iter().zip(&of_parts) {
        assert!((a - b).abs() < 1e-6, "{config:?}: {losses:?} {of_parts:?}");
    }
}

#[test]
fn a_step_has_at_least_one_part() {
    let dir = shards();
    assert_eq!(
        misused(ktrain(dir.path()).args(["--set", "gradient_accumulation_steps=0"])),
        "error: gradient_accumulation_steps must be at least 1\n"
    );
}

/// With dropout, whose random numbers follow the step.
#[test]
fn a_run_in_parts_goes_on_to_the_same_bytes() {
    let dir = shards();
    let command = |out: &str| {
        let mut command = ktrain(dir.path());
        command.args(["--only", "deps", "--max-steps", "9", "--save-every", "4"]);
        command.args(["--set", "gradient_accumulation_steps=3", "--out", out]);
        command
    };
    succeed(&mut command("whole"));
    succeed(&mut command("cut"));
    let cut = dir.path().join("cut/deps");
    cut_off(&cut);
    let output = succeed(command("cut").arg("--resume"));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("going on from step 8"), "{stderr}");
    assert_same(&dir.path().join("whole/deps"), &cut);
}
