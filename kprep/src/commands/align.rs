//! `kprep align`: pages of Wikipedia and facts of Wikidata to pages with the facts in their text.

pub(crate) use crate::sources::align::args::Args;
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_align::distant::{AlignError, PageOptions, PageOutcome, World, align_page};
use kprep_schemas::{Funnel, Page, thousands};
use serde_json::json;

use crate::build::pipeline;
use crate::build::progress::Progress;
use crate::commands::command_line::CommandLine;
use crate::console::{even_unread, show_json, tell};
use crate::sources::align::counts::Counts;
use crate::sources::align::output::Output;
use crate::sources::align::sources::{Sources, bytes};

use crate::sources::align::{PageName, facts, world};

pub(crate) fn run(args: &Args, command_line: CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    args.check()?;
    let mut output = Output::create(args)?;
    let sources = Sources::open(args)?;
    let threads = args.run.threads();
    let facts = facts::open_or_make(&args.facts_dir(), args.run.quiet, &sources.triples)?;
    let world = world::load(args, &sources, facts)?;

    let progress = Progress::start("align", Some(bytes(&sources.pages)), args.run.quiet);
    let mut counts = Counts::default();
    let options = args.options();
    pipeline::ordered(
        threads,
        |send| sources.batches(args.limit, send),
        |pages: Vec<Page>| work(&pages, &world, &options),
        |outcomes| {
            for (page, outcome) in outcomes? {
                counts.add(&outcome);
                output.write(&page, outcome)?;
            }
            let rows = sources
                .pages
                .manifest
                .shards
                .iter()
                .map(|s| s.rows)
                .sum::<u64>();
            let read = bytes(&sources.pages) * counts.read() / rows.max(1);
            progress.read.store(read, Ordering::Relaxed);
            progress.lost.store(counts.lost(), Ordering::Relaxed);
            Ok(ControlFlow::Continue(()))
        },
    )?;
    let funnel = counts.funnel();
    ensure!(
        funnel.kept() > 0,
        "no page of the inputs is left:\n{funnel}"
    );
    output.finish(args, &sources, &funnel, command_line.dataset)?;
    drop(progress);
    finish(args, &counts, &funnel, start)?;
    Ok(ExitCode::SUCCESS)
}

fn work(
    pages: &[Page],
    world: &World,
    options: &PageOptions,
) -> Result<Vec<(PageName, PageOutcome)>, AlignError> {
    let align = |page: &Page| {
        let name = PageName {
            id: page.id.clone(),
            title: page.title.clone(),
        };
        Ok((name, align_page(page, world, options)?))
    };
    pages.iter().map(align).collect()
}

/// Tells what was made.
fn finish(args: &Args, counts: &Counts, funnel: &Funnel, start: Instant) -> Result<()> {
    let seconds = start.elapsed().as_secs_f64();
    if !args.run.quiet {
        let (pages, triples) = (thousands(funnel.kept()), thousands(counts.triples()));
        let out = args.out.display();
        tell(&format_args!(
            "{funnel}{out}: {pages} pages with {triples} triples in {seconds:.1} s"
        ));
    }
    if args.run.json {
        let summary = json!({
            "out": args.out,
            "pages": funnel.kept(),
            "triples": counts.by_aligner(),
            "funnel": funnel,
            "seconds": seconds,
        });
        even_unread(show_json(&summary))?;
    }
    Ok(())
}
