//! From records to a dataset.

use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::Instant;

use anyhow::{Result, ensure};
use kprep_align::PropertyLabels;
use kprep_ingest::Input;
use kprep_schemas::{
    DatasetWriter, Funnel, OutputDir, Position, Provenance, Record, Reject, Rules, Split,
    stable_hash, stable_id,
};
use rustc_hash::FxHashMap;

use super::args::Args;
use super::classes::{Classes, SeenClasses};
use super::format::Format;
use super::source::{Parse, Read, Source};
use super::{File, card};
use crate::build::errors::Errors;
use crate::build::inputs;
use crate::build::progress::Progress;
use crate::build::summary;
use crate::datasets::entity_table::Named;
use crate::datasets::groups::Groups;
use crate::datasets::relation_table::{RELATIONS, RelationTable};
use crate::sources::objectives;

/// Reads the files, once or twice, and writes the dataset.
pub(crate) fn import<R: Record>(
    args: &Args,
    out: OutputDir,
    files: &[File],
    (start, command_line): (Instant, Vec<String>),
    parse: impl Parse<R>,
) -> Result<ExitCode> {
    let inputs: Vec<Input> = files.iter().map(|file| file.input.clone()).collect();
    let has_classes = R::CLASS.is_some_and(|class| class.numbered);
    let passes = if has_classes && args.labels.is_none() {
        2
    } else {
        1
    };
    ensure!(
        passes == 1 || !inputs.iter().any(Input::is_stream),
        "the classes are looked up first, and a pipe cannot be read twice: save it as a file, which \
         may be compressed, or give the classes with --labels"
    );
    let total = inputs::total_bytes(&inputs).map(|bytes| passes * bytes);
    let progress = Progress::start("import", total, args.build.run.quiet);
    let source = Source {
        files,
        wanted: args.format.wanted(),
        threads: args.build.run.threads(),
        read: &progress.read,
    };
    let classes = match &args.labels {
        Some(path) => Classes::read(path)?,
        None if has_classes => seen_classes(args, &source, &parse)?,
        None => Classes::default(),
    };
    inputs::unchanged(&inputs)?;
    let writer = DatasetWriter::create(out, classes.names.clone())?;
    let mut build = Build {
        args,
        writer,
        table: RelationTable::new(classes.names.len()),
        classes,
        groups: Groups::new(args.group_by::<R>()),
        named: Named::default(),
        ids: FxHashMap::default(),
        errors: Errors::new(args.build.errors.max_errors, args.build.run.quiet),
        counts: Counts::default(),
    };
    source.rows(&parse, |name, read| {
        build.add(name, read)?;
        progress.lost.store(build.counts.lost(), Ordering::Relaxed);
        Ok(())
    })?;
    drop(progress);
    build.finish(&inputs, start, command_line)
}

/// First pass: the relations. What is broken is told in the second one.
fn seen_classes<R: Record>(
    args: &Args,
    source: &Source<'_>,
    parse: &impl Parse<R>,
) -> Result<Classes> {
    let labelled = args.format == Format::Jsonl;
    let mut seen = SeenClasses::default();
    source.rows(parse, |_, read| {
        if let Read::Row(_, _, row) = read {
            seen.add(&row, labelled);
        }
        Ok(())
    })?;
    Ok(seen.classes(labelled))
}

/// What the records flow into.
struct Build<'a, R: Record> {
    args: &'a Args,
    writer: DatasetWriter<R>,
    classes: Classes,
    table: RelationTable,
    /// Kept where the splits come with the files.
    groups: Groups,
    named: Named,
    /// How often each id was seen, hashed.
    ids: FxHashMap<u64, u32>,
    errors: Errors,
    counts: Counts,
}

/// Records read = rows + records lost for each reason.
#[derive(Default)]
struct Counts {
    read: u64,
    malformed: u64,
    other_label: u64,
    repeated: u64,
}

impl Counts {
    fn lost(&self) -> u64 {
        self.malformed + self.other_label + self.repeated
    }
}

impl<R: Record> Build<'_, R> {
    fn add(&mut self, source: &str, read: Read<R>) -> Result<()> {
        match read {
            Read::Row(split, position, row) => self.row(source, split, position, row),
            Read::Malformed(reject) => {
                self.counts.read += 1;
                self.malformed(&reject)
            }
            Read::Broken(message) => self.errors.file(&message),
        }
    }

    fn row(
        &mut self,
        source: &str,
        split: Option<Split>,
        position: Position,
        mut row: R,
    ) -> Result<()> {
        self.counts.read += 1;
        let reject = |reason, detail| Reject::at(source, position, reason, detail);
        if let Err(detail) = self.classes.label(&mut row) {
            self.counts.other_label += 1;
            return Ok(self
                .writer
                .reject(&reject("not among the labels", detail))?);
        }
        let rules = Rules {
            class_names: &self.classes.names,
            allow_non_tree: self.args.allow_non_tree,
        };
        if let Err(detail) = row.check(&rules) {
            return self.malformed(&reject("malformed record", detail));
        }
        if !self.name_apart(&mut row) {
            self.counts.repeated += 1;
            let detail = format!("id {:?} came before", row.id());
            return Ok(self.writer.reject(&reject("id seen before", detail))?);
        }
        let split = split.unwrap_or_else(|| self.split(&row));
        if self.args.splits_given() {
            self.groups.add(split, &row);
        }
        self.table.add(split, &row);
        self.named.add(split, &row);
        Ok(self.writer.push(split, row)?)
    }

    fn split(&self, row: &R) -> Split {
        if R::SPLIT_BY.is_none() {
            return Split::Train;
        }
        let group = row.group(self.args.group_by::<R>());
        self.args.build.splitter().split(&group)
    }

    /// Makes sure that the row's id is the only one of its kind. Formats without ids may hold the
    /// same record several times; elsewhere a second row of an id is not wanted.
    fn name_apart(&mut self, row: &mut R) -> bool {
        if row.id().is_empty() {
            return true;
        }
        let seen = self.ids.entry(stable_hash([row.id().as_bytes()]));
        let seen = seen.and_modify(|seen| *seen += 1).or_insert(0);
        if *seen == 0 {
            return true;
        }
        if self.args.format != Format::Kadapter {
            return false;
        }
        if let Some(row) = row.relation_mut() {
            row.id = stable_id([row.id.as_bytes(), &seen.to_le_bytes()]);
        }
        true
    }

    fn malformed(&mut self, reject: &Reject) -> Result<()> {
        self.counts.malformed += 1;
        let source = reject.source.as_deref().unwrap_or_default();
        let byte = reject.byte.unwrap_or_default();
        let detail = &reject.detail;
        self.errors
            .record(&format!("{source}, record at byte {byte}: {detail}"));
        Ok(self.writer.reject(reject)?)
    }

    fn funnel(&self) -> Funnel {
        let Counts {
            read,
            malformed,
            other_label,
            repeated,
        } = self.counts;
        let mut funnel = Funnel::new("records", read);
        funnel.stage("well-formed", [("malformed record", malformed)]);
        if self.args.labels.is_some() {
            funnel.stage("of a class", [("not among the labels", other_label)]);
        }
        funnel.stage("distinct", [("id seen before", repeated)]);
        funnel.within([(self.groups.reason(), self.groups.several())]);
        funnel
    }

    fn finish(
        mut self,
        inputs: &[Input],
        start: Instant,
        command_line: Vec<String>,
    ) -> Result<ExitCode> {
        let args = self.args;
        let funnel = self.funnel();
        if funnel.kept() == 0 {
            return Err(inputs::nothing_kept(
                "record",
                &funnel,
                inputs,
                args.format.wanted(),
            ));
        }
        if R::RELATION_TABLE {
            let labels = PropertyLabels::bundled();
            let english = |relation: &str| labels.get(relation).map(str::to_owned);
            let table = self.table.finish(&self.classes.names, english);
            self.writer.write_table(RELATIONS, &table)?;
        }
        self.named.write(&mut self.writer)?;
        let has_classes = R::CLASS.is_some_and(|class| class.numbered);
        // Of splits by a hash no group was looked at, and the promise holds.
        let split_by = self.groups.promise();
        if self.groups.several() > 0 {
            self.errors.note(&format!(
                "{} {}: what a model learns of them in one split it knows in another",
                self.groups.several(),
                self.groups.reason()
            ));
        }
        if args.objective.is_none()
            && let Some(names) = objectives::of_record(R::NAME)
        {
            self.errors.note(&format!(
                "the rows do not tell their objective: with --objective {names} `ktrain train` knows its \
                 settings"
            ));
        }
        let provenance = Provenance {
            objective: args.objective.clone(),
            command: "import",
            arguments: args.describe::<R>(has_classes.then_some(self.classes.origin)),
            seed: args.build.seed(),
            split_by,
            inputs: inputs::described(inputs, true)?,
            funnel,
        };
        let card = card::card::<R>(args.format, command_line);
        let manifest = self.writer.finish(provenance, &card)?;
        summary::finish(&manifest, &args.out, &self.errors, &args.build, start)
    }
}
