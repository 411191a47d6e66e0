//! All records of a benchmark's files, in order.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::task::{Fault, Parsed};
use kprep_ingest::{Batch, Error, JsonDocuments, TooLarge};
use kprep_schemas::Position;

use super::build::Outcome;
use super::files::Files;
use crate::build::inputs::{self, Wanted};
use crate::build::pipeline;

/// The inputs of a pass.
pub(crate) struct Source<'a> {
    pub(crate) files: &'a Files,
    /// What they should be.
    pub(crate) wanted: Wanted,
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
}

/// Where a record stands: the number of its file, this file's name, and the place in it.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub(crate) file: usize,
    pub(crate) source: &'a str,
    pub(crate) position: Position,
}

impl At<'_> {
    pub(crate) fn outcome<R>(self, row: Result<R, Fault>) -> Outcome<R> {
        Outcome::of(self.source, self.position, row)
    }
}

/// A record's text, or why it was not kept.
pub(crate) type Json<'a> = Result<&'a [u8], Fault>;

/// JSON on the way to a worker.
enum Task {
    Documents(usize, Arc<str>, Batch),
    Broken(usize, String),
}

/// What ends the reading of one file.
enum Stop {
    /// Nobody takes more.
    Failed(anyhow::Error),
    Input(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl Source<'_> {
    /// Gives each JSON object of these files to `work` on several threads, and what it makes of it
    /// to `consume` in order.
    pub(crate) fn json<R: Send>(
        &self,
        files: &[usize],
        work: impl Fn(At<'_>, Json<'_>) -> Vec<Outcome<R>> + Sync,
        mut consume: impl FnMut((usize, &str), Outcome<R>) -> Result<()>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                let _ = files.iter().try_for_each(|&file| self.produce(file, send));
                Ok(())
            },
            |task| match task {
                Task::Documents(file, source, batch) => {
                    let documents = batch.documents().flat_map(|(position, json)| {
                        let at = At {
                            file,
                            source: &source,
                            position,
                        };
                        work(at, json.map_err(|e: TooLarge| Fault::malformed(e)))
                    });
                    let outcomes: Vec<_> = documents.collect();
                    (file, source, outcomes)
                }
                Task::Broken(file, message) => {
                    (file, Arc::from(""), vec![Outcome::Broken(message)])
                }
            },
            |(file, source, outcomes)| {
                for outcome in outcomes {
                    consume((file, &source), outcome)?;
                }
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
        let mut flow = ControlFlow::Continue(());
        let visited =
            self.files.inputs[file].visit(self.read, |name, content| -> Result<(), Error> {
                if let Some(other) = inputs::refused(content, &self.wanted) {
                    flow = send(Task::Broken(file, format!("{name}: {other}")));
                    return Ok(());
                }
                let source: Arc<str> = Arc::from(name);
                for (batch, error) in JsonDocuments::new(content) {
                    if flow.is_break() {
                        break;
                    }
                    flow = send(Task::Documents(file, Arc::clone(&source), batch));
                    if let Some(error) = error.filter(|_| flow.is_continue()) {
                        flow = send(Task::Broken(file, format!("{source}: {error}")));
                    }
                }
                Ok(())
            });
        match visited {
            Err(error) if flow.is_continue() => send(Task::Broken(file, error.to_string())),
            _ => flow,
        }
    }

    /// Reads one file that is no JSON, record by record, on this thread.
    pub(crate) fn text<T, R>(
        &self,
        file: usize,
        mut read: impl FnMut(
            &mut dyn BufRead,
            &mut dyn FnMut(kprep_ingest::Result<Parsed<T>>) -> Result<()>,
        ) -> Result<()>,
        work: impl Fn(At<'_>, Result<T, Fault>) -> Vec<Outcome<R>>,
        mut consume: impl FnMut((usize, &str), Outcome<R>) -> Result<()>,
    ) -> Result<()> {
        let visited = self.files.inputs[file].visit(self.read, |source, content| {
            if let Some(other) = inputs::refused(content, &self.wanted) {
                let broken = Outcome::Broken(format!("{source}: {other}"));
                return consume((file, source), broken).map_err(Stop::Failed);
            }
            let mut take = |parsed: kprep_ingest::Result<Parsed<T>>| match parsed {
                Ok((position, parsed)) => {
                    let at = At {
                        file,
                        source,
                        position,
                    };
                    let mut outcomes = work(at, parsed).into_iter();
                    outcomes.try_for_each(|outcome| consume((file, source), outcome))
                }
                Err(error) => {
                    let message = format!("{source}: {error}");
                    consume((file, source), Outcome::Broken(message))
                }
            };
            read(content, &mut take).map_err(Stop::Failed)
        });
        match visited {
            Ok(()) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Input(error)) => consume((file, ""), Outcome::Broken(error.to_string())),
        }
    }

    /// All files by number.
    pub(crate) fn all(&self) -> Vec<usize> {
        (0..self.files.inputs.len()).collect()
    }

    /// Whether a file starts like JSON.
    pub(crate) fn is_json(&self, file: usize) -> Result<bool> {
        self.starts(file, |start| {
            let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
            let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
            matches!(first, Some(b'{' | b'['))
        })
    }

    /// Whether the first bytes of a file, some thousands at most, are such.
    pub(crate) fn starts(&self, file: usize, such: impl Fn(&[u8]) -> bool) -> Result<bool> {
        const LOOKED_AT: usize = 4096;
        let mut starts = false;
        self.files.inputs[file].look(|_, content| -> Result<()> {
            let start = content.fill_buf()?;
            starts |= such(&start[..start.len().min(LOOKED_AT)]);
            Ok(())
        })?;
        Ok(starts)
    }
}
