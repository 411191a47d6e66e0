//! `kprep wikipedia`: a dump of Wikipedia to pages of plain text with their links.

use crate::commands::command_line::CommandLine;
pub(crate) use crate::sources::wikipedia::args::Args;
use crate::sources::wikipedia::redirects::redirects;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Result;
use kprep_schemas::{GroupBy, OutputDir, Place, Provenance};

use crate::build::inputs;
use crate::build::parts;
use crate::build::progress::Progress;
use crate::sources::wikipedia::build::Build;
use crate::sources::wikipedia::convert::Conversion;
use crate::sources::wikipedia::read::Source;
use crate::sources::wikipedia::{SUFFIXES, WANTED};

use crate::sources::wikipedia::languages;

pub(crate) fn run(args: &Args, command_line: &CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.tables.run.overwrite)?;
    let inputs = inputs::find(&args.inputs, &SUFFIXES, &args.out, args.tables.run.quiet)?;
    inputs::refuse_pipes(&inputs)?;
    let parts = parts::open(&args.tables, out, "wikipedia", args.describe(), &inputs)?;
    let total = inputs::total_bytes(&inputs).map(|bytes| 2 * bytes);
    let progress = Progress::start("wikipedia", total, args.tables.run.quiet);
    let source = |only_heads, from| Source {
        inputs: &inputs,
        threads: args.tables.run.threads(),
        read: &progress.read,
        only_heads,
        // They hold no redirects; they only have to be counted where a limit counts them.
        abstracts: !only_heads || args.limit.is_some(),
        from,
    };

    let languages = languages::of(&inputs);
    let redirects = redirects(args, &source(true, Place::default()))?;
    inputs::unchanged(&inputs)?;
    let conversion = Conversion {
        namespaces: &args.namespace,
        sections: args.sections(),
    };
    let from = parts.next();
    let mut build = Build::open(parts, args)?;
    source(false, from).pages(
        |item| conversion.outcome(item),
        |part| {
            let more = build.add(part)?;
            progress.lost.store(build.counts.lost(), Ordering::Relaxed);
            Ok(more)
        },
    )?;
    let funnel = build.counts.funnel();
    if funnel.kept() == 0 {
        return Err(inputs::nothing_kept("page", &funnel, &inputs, &WANTED));
    }
    build.add_redirects(&redirects)?;
    let provenance = Provenance {
        objective: None,
        command: "wikipedia",
        arguments: args.describe(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: inputs::described(&inputs, args.limit.is_none())?,
        funnel,
    };
    let (manifests, errors) =
        build.finish(&provenance, &redirects, languages, &command_line.tables)?;
    drop(progress);
    parts::finish(&manifests, &args.out, &errors, &args.tables.run, start)
}
