//! All lines of a dump, parsed in parallel, in order.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::wikidata::{Line, RdfBlock, Selection, read_line, read_rdf};
use kprep_ingest::{Error, Input, LineBlock, LineBlocks, MAX_LINE_BYTES};
use kprep_schemas::{Place, Position};

use super::WANTED;
use crate::build::inputs;
use crate::build::pipeline;

/// The dump.
pub(crate) struct Source<'a> {
    pub(crate) input: &'a Input,
    /// Where to begin: in which file of the dump, an archive may have several, and where in it.
    pub(crate) from: Place,
    pub(crate) selection: &'a Selection,
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
}

/// What the dump holds, part by part.
pub(crate) enum Piece {
    /// Number and name of the file that the next pieces are of.
    File(usize, String),
    /// What the lines of a block give, and where it ends.
    Lines(Vec<(Position, Line)>, Position),
    /// The same of a block of N-Triples.
    Rdf(RdfBlock),
    /// A file of the dump cannot be read to its end.
    Broken(String),
}

enum Task {
    File(usize, String),
    Block(LineBlock),
    Rdf(LineBlock),
    Broken(String),
}

impl Source<'_> {
    /// Parses on several threads and gives the pieces to `consume` in the order of the dump until
    /// it breaks.
    pub(crate) fn blocks(
        &self,
        consume: impl FnMut(Piece) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                self.produce(send);
                Ok(())
            },
            |task| match task {
                Task::File(number, name) => Piece::File(number, name),
                Task::Block(block) => self.parse(&block),
                Task::Rdf(block) => self.parse_rdf(&block),
                Task::Broken(message) => Piece::Broken(message),
            },
            consume,
        )
    }

    /// A break means that nobody listens any more, which is nothing to report.
    fn produce(&self, send: &mut dyn FnMut(Task) -> ControlFlow<()>) {
        let mut files = 0;
        let visited = self.input.visit(self.read, |name, content| {
            let number = files;
            files += 1;
            if number < self.from.input {
                return Ok(());
            }
            match self.send(number, name, content, send) {
                ControlFlow::Continue(()) => Ok(()),
                // `None` says that nobody listens any more.
                ControlFlow::Break(()) => Err(None::<Error>),
            }
        });
        if let Err(Some(error)) = visited {
            let _ = send(Task::Broken(error.to_string()));
        }
    }

    fn send(
        &self,
        number: usize,
        name: &str,
        content: &mut dyn BufRead,
        send: &mut dyn FnMut(Task) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        send(Task::File(number, name.to_owned()))?;
        if let Some(other) = inputs::refused(content, &WANTED) {
            return send(Task::Broken(format!("{name}: {other}")));
        }
        let is_rdf = content.fill_buf().is_ok_and(looks_like_rdf);
        let mut blocks = LineBlocks::of_dump(content);
        let broken = |error: Error| Task::Broken(format!("{name}: {error}"));
        if number == self.from.input
            && let Err(error) = blocks.skip_to(position(self.from))
        {
            return send(broken(error));
        }
        let whole = if is_rdf { Task::Rdf } else { Task::Block };
        for block in blocks {
            send(block.map_or_else(broken, whole))?;
        }
        ControlFlow::Continue(())
    }

    fn parse(&self, block: &LineBlock) -> Piece {
        let read = |(at, line): (Position, &[u8])| (at, read_line(line, self.selection));
        let mut lines: Vec<_> = block
            .lines()
            .map(read)
            .filter(|(_, line)| *line != Line::Bracket)
            .collect();
        lines.extend(too_long(block).map(|(at, why)| (at, Line::Malformed(why))));
        Piece::Lines(lines, block.end)
    }

    fn parse_rdf(&self, block: &LineBlock) -> Piece {
        let mut read = read_rdf(block, self.selection);
        if let Some((at, why)) = too_long(block) {
            read.malformed(at, why);
        }
        Piece::Rdf(read)
    }
}

fn too_long(block: &LineBlock) -> Option<(Position, String)> {
    let why = |bytes| format!("a line of {bytes} bytes, expected at most {MAX_LINE_BYTES}");
    block.too_long.map(|bytes| (block.start, why(bytes)))
}

/// N-Triples start with an address, a blank node or a comment; JSON with a bracket.
fn looks_like_rdf(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let first = start.trim_ascii_start().first();
    first.is_some_and(|byte| b"<_#".contains(byte))
}

fn position(place: Place) -> Position {
    Position {
        byte: place.byte,
        line: place.line.max(1),
        record: place.record,
    }
}
