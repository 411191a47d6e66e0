//! `kprep wikipedia`: a dump of Wikipedia to pages of plain text with their links.

use crate::commands::command_line::CommandLine;
pub(crate) use crate::sources::wikipedia::args::Args;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::Result;
use kprep_schemas::{GroupBy, OutputDir, Provenance};

use crate::build::inputs;
use crate::build::parts;
use crate::build::progress::Progress;
use crate::sources::wikipedia::build::Build;
use crate::sources::wikipedia::convert::Conversion;
use crate::sources::wikipedia::read::Source;
use crate::sources::wikipedia::{SUFFIXES, WANTED};

pub(crate) fn run(args: &Args, command_line: &CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    let out = OutputDir::claim(&args.out, args.tables.run.overwrite)?;
    let inputs = inputs::find(&args.inputs, &SUFFIXES, &args.out, args.tables.run.quiet)?;
    let parts = parts::open(&args.tables, out, "wikipedia", args.describe(), &inputs)?;
    let total = inputs::total_bytes(&inputs);
    let progress = Progress::start("wikipedia", total, args.tables.run.quiet);
    let source = Source {
        inputs: &inputs,
        threads: args.tables.run.threads(),
        read: &progress.read,
        from: parts.next(),
    };
    let conversion = Conversion {
        namespaces: &args.namespace,
        sections: args.sections(),
    };
    let mut build = Build::open(parts, args)?;
    source.pages(&conversion, |part| {
        let more = build.add(part)?;
        progress.lost.store(build.counts.lost(), Ordering::Relaxed);
        Ok(more)
    })?;
    let funnel = build.counts.funnel();
    if funnel.kept() == 0 {
        return Err(inputs::nothing_kept("page", &funnel, &inputs, &WANTED));
    }
    let redirects = build.add_redirects()?;
    let provenance = Provenance {
        objective: None,
        command: "wikipedia",
        arguments: args.describe(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: inputs::described(&inputs, args.limit.is_none())?,
        funnel,
    };
    let (manifests, errors) = build.finish(&provenance, &redirects, &command_line.tables)?;
    drop(progress);
    parts::finish(&manifests, &args.out, &errors, &args.tables.run, start)
}
