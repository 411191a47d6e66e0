//! `kprep wordnet`: a wordnet to tables of synsets and relations.

pub(crate) use crate::sources::wordnet::args::Args;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_ingest::Input;
use kprep_schemas::{GroupBy, OutputDir, Provenance};

use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::parts;
use crate::build::progress::Progress;
use crate::commands::command_line::CommandLine;
use crate::console::tell;
use crate::sources::wordnet::folder::Folder;
use crate::sources::wordnet::{build, lmf, wndb};

pub(crate) fn run(args: &Args, command_line: &CommandLine) -> Result<ExitCode> {
    let start = Instant::now();
    args.run.threads();
    let out = OutputDir::claim(&args.out, args.run.overwrite)?;
    let folder = args.wordnet.is_dir().then(|| Folder::find(&args.wordnet));
    let folder = folder.transpose()?;
    let inputs = match &folder {
        Some(folder) => folder.inputs(),
        None => vec![Input::new(&args.wordnet)?],
    };
    let total = inputs::total_bytes(&inputs);
    let progress = Progress::start("wordnet", total, args.run.quiet);
    let tables = match &folder {
        Some(folder) => wndb::tables(folder, &progress.read)?,
        None => lmf::tables(&inputs[0], &progress.read)?,
    };
    ensure!(
        !tables.synsets.is_empty(),
        "{}: no synset is there",
        args.wordnet.display()
    );
    let errors = Errors::new(0, args.run.quiet);
    for note in &tables.notes {
        errors.note(note);
    }
    let provenance = Provenance {
        objective: None,
        command: "wordnet",
        arguments: serde_json::Map::new(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: inputs::described(&inputs, true)?,
        funnel: tables.synsets_funnel(),
    };
    let manifests = build::write(tables, out, &provenance, &command_line.tables)?;
    drop(progress);
    let code = parts::finish(&manifests, &args.out, &errors, &args.run, start)?;
    if !args.run.quiet {
        let out = args.out.display();
        tell(&format_args!(
            "next: kprep knowledge synonyms --wordnet {out} (or supersenses, links) makes a dataset that ktrain trains on"
        ));
    }
    Ok(code)
}
