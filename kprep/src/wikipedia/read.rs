//! All pages of all inputs, parsed and worked on in parallel, in order.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::{
    Abstract, DumpPage, Error, Input, PageBlock, PageBlocks, Site, parse_abstract, parse_page,
};
use kprep_schemas::{Place, Position, Reject};

use super::loss::Loss;
use crate::pipeline;

/// Lines handed over at a time, in bytes; a longer line is one piece.
const BLOCK_BYTES: usize = 1 << 20;

/// The inputs of a pass.
pub(super) struct Source<'a> {
    pub(super) inputs: &'a [Input],
    pub(super) threads: usize,
    /// Counts the stored bytes read.
    pub(super) read: &'a Arc<AtomicU64>,
    /// Whether a page's text is not wanted, and abstracts, which are nothing but text, not at all.
    pub(super) only_heads: bool,
    /// Where to start; what stands before is read, but not worked on.
    pub(super) from: Place,
}

/// What stands where a page is expected.
pub(super) enum Item<'a> {
    Page(DumpPage, &'a Site),
    Abstract(Abstract),
    /// No page, for this reason.
    Lost(Reject),
}

/// What is read, piece by piece.
pub(super) enum Part<O> {
    /// What the work made of pages, and where these end.
    Pages(Vec<O>, Place),
    /// An input that cannot be read, from some place on or up to one.
    Broken(String),
}

/// What is on the way to a worker.
enum Task {
    Pages(Arc<str>, PageBlock, Place),
    Lines(Arc<str>, Position, Vec<u8>, Place),
    Lost(Reject, Place),
    Broken(String),
}

type Send<'a> = &'a mut dyn FnMut(Task) -> ControlFlow<()>;

impl Source<'_> {
    /// Gives every page to `work` on several threads and the results to `consume` in input order
    /// until it breaks.
    pub(super) fn pages<O: std::marker::Send>(
        &self,
        work: impl Fn(Item<'_>) -> O + Sync,
        consume: impl FnMut(Part<O>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                // A break means that nobody listens any more, which is nothing to report.
                let _ = self
                    .inputs
                    .iter()
                    .enumerate()
                    .skip(self.from.input)
                    .try_for_each(|(number, input)| self.read(number, input, send));
                Ok(())
            },
            |task| match task {
                Task::Pages(source, block, end) => {
                    Part::Pages(self.parse_pages(&source, &block, &work), end)
                }
                Task::Lines(source, at, lines, end) => {
                    let items = parse_lines(&source, at, &lines);
                    Part::Pages(items.map(&work).collect(), end)
                }
                Task::Lost(reject, end) => Part::Pages(vec![work(Item::Lost(reject))], end),
                Task::Broken(message) => Part::Broken(message),
            },
            consume,
        )
    }

    fn read(&self, number: usize, input: &Input, send: Send<'_>) -> ControlFlow<()> {
        // `None` says that nobody listens any more.
        let visited = input.visit(self.read, |name, content| -> Result<(), Option<Error>> {
            match self.send(number, &Arc::from(name), content, send) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(None),
            }
        });
        match visited {
            Ok(()) => ControlFlow::Continue(()),
            Err(Some(error)) => send(Task::Broken(error.to_string())),
            Err(None) => ControlFlow::Break(()),
        }
    }

    fn send(
        &self,
        number: usize,
        source: &Arc<str>,
        content: &mut dyn BufRead,
        send: Send<'_>,
    ) -> ControlFlow<()> {
        let from = if number == self.from.input {
            self.from.byte
        } else {
            0
        };
        let place = |byte| Place {
            input: number,
            byte,
            ..Place::default()
        };
        let broken = |error: &dyn std::fmt::Display| Task::Broken(format!("{source}: {error}"));
        let start = match content.fill_buf() {
            Ok(start) => start,
            Err(error) => return send(broken(&error)),
        };
        if is_lines(start) {
            if self.only_heads {
                return ControlFlow::Continue(());
            }
            return send_lines(source, content, from, place, send);
        }
        for block in PageBlocks::new(content) {
            let task = match block {
                Ok(block) if block.end() <= from => continue,
                Ok(block) => {
                    let end = place(block.end());
                    Task::Pages(Arc::clone(source), block, end)
                }
                Err(Error::TooLarge { position }) if position.byte < from => continue,
                Err(error @ Error::TooLarge { position }) => {
                    let end = place(position.byte + 1);
                    let reason = Loss::TooLarge.reason();
                    Task::Lost(Reject::at(source, position, reason, error.to_string()), end)
                }
                Err(error) => broken(&error),
            };
            send(task)?;
        }
        ControlFlow::Continue(())
    }

    fn parse_pages<O>(
        &self,
        source: &str,
        block: &PageBlock,
        work: impl Fn(Item<'_>) -> O,
    ) -> Vec<O> {
        let item = |(at, xml)| match parse_page(xml, self.only_heads) {
            Ok(page) => work(Item::Page(page, &block.site)),
            Err(why) => work(Item::Lost(malformed(source, at, why))),
        };
        block.pages().map(item).collect()
    }
}

/// Whether a file is DBpedia's lines and no XML, in UTF-8 or UTF-16: these start with a URI.
pub(super) fn is_lines(start: &[u8]) -> bool {
    start.starts_with(b"http") || start.starts_with(b"\"http")
}

fn send_lines(
    source: &Arc<str>,
    content: &mut dyn BufRead,
    from: u64,
    place: impl Fn(u64) -> Place,
    send: Send<'_>,
) -> ControlFlow<()> {
    let mut at = Position {
        line: 1,
        ..Position::default()
    };
    loop {
        let mut lines = Vec::new();
        let fault = loop {
            match content.read_until(b'\n', &mut lines) {
                Ok(0) => break None,
                Ok(_) if lines.len() >= BLOCK_BYTES => break None,
                Ok(_) => {}
                Err(source) => {
                    break Some(Error::Read {
                        position: at,
                        source,
                    });
                }
            }
        };
        let is_end = lines.is_empty();
        let next = Position {
            byte: at.byte + lines.len() as u64,
            line: at.line + lines.split(|&byte| byte == b'\n').count() as u64 - 1,
            ..at
        };
        if !is_end && next.byte > from {
            send(Task::Lines(Arc::clone(source), at, lines, place(next.byte)))?;
        }
        if let Some(error) = fault {
            return send(Task::Broken(format!("{source}: {error}")));
        }
        if is_end {
            return ControlFlow::Continue(());
        }
        at = next;
    }
}

fn parse_lines<'a>(
    source: &'a str,
    mut at: Position,
    lines: &'a [u8],
) -> impl Iterator<Item = Item<'static>> + 'a {
    lines
        .split_inclusive(|&byte| byte == b'\n')
        .filter_map(move |line| {
            let here = at;
            at.byte += line.len() as u64;
            at.line += 1;
            if line.trim_ascii().is_empty() {
                return None;
            }
            let text = str::from_utf8(line).map_err(|error| error.to_string());
            Some(match text.and_then(parse_abstract) {
                Ok(page) => Item::Abstract(page),
                Err(why) => Item::Lost(malformed(source, here, why)),
            })
        })
}

fn malformed(source: &str, at: Position, why: String) -> Reject {
    Reject::at(source, at, Loss::Malformed.reason(), why)
}
