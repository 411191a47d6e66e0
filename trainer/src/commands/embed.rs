//! `ktrain embed`: vectors of the entities of a knowledge graph.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use kprep_schemas::{Dataset, MANIFEST, Split, sha256_file, thousands};
use serde_json::{Value, json};
use tch::{Device, Tensor};

use crate::commands::computing::Computing;
use crate::commands::flags::Printing;
use crate::commands::print::print;
use crate::commands::usage::Usage;
use crate::config::embedding::EmbeddingSettings;
use crate::data::facts::Facts;
use crate::evaluate::link_prediction::{of_frequencies, of_vectors};
use crate::evaluate::ranks::Ranking;
use crate::files::weights::{self, Named};
use crate::model::transe::TransE;
use crate::train::embedding;

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Dataset of facts, or the folder of a graph or a wordnet that has one in facts/
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    graph: PathBuf,
    /// Safetensors file to write; an earlier one is replaced when the new one is complete
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    settings: EmbeddingSettings,
    #[command(flatten)]
    pub(super) computing: Computing,
}

/// Learns, tests and writes them.
pub(crate) fn run(args: &Args) -> Result<()> {
    if let Some(rule) = args.settings.broken_rule() {
        return Err(Usage(rule.to_owned()).into());
    }
    let console = args.printing.console();
    let (device, _) = args.computing.start(console)?;
    let below = args.graph.join("facts");
    let is_above = below.join(MANIFEST).is_file();
    let dataset = Dataset::open(if is_above { &below } else { &args.graph })?;
    let facts = Facts::read(&dataset, args.settings.test_percent, args.settings.seed)?;
    console.say(&format!(
        "{} entities, {} relations, {} facts to learn from",
        thousands(facts.entities.len() as u64),
        thousands(facts.relations.len() as u64),
        thousands(facts.of_split(Split::Train).len() as u64),
    ));

    let mut bar = console.bar("embedding", args.settings.epochs);
    let mut loss = f64::NAN;
    let model = embedding::learn(&facts, &args.settings, device, |mean| {
        loss = mean;
        bar.inc(1);
    });
    drop(bar);
    if !loss.is_finite() {
        bail!("the loss is no number any more: try a smaller --lr");
    }
    let scores = [
        ("frequency", of_frequencies(&facts, Split::Test)),
        ("TransE", of_vectors(&model, &facts, Split::Test)?),
    ];
    let report = report(args, &dataset, &facts, &scores)?;
    write(args, &facts, &model, &report)?;
    args.printing.table(&table(&scores))?;
    if args.printing.json {
        print(&format!("{report}\n"))?;
    }
    console.say(&format!("vectors in {}", args.out.display()));
    Ok(())
}

fn report(
    args: &Args,
    dataset: &Dataset,
    facts: &Facts,
    scores: &[(&str, Ranking)],
) -> Result<Value> {
    let manifest = dataset.dir.join(MANIFEST);
    let sum = sha256_file(&manifest).with_context(|| manifest.display().to_string())?;
    let test: serde_json::Map<_, _> = scores
        .iter()
        .map(|(name, ranking)| ((*name).to_owned(), json!(ranking)))
        .collect();
    let rows = Split::ALL.map(|split| facts.of_split(split).len());
    Ok(json!({
        "dataset": {"name": dataset.manifest.name, "manifest_sha256": sum},
        "settings": args.settings,
        "entities": facts.entities.len(),
        "relations": facts.relations.len(),
        "facts": {"train": rows[0], "validation": rows[1], "test": rows[2]},
        "test": test,
    }))
}

/// `vectors`, a row for each line of the text `ids`, and `relations`, one for each of `relation_ids`.
fn write(args: &Args, facts: &Facts, model: &TransE, report: &Value) -> Result<()> {
    let on_cpu = |tensor: &Tensor| tensor.to_device(Device::Cpu);
    let lines = |ids: &[String]| Tensor::from_slice(ids.join("\n").as_bytes());
    let named = Named::from([
        ("ids".to_owned(), lines(&facts.entities)),
        ("vectors".to_owned(), on_cpu(&model.entities_nd)),
        ("relation_ids".to_owned(), lines(&facts.relations)),
        ("relations".to_owned(), on_cpu(&model.relations_md)),
    ]);
    Ok(weights::write(
        &args.out,
        &named,
        &[("report", report.to_string())],
    )?)
}

/// Filtered ranks of heads and tails.
fn table(scores: &[(&str, Ranking)]) -> String {
    let mut table = "| test | hits@1 | hits@10 | MRR |\n|---|---:|---:|---:|".to_owned();
    for (name, ranking) in scores {
        let _ = write!(
            table,
            "\n| {name} | {:.1}% | {:.1}% | {:.3} |",
            100.0 * ranking.first,
            100.0 * ranking.ten,
            ranking.reciprocal
        );
    }
    table
}
