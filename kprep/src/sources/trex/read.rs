//! All documents of all inputs, parsed and worked on in parallel, in order.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use kprep_ingest::{Batch, Error, Input, JsonDocuments, parse_document};
use kprep_schemas::trex::Document;
use kprep_schemas::{AlignedPage, Position, Record, Rules};
use serde::{Deserialize, Serialize};

use super::{WANTED, aligned_input};
use crate::build::inputs;
use crate::build::pipeline;
use crate::formats::trex::document;

/// The inputs.
pub(crate) struct Source<'a> {
    pub(crate) inputs: &'a [Input],
    /// Documents to read at most.
    pub(crate) limit: u64,
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
}

/// What stood where a document was expected.
#[derive(Serialize, Deserialize)]
pub(crate) enum Read<O> {
    /// What the work made of a document.
    Document(O),
    /// A document that is not what it should be; it is skipped.
    Malformed {
        source: String,
        at: Position,
        detail: String,
    },
    /// An input that cannot be read to its end; the next one follows.
    Broken(String),
}

impl<O> Read<O> {
    /// The same of what `made` makes of a document.
    pub(crate) fn map<P>(self, made: impl FnOnce(O) -> P) -> Read<P> {
        match self {
            Self::Document(document) => Read::Document(made(document)),
            Self::Malformed { source, at, detail } => Read::Malformed { source, at, detail },
            Self::Broken(message) => Read::Broken(message),
        }
    }
}

/// Documents on the way to a worker.
enum Task {
    Documents(Arc<str>, Batch),
    Pages(Arc<str>, Vec<AlignedPage>),
    Broken(String),
}

impl Source<'_> {
    /// Gives every document to `work`, and what that made of some documents that lie together to
    /// `gather`, both on several threads, and the results to `consume` in input order.
    pub(crate) fn documents<O, G: Send>(
        &self,
        work: impl Fn(&Document<'_>) -> O + Sync,
        gather: impl Fn(Vec<Read<O>>) -> G + Sync,
        mut consume: impl FnMut(G) -> Result<()>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                self.produce(send);
                Ok(())
            },
            |task| {
                gather(match task {
                    Task::Documents(name, batch) => {
                        let documents = batch.documents();
                        documents
                            .map(|(at, json)| parse(&name, at, json, &work))
                            .collect()
                    }
                    Task::Pages(name, pages) => {
                        let pages = pages.iter();
                        pages.map(|page| read_page(&name, page, &work)).collect()
                    }
                    Task::Broken(message) => vec![Read::Broken(message)],
                })
            },
            |gathered| {
                consume(gathered)?;
                Ok(ControlFlow::Continue(()))
            },
        )
    }

    fn produce(&self, send: &mut dyn FnMut(Task) -> ControlFlow<()>) {
        let left = Cell::new(self.limit);
        let mut send = |task| {
            // Nobody listens any more: the consumer has failed and its error is the one to show.
            if send(task).is_break() {
                left.set(0);
            }
        };
        for input in self.inputs {
            if aligned_input::is_parquet(&input.path) {
                self.produce_pages(input, &left, &mut send);
                continue;
            }
            let visited = input.visit(self.read, |name, content| -> Result<(), Error> {
                if let Some(other) = inputs::refused(content, &WANTED) {
                    send(Task::Broken(format!("{name}: {other}")));
                    return Ok(());
                }
                let name = Arc::from(name);
                for (mut batch, error) in JsonDocuments::new(content) {
                    if left.get() == 0 {
                        break;
                    }
                    batch.truncate(usize::try_from(left.get()).unwrap_or(usize::MAX));
                    left.set(left.get() - batch.len() as u64);
                    send(Task::Documents(Arc::clone(&name), batch));
                    if let Some(error) = error.filter(|_| left.get() > 0) {
                        send(Task::Broken(format!("{name}: {error}")));
                    }
                }
                Ok(())
            });
            if let Err(error) = visited {
                send(Task::Broken(error.to_string()));
            }
            if left.get() == 0 {
                break;
            }
        }
    }

    fn produce_pages(&self, input: &Input, left: &Cell<u64>, send: &mut impl FnMut(Task)) {
        let name = Arc::from(input.name.as_str());
        for pages in aligned_input::pages(input) {
            if left.get() == 0 {
                break;
            }
            match pages {
                Ok(mut pages) => {
                    pages.truncate(usize::try_from(left.get()).unwrap_or(usize::MAX));
                    left.set(left.get() - pages.len() as u64);
                    send(Task::Pages(Arc::clone(&name), pages));
                }
                Err(error) => send(Task::Broken(format!("{name}: {error}"))),
            }
        }
        self.read.fetch_add(input.bytes, Ordering::Relaxed);
    }
}

/// A page of a dataset that `kprep align` wrote.
fn read_page<O>(source: &str, page: &AlignedPage, work: impl Fn(&Document<'_>) -> O) -> Read<O> {
    match page.check(&Rules::default()) {
        Ok(()) => Read::Document(work(&document(page))),
        Err(fault) => Read::Malformed {
            source: source.to_owned(),
            at: Position::default(),
            detail: format!("page {}: {fault}", page.id),
        },
    }
}

fn parse<O>(
    source: &str,
    at: Position,
    json: Result<&[u8], kprep_ingest::TooLarge>,
    work: impl Fn(&Document<'_>) -> O,
) -> Read<O> {
    let malformed = |detail| Read::Malformed {
        source: source.to_owned(),
        at,
        detail,
    };
    match json.map(parse_document) {
        Ok(Ok(document)) => Read::Document(work(&document)),
        Ok(Err(error)) => malformed(error.to_string()),
        Err(too_large) => malformed(too_large.to_string()),
    }
}
