//! `ktrain embed`: vectors of the entities of a knowledge graph (`TransE`).

use std::path::PathBuf;

use crate::Error;
use crate::files::entity_vectors;
use crate::libtorch::device;
use crate::stop::Stop;
use crate::train::transe::{Graph, Settings, TransE};
use anyhow::{Context, Result, ensure};
use kprep_schemas::{Dataset, Fact, thousands};
use serde_json::json;

use crate::commands::computing::Computing;
use crate::commands::flags::Printing;
use crate::commands::print::print;

/// The table of facts beside a graph's rows.
const FACTS: &str = "facts.parquet";

/// The flags.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a dataset with facts.parquet: a knowledge graph or a wordnet
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    graph: PathBuf,
    /// File for the vectors, with the ids of their entities
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: PathBuf,
    /// Replace the file in --out
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    #[command(flatten)]
    printing: Printing,
    /// Numbers of a vector
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        help_heading = "Training"
    )]
    dim: i64,
    /// Distance: 1 for L1, 2 for L2
    #[arg(long, value_name = "1|2", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2),
        help_heading = "Training")]
    norm: u8,
    /// By how much the distance of a negative exceeds that of its fact
    #[arg(
        long,
        value_name = "X",
        default_value_t = 1.0,
        help_heading = "Training"
    )]
    margin: f64,
    /// Passes over the facts
    #[arg(
        long,
        value_name = "N",
        default_value_t = 100,
        help_heading = "Training"
    )]
    epochs: u64,
    /// Facts a step
    #[arg(
        long,
        value_name = "N",
        default_value_t = 512,
        help_heading = "Training"
    )]
    batch_size: usize,
    /// Highest learning rate, from which it falls linearly to 0
    #[arg(
        long,
        value_name = "X",
        default_value_t = 0.01,
        help_heading = "Training"
    )]
    lr: f64,
    /// Percentage of the facts that are held out for the scores
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..100),
        help_heading = "Training")]
    test_percent: u64,
    /// Seed of initial values, order, negatives and held-out facts
    #[arg(
        long,
        value_name = "N",
        default_value_t = 42,
        help_heading = "Training"
    )]
    seed: u64,
    #[command(flatten)]
    pub(super) computing: Computing,
}

/// Learns vectors.
pub(crate) fn run(args: &Args) -> Result<()> {
    let settings = args.settings()?;
    let device = device::open(&args.computing.device)?;
    let dataset = Dataset::open(&args.graph).map_err(Error::from)?;
    let facts = dataset.table::<Fact>(FACTS).map_err(Error::from)?;
    let graph = Graph::new(&facts, settings.test_percent, settings.seed);
    let console = args.printing.console();
    console.say(&format!(
        "{}  {} entities, {} relations, {} facts to learn from, {} held out",
        dataset.manifest.name,
        thousands(graph.ids.len() as u64),
        graph.relations,
        thousands(graph.train.len() as u64),
        thousands(graph.test.len() as u64)
    ));
    ensure!(
        !graph.train.is_empty(),
        "{}: no facts to learn from",
        args.graph.display()
    );
    let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
    let transe = TransE::new(&graph, &settings, device);
    let mut bar = console.bar("epochs", settings.epochs);
    transe.train(&graph, &settings, |_, _| {
        bar.inc(1);
        match stop.signal() {
            Some(signal) => Err(Error::StoppedEncoding { signal }),
            None => Ok(()),
        }
    })?;
    drop(bar);
    let found = transe.completion(&graph, &graph.test)?;
    entity_vectors::write(&args.out, &graph.ids, &transe.entities())?;
    let sha256 =
        kprep_schemas::sha256_file(&args.out).with_context(|| args.out.display().to_string())?;
    console.say(&format!(
        "{} held-out facts: hits@10 {:.4}, MRR {:.4} (filtered); vectors in {}",
        thousands(found.facts as u64),
        found.hits_at_10,
        found.mrr,
        args.out.display()
    ));
    if args.printing.json {
        let json = json!({
            "graph": dataset.manifest.name, "entities": graph.ids.len(), "relations": graph.relations,
            "facts": graph.train.len(), "settings": settings, "completion": found, "sha256": sha256,
        });
        print(&format!("{json}\n"))?;
    }
    Ok(())
}

impl Args {
    fn settings(&self) -> Result<Settings> {
        ensure!(
            self.dim > 0 && self.batch_size > 0 && self.epochs > 0 && self.lr > 0.0,
            "--dim, --batch-size, --epochs and --lr must be above 0"
        );
        ensure!(
            self.overwrite || !self.out.exists(),
            "{} is there already: choose another --out, or replace it with --overwrite",
            self.out.display()
        );
        Ok(Settings {
            dim: self.dim,
            norm: self.norm,
            margin: self.margin,
            epochs: self.epochs,
            batch_size: self.batch_size,
            learning_rate: self.lr,
            test_percent: self.test_percent,
            seed: self.seed,
        })
    }
}
