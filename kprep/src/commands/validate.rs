//! `kprep validate`: is a dataset what its manifest says?

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use kprep_schemas::{thousands, validate};
use serde_json::json;

use crate::console::{even_unread, show, show_json};

/// Re-check a dataset: every checksum, count, schema and invariant.
///
/// Example: kprep validate data/trex-rc
///
/// Looks at every row: mentions are where the offsets say, words are in the text, heads form a
/// tree, ids are unique, no group is in two splits. Exit code 1 if anything is wrong.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dataset's folder
    #[arg(value_name = "DIR", help_heading = "Input")]
    dir: PathBuf,

    /// Print the report as JSON
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let report = validate(&args.dir)?;
    let printed = if args.json {
        let json = json!({
            "files": report.files,
            "rows": report.rows,
            "problems": report.problems,
            "problem_count": report.problem_count,
        });
        show_json(&json)
    } else {
        let last = format!(
            "{}: {} files and {} rows checked, {} problems",
            args.dir.display(),
            report.files,
            thousands(report.rows),
            thousands(report.problem_count)
        );
        let lines = report.problems.iter().chain([&last]);
        show(&lines.map(String::as_str).collect::<Vec<_>>().join("\n"))
    };
    even_unread(printed)?;
    Ok(if report.problem_count == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
