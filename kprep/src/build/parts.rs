//! What commands that write several tables in parts have in common.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use kprep_ingest::Input;
use kprep_schemas::{Fingerprint, Job, Manifest, OutputDir, Parts, thousands};
use serde_json::json;

use crate::build::errors::Errors;
use crate::console::{even_unread, show_json, tell};
use crate::flags::{RunFlags, TablesFlags};

/// The output of this run, new or from where an earlier one was cut off.
pub(crate) fn open(
    flags: &TablesFlags,
    out: OutputDir,
    command: &str,
    mut arguments: serde_json::Map<String, serde_json::Value>,
    inputs: &[Input],
) -> Result<Parts> {
    // Who could not go on for a broken file may tolerate it now: no row depends on that.
    arguments.remove("max-errors");
    arguments.insert("part-bytes".into(), flags.part_bytes.into());
    let marks = inputs
        .iter()
        .filter(|input| !input.is_stream())
        .map(|input| {
            Fingerprint::of(&input.path, &input.name)
                .with_context(|| input.path.display().to_string())
        });
    let job = Job::new(command, arguments, marks.collect::<Result<_>>()?);
    let tell = |text: String| {
        if !flags.run.quiet {
            tell(&text);
        }
    };
    if flags.resume {
        ensure!(
            !inputs.iter().any(Input::is_stream),
            "a pipe cannot be read again from where a run was cut off: save it as a file, which may be compressed"
        );
        let parts = Parts::resume(out, job)?;
        tell(format!("resuming after part {}", parts.finished()));
        return Ok(parts);
    }
    let left_over = Parts::left_over(&out);
    let parts = Parts::create(out, job)?;
    if left_over > 0 {
        tell(format!(
            "starting again: a run that was cut off after part {left_over} is dropped; --resume would have continued it"
        ));
    }
    Ok(parts)
}

/// Tells what was built and gives the exit code: 3 when more was lost than `--max-errors` allows.
pub(crate) fn finish(
    tables: &[Manifest],
    out: &Path,
    errors: &Errors,
    args: &RunFlags,
    start: Instant,
) -> Result<ExitCode> {
    let seconds = start.elapsed().as_secs_f64();
    if !args.quiet {
        for table in tables {
            tell(&format_args!("{}:\n{}", table.name, table.funnel));
        }
        let rows = |table: &Manifest| format!("{} {}", table.name, thousands(rows(table)));
        let rows: Vec<_> = tables.iter().map(rows).collect();
        let (place, rows) = (out.display(), rows.join(", "));
        tell(&format_args!("{place}: {rows} in {seconds:.1} s"));
        if errors.count > 0 {
            let count = thousands(errors.count);
            tell(&format_args!(
                "{count} malformed inputs; see rejects.jsonl.zst"
            ));
        }
    }
    if args.json {
        let table = |table: &Manifest| {
            let about = json!({"rows": rows(table), "funnel": table.funnel});
            (table.name.clone(), about)
        };
        let tables: serde_json::Map<_, _> = tables.iter().map(table).collect();
        let summary =
            json!({"out": out, "tables": tables, "errors": errors.count, "seconds": seconds});
        even_unread(show_json(&summary))?;
    }
    Ok(if errors.beyond_max() {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    })
}

/// Rows of all splits.
fn rows(table: &Manifest) -> u64 {
    table.shards.iter().map(|shard| shard.rows).sum()
}
