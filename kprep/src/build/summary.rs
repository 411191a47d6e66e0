//! What a build ends with: a summary for people on stderr, or for programs on stdout.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use kprep_schemas::{Manifest, Split, thousands};
use serde_json::json;

use crate::build::errors::Errors;
use crate::console::{even_unread, show_json, tell};
use crate::flags::BuildFlags;

/// Tells what was built and gives the exit code: 3 when more was lost than `--max-errors` allows.
pub(crate) fn finish(
    manifest: &Manifest,
    out: &Path,
    errors: &Errors,
    build: &BuildFlags,
    start: Instant,
) -> Result<ExitCode> {
    told(
        manifest,
        out,
        errors,
        (build.run.quiet, build.run.json),
        start,
    )
}

/// The same for commands that do not split rows themselves.
pub(crate) fn told(
    manifest: &Manifest,
    out: &Path,
    errors: &Errors,
    (quiet, json): (bool, bool),
    start: Instant,
) -> Result<ExitCode> {
    let seconds = start.elapsed().as_secs_f64();
    let rows = |split: Split| manifest.rows(split.name());
    if !quiet {
        let splits: Vec<String> = Split::ALL
            .into_iter()
            .map(|split| format!("{} {}", split.name(), thousands(rows(split))))
            .collect();
        let (place, splits) = (out.display(), splits.join(", "));
        tell(&format_args!(
            "{}{place}: {splits} in {seconds:.1} s",
            manifest.funnel
        ));
        if errors.count > 0 {
            let count = thousands(errors.count);
            tell(&format_args!(
                "{count} malformed inputs; see rejects.jsonl.zst"
            ));
        }
    }
    if json {
        let splits: serde_json::Map<_, _> = Split::ALL
            .into_iter()
            .map(|split| (split.name().to_owned(), rows(split).into()))
            .collect();
        let summary = json!({
            "out": out,
            "splits": splits,
            "classes": manifest.class_names.len(),
            "funnel": manifest.funnel,
            "errors": errors.count,
            "seconds": seconds,
        });
        even_unread(show_json(&summary))?;
    }
    Ok(if errors.beyond_max() {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}
