//! The page of a run: what it is, its curves, the table of runs, and what it gets right and wrong.

use std::path::Path;

use kprep_report::{Axes, Page, Section, Table as Numbers};
use kprep_schemas::thousands;
use serde_json::Value;

use crate::Result;
use crate::config::{Config, Preset, Task, Variant};
use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::files::adapter_config::AdapterConfig;
use crate::files::paths::Paths;
use crate::report::bar_chart;
use crate::report::card::in_words;
use crate::report::curve::{Curves, LOSS};
use crate::report::table::Table;

mod predictions;

pub use predictions::{Judged, Judgements};

/// The page.
///
/// # Errors
/// [`crate::Error::Io`].
pub fn of(
    dir: &Path,
    described: &AdapterConfig,
    table: &Table,
    judgements: Option<&Judgements>,
) -> Result<Page> {
    let run = &described.run;
    let paths = Paths {
        dir: dir.to_owned(),
    };
    let mut sections = curves(&paths, run.config.task)?;
    if table.rows.len() > 1 {
        sections.push(bars(table));
    }
    sections.push(runs(table));
    if let Some(judgements) = judgements {
        sections.extend(predictions::sections(judgements));
    }
    Ok(Page {
        title: format!(
            "{}: {} on {}",
            run.dataset.name,
            what(&run.config),
            run.backbone.name
        ),
        lead: lead(described),
        facts: facts(described),
        sections,
        about: vec![
            ("Run".to_owned(), dir.display().to_string()),
            (
                "Settings that are not the preset's".to_owned(),
                settings(&run.config),
            ),
            (
                "Dataset".to_owned(),
                format!(
                    "{}, manifest SHA-256 {}",
                    run.dataset.name, run.dataset.manifest_sha256
                ),
            ),
            (
                "Backbone".to_owned(),
                format!(
                    "{} ({}, {} layers, width {}), SHA-256 {}",
                    run.backbone.name,
                    run.backbone.model_type,
                    run.backbone.layers,
                    run.backbone.hidden_size,
                    run.backbone.sha256
                ),
            ),
            (
                "Written by".to_owned(),
                format!("ktrain {}", env!("CARGO_PKG_VERSION")),
            ),
        ],
    })
}

fn what(config: &Config) -> &'static str {
    match config.variant {
        Variant::Adapter => "knowledge adapter",
        Variant::Backbone => "prediction head without an adapter",
        Variant::Random => "randomly initialised adapter",
        Variant::Multitask => "multi-task backbone",
        Variant::Finetune => "fine-tuned model",
    }
}

/// What a reader must know to read the figures.
fn lead(described: &AdapterConfig) -> String {
    let config = &described.run.config;
    let learns = match config.task {
        Task::Relation => "which relation holds between two marked entities of a sentence",
        Task::Dependency => "which word of the sentence is the head of each word",
        Task::Typing => "which types a marked entity has",
        Task::Choice => "which of several answers is right",
        Task::Span => "where in a paragraph the answer to a question is",
        Task::Pair => "what two phrases are to each other",
        Task::Labels => "which class each marked span has",
        Task::Link => "which entity each marked span means",
    };
    let trained = match config.variant {
        Variant::Adapter => {
            "Only a small adapter and a prediction head were trained; the language model below them stayed as it was."
        }
        Variant::Backbone => {
            "Only a prediction head was trained: a comparison that shows what the language model knows by itself."
        }
        Variant::Random => {
            "Only a prediction head was trained, on an adapter with random values: a comparison."
        }
        Variant::Multitask | Variant::Finetune => "The whole language model was trained.",
    };
    let figures = config.task.facts().figures;
    format!(
        "The model was to learn {learns}. {trained} {} is the share that it gets right among rows that it did not learn from; \
         “{}” is what a guess without a model gets right.",
        upper(figures.score),
        figures.baseline
    )
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

fn facts(described: &AdapterConfig) -> Vec<(String, String)> {
    let config = &described.run.config;
    let figures = config.task.facts().figures;
    let mut facts = Vec::new();
    let mut add = |name: String, share: f64| facts.push((name, format!("{:.1}%", 100.0 * share)));
    for (split, scores) in described.scores.iter().flat_map(Splits::test_first) {
        let Some(scores): &Option<Scores> = scores else {
            continue;
        };
        if let Some(official) = &scores.official {
            add(format!("{}, {split}", official.name), official.score);
        }
        add(format!("{}, {split}", figures.score), scores.accuracy);
        if let Some(f1) = scores.macro_f1 {
            add(format!("macro-F1, {split}"), f1);
        }
        add(format!("{}, {split}", figures.baseline), scores.baseline);
    }
    facts.push(("seed".to_owned(), config.seed.to_string()));
    facts
}

fn curves(paths: &Paths, task: Task) -> Result<Vec<Section>> {
    let metrics = paths.training("metrics.jsonl");
    if !metrics.is_file() {
        return Ok(Vec::new()); // published without it
    }
    let figures = task.facts().figures;
    let Curves { loss, score } = Curves::read(&metrics, &figures)?;
    let numbers = |lines: &[kprep_report::Line]| {
        let rows = lines.iter().flat_map(|line| {
            let row = |&(x, y): &(f64, f64)| {
                vec![line.name.clone(), thousands(x as u64), format!("{y:.4}")]
            };
            line.points.iter().map(row)
        });
        Numbers::new(&["", "step", "value"], rows.collect())
    };
    let percent = format!("{} in %", figures.score);
    let axes = Axes {
        x: "step",
        y: &percent,
    };
    let line = "how wrong the model is on the batches that it learns from: it should fall";
    let loss = Section::lines("Training loss", line, LOSS, &loss, numbers(&loss));
    let line = format!(
        "{} on rows that it does not learn from: it should rise above the baseline",
        figures.score
    );
    let score = Section::lines("Validation", &line, axes, &score, numbers(&score));
    Ok(vec![loss, score])
}

fn bars(table: &Table) -> Section {
    let bars = bar_chart::bars(table);
    let line = "runs on the same dataset; ± is one standard deviation over seeds";
    let axis = bar_chart::axis(table);
    let baseline = bar_chart::baseline(table);
    Section::bars_beside(
        "Compared with other runs",
        line,
        &axis,
        &bars,
        baseline,
        Numbers::default(),
    )
}

fn runs(table: &Table) -> Section {
    let (head, rows) = table.cells();
    Section::table(
        "Runs",
        "scores of each run's best weights by validation",
        Numbers { head, rows },
    )
}

/// The preset, and what differs from it.
fn settings(config: &Config) -> String {
    let preset = Config::of_objective(config.preset, config.task, config.objective);
    let fields = |config: &Config| serde_json::to_value(config).unwrap_or_default();
    let (own, preset) = (fields(config), fields(&preset));
    let own = own.as_object().into_iter().flatten();
    let changed = own.filter(|(key, value)| preset.get(*key) != Some(*value));
    let changed =
        changed.map(|(key, value): (&String, &Value)| format!("{key}={}", in_words(value)));
    let scaled = match config.preset {
        Preset::Scaled => ["preset scaled: the adapter's size follows the backbone".to_owned()],
        Preset::Paper => ["preset paper".to_owned()],
        Preset::Released => ["preset released".to_owned()],
    };
    scaled
        .into_iter()
        .chain(changed)
        .collect::<Vec<_>>()
        .join(", ")
}
