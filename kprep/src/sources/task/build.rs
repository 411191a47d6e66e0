//! What the records of a benchmark flow into.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use kprep_ingest::task::{Fault, MALFORMED};
use kprep_schemas::{
    Card, DatasetWriter, Funnel, GroupBy, Manifest, OutputDir, Position, Provenance, Record,
    Reject, Rules, Split, stable_hash,
};

use super::files::Place;
use crate::build::errors::Errors;

/// What became of a record.
pub(crate) enum Outcome<R> {
    Row(Position, R),
    Lost(Reject),
    /// Something to count that is no record, by reason.
    Within(&'static str, u64),
    /// A file that cannot be read to its end.
    Broken(String),
}

impl<R> Outcome<R> {
    /// What parsing and converting gave.
    pub(crate) fn of(source: &str, position: Position, row: Result<R, Fault>) -> Self {
        match row {
            Ok(row) => Self::Row(position, row),
            Err(Fault { reason, detail }) => {
                Self::Lost(Reject::at(source, position, reason, detail))
            }
        }
    }
}

/// A dataset on its way, and the counts. Memory: what the writer holds, and 16 bytes a row at most
/// for the ids seen.
pub(crate) struct Build<R: Record> {
    writer: DatasetWriter<R>,
    classes: Vec<String>,
    places: Vec<Place>,
    group_by: GroupBy,
    errors: Errors,
    ids: HashSet<u64>,
    read: u64,
    lost: BTreeMap<&'static str, u64>,
    within: BTreeMap<&'static str, u64>,
}

impl<R: Record> Build<R> {
    pub(crate) fn create(
        out: OutputDir,
        classes: Vec<String>,
        places: Vec<Place>,
        group_by: GroupBy,
        errors: Errors,
    ) -> Result<Self> {
        Ok(Self {
            writer: DatasetWriter::create(out, classes.clone())?,
            classes,
            places,
            group_by,
            errors,
            ids: HashSet::new(),
            read: 0,
            lost: BTreeMap::new(),
            within: BTreeMap::new(),
        })
    }

    /// Takes what became of a record of file number `file`; `kept` sees the rows that stay.
    pub(crate) fn add(
        &mut self,
        (file, source): (usize, &str),
        outcome: Outcome<R>,
        kept: impl FnOnce(Split, &R),
    ) -> Result<()> {
        match outcome {
            Outcome::Row(position, row) => {
                self.read += 1;
                if let Err((reason, detail)) = self.accept(&row) {
                    return self.lose(&Reject::at(source, position, reason, detail));
                }
                let split = match self.places[file] {
                    Place::Given(split) => split,
                    Place::Hash(splitter) => splitter.split(&row.group(self.group_by)),
                };
                kept(split, &row);
                self.writer.push(split, row)?;
            }
            Outcome::Lost(reject) => {
                self.read += 1;
                self.lose(&reject)?;
            }
            Outcome::Within(reason, count) => *self.within.entry(reason).or_default() += count,
            Outcome::Broken(message) => self.errors.file(&message)?,
        }
        Ok(())
    }

    /// Whether a row holds what `kprep validate` will ask of it.
    fn accept(&mut self, row: &R) -> Result<(), (&'static str, String)> {
        let rules = Rules {
            class_names: &self.classes,
            ..Rules::default()
        };
        row.check(&rules).map_err(|fault| (MALFORMED, fault))?;
        if self.ids.insert(stable_hash([row.id().as_bytes()])) {
            return Ok(());
        }
        Err(("id of an earlier record", format!("id {:?}", row.id())))
    }

    fn lose(&mut self, reject: &Reject) -> Result<()> {
        *self.lost.entry(reject.reason).or_default() += 1;
        if reject.reason == MALFORMED {
            self.errors.record(&told(reject));
        }
        Ok(self.writer.reject(reject)?)
    }

    /// read = kept + lost by reason.
    pub(crate) fn funnel(&self, unit: &str) -> Funnel {
        let mut funnel = Funnel::new(unit, self.read);
        let lost = self.lost.iter().map(|(&reason, &count)| (reason, count));
        funnel.stage("rows", lost);
        funnel.within(self.within.iter().map(|(&reason, &count)| (reason, count)));
        funnel
    }

    pub(crate) fn class_names(&self) -> &[String] {
        &self.classes
    }

    pub(crate) fn writer(&mut self) -> &mut DatasetWriter<R> {
        &mut self.writer
    }

    pub(crate) fn finish(self, provenance: Provenance, card: &Card) -> Result<(Manifest, Errors)> {
        Ok((self.writer.finish(provenance, card)?, self.errors))
    }
}

fn told(reject: &Reject) -> String {
    let source = reject.source.as_deref().unwrap_or_default();
    let place = match (reject.line, reject.byte) {
        (Some(line), _) => format!(", line {line}"),
        (None, Some(byte)) => format!(", byte {byte}"),
        (None, None) => String::new(),
    };
    format!("{source}{place}: {}", reject.detail)
}
