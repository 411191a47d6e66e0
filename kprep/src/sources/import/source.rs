//! All records of all files, parsed and checked in parallel, in order.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::{Batch, Error, JsonDocuments};
use kprep_schemas::{Position, Reject, Split};

use super::File;
use crate::build::inputs::{self, Wanted};
use crate::build::pipeline;

/// The files of a pass.
pub(crate) struct Source<'a> {
    pub(crate) files: &'a [File],
    /// What they look like.
    pub(crate) wanted: &'a Wanted,
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
}

/// Where an object stands.
pub(crate) struct Place<'a> {
    pub(crate) source: &'a str,
    pub(crate) position: Position,
}

/// What stood where a record was expected.
pub(crate) enum Read<R> {
    /// A record in a file of this split.
    Row(Option<Split>, Position, R),
    /// Something else; it is skipped.
    Malformed(Reject),
    /// A file that cannot be read to its end; the next one follows.
    Broken(String),
}

/// What makes rows of JSON objects, one for each.
pub(crate) trait Parse<R>:
    Fn(&[&[u8]], &[Place<'_>]) -> Vec<Result<R, String>> + Sync
{
}

impl<R, F: Fn(&[&[u8]], &[Place<'_>]) -> Vec<Result<R, String>> + Sync> Parse<R> for F {}

enum Task {
    Batch(usize, Arc<str>, Batch),
    Broken(String),
}

impl Source<'_> {
    /// Parses on several threads and gives the rows, with the name of their file, to `consume` in
    /// the order of the files.
    pub(crate) fn rows<R: Send>(
        &self,
        parse: &impl Parse<R>,
        mut consume: impl FnMut(&str, Read<R>) -> Result<()>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                // A break means that nobody listens any more: whoever broke says why.
                let _ = (0..self.files.len()).try_for_each(|file| self.produce(file, send));
                Ok(())
            },
            |task| match task {
                Task::Batch(file, source, batch) => {
                    let rows = read(self.files[file].split, &source, &batch, parse);
                    (source, rows)
                }
                Task::Broken(message) => (Arc::from(""), vec![Read::Broken(message)]),
            },
            |(source, rows)| {
                rows.into_iter().try_for_each(|row| consume(&source, row))?;
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    fn produce(
        &self,
        file: usize,
        send: &mut dyn FnMut(Task) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        // `None` says that nobody listens any more.
        let input = &self.files[file].input;
        let visited = input.visit(self.read, |name, content| -> Result<(), Option<Error>> {
            if let Some(other) = inputs::refused(content, self.wanted) {
                let broken = Task::Broken(format!("{name}: {other}"));
                return send(broken).is_continue().then_some(()).ok_or(None);
            }
            let source = Arc::<str>::from(name);
            for (batch, error) in JsonDocuments::new(content) {
                let broken = error.map(|error| Task::Broken(format!("{name}: {error}")));
                let tasks = [Some(Task::Batch(file, Arc::clone(&source), batch)), broken];
                for task in tasks.into_iter().flatten() {
                    if send(task).is_break() {
                        return Err(None);
                    }
                }
            }
            Ok(())
        });
        match visited {
            Ok(()) => ControlFlow::Continue(()),
            Err(Some(error)) => send(Task::Broken(error.to_string())),
            Err(None) => ControlFlow::Break(()),
        }
    }
}

fn read<R>(
    split: Option<Split>,
    source: &str,
    batch: &Batch,
    parse: &impl Parse<R>,
) -> Vec<Read<R>> {
    let malformed = |position, detail| {
        Read::Malformed(Reject::at(source, position, "malformed record", detail))
    };
    let (mut objects, mut places) = (Vec::new(), Vec::new());
    for (position, object) in batch.documents() {
        if let Ok(object) = object {
            objects.push(object);
            places.push(Place { source, position });
        }
    }
    let mut rows = parse(&objects, &places).into_iter();
    let documents = batch.documents();
    documents
        .filter_map(|(position, object)| match object {
            Ok(_) => rows.next().map(|row| match row {
                Ok(row) => Read::Row(split, position, row),
                Err(detail) => malformed(position, detail),
            }),
            Err(too_large) => Some(malformed(position, too_large.to_string())),
        })
        .collect()
}
