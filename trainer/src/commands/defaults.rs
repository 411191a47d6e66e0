//! The presets' defaults, for `--help`: made from the presets themselves.

use std::fmt::Write;

use crate::config::benchmark::Knowing;
use crate::config::{Benchmark, Config, Objective, Preset, Task};
use clap::ValueEnum;

const HEAD: &str = "epochs  batch size  learning rate  warm-up  max length";

/// The settings of training.
pub(crate) fn training() -> String {
    let mut text = format!("Defaults:\n  preset    dataset     {HEAD}\n");
    for (preset, name) in [(Preset::Paper, "paper"), (Preset::Released, "released")] {
        for task in [Task::Relation, Task::Dependency] {
            let row = row(&Config::preset(preset, task));
            let task = task.name();
            let _ = writeln!(text, "  {name:<8}  {task:<10}  {row}"); // writing to a String cannot fail
        }
    }
    for (objective, task) in Objective::others() {
        let row = row(&Config::of_objective(Preset::Paper, task, objective));
        let _ = writeln!(text, "  {:<8}  {:<10}  {row}", "all", objective.to_string());
    }
    let made: Vec<String> = Objective::others()
        .filter_map(|(objective, _)| Some(format!("{objective} ({})", objective.made_by()?)))
        .collect();
    let _ = writeln!(
        text,
        "\nDatasets of kprep knowledge have the name of the system that learns so: {}.",
        made.join(", ")
    );
    text + "The preset scaled has the values of paper, with an adapter whose size follows the backbone.\n\
            --set changes other settings: ktrain settings explains all."
}

/// The settings of fine-tuning.
pub(crate) fn finetuning() -> String {
    let mut text = format!("Defaults, in both presets:\n  benchmark   adapters    {HEAD}\n");
    for benchmark in Benchmark::value_variants() {
        let knowledge = [
            ("factual", Knowing::Factual),
            ("linguistic", Knowing::Linguistic),
            ("both", Knowing::Both),
        ];
        let rows = knowledge.map(|(adapters, knowledge)| {
            let config = benchmark.config(Preset::Paper, knowledge);
            (adapters, row(&config))
        });
        let (_, first) = &rows[0];
        let shown = if rows.iter().all(|(_, row)| row == first) {
            vec![("any", first.clone())]
        } else {
            rows.to_vec()
        };
        for (i, (adapters, row)) in shown.iter().enumerate() {
            let name = if i == 0 { benchmark.name() } else { "" };
            let _ = writeln!(text, "  {name:<10}  {adapters:<10}  {row}"); // writing to a String cannot fail
        }
    }
    text + "\nWithout adapters the defaults are those of a factual one."
}

fn row(config: &Config) -> String {
    format!(
        "{:>6}  {:>10}  {:>13e}  {:>7}  {:>10}",
        config.epochs,
        config.batch_size,
        config.learning_rate,
        config.warmup_steps,
        config.max_length
    )
}
