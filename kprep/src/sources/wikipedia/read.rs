//! All pages of all inputs, parsed and worked on in parallel, in order.

use std::fmt;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::{
    Abstract, DumpPage, Error, Input, LineBlock, LineBlocks, MAX_PAGE_BYTES, PageBlock, PageBlocks,
    Site, parse_abstract, parse_page,
};
use kprep_schemas::{Place, Position};

use super::WANTED;
use super::loss::Loss;
use crate::build::inputs;
use crate::build::pipeline;

/// The inputs of a pass.
pub(crate) struct Source<'a> {
    pub(crate) inputs: &'a [Input],
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
    /// Whether a page's text is not wanted.
    pub(crate) only_heads: bool,
    /// Whether files of abstracts are wanted.
    pub(crate) abstracts: bool,
    /// Where to start; what stands before is read, but not worked on. Files are numbered over all
    /// inputs: an archive may have several.
    pub(crate) from: Place,
}

/// What stands where a page is expected, and where that is.
pub(crate) struct Item<'a> {
    pub(crate) source: &'a Arc<str>,
    pub(crate) at: Position,
    pub(crate) content: Content<'a>,
}

pub(crate) enum Content<'a> {
    Page(DumpPage, &'a Site),
    Abstract(Abstract),
    /// No page, for this reason.
    Lost(Loss, String),
}

/// What is read, part by part.
pub(crate) enum Part<O> {
    /// What the work made of pages, and where these end.
    Pages(Vec<O>, Place),
    /// An input that cannot be read, from some place on or up to one.
    Broken(String),
}

/// What is on the way to a worker.
enum Task {
    Pages(Arc<str>, PageBlock, Place),
    Lines(Arc<str>, LineBlock, Place),
    /// A page or line that is too large.
    TooLarge(Arc<str>, Position, String, Place),
    Broken(String),
}

type Send<'a> = &'a mut dyn FnMut(Task) -> ControlFlow<()>;

impl Source<'_> {
    /// Gives every page to `work` on several threads and the results to `consume` in input order
    /// until it breaks.
    pub(crate) fn pages<O: std::marker::Send>(
        &self,
        work: impl Fn(Item<'_>) -> O + Sync,
        consume: impl FnMut(Part<O>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        pipeline::ordered(
            self.threads,
            |send| {
                // A break means that nobody listens any more, which is nothing to report.
                let mut files = 0;
                let _ = self
                    .inputs
                    .iter()
                    .try_for_each(|input| self.read(&mut files, input, send));
                Ok(())
            },
            |task| match task {
                Task::Pages(source, block, end) => {
                    Part::Pages(parse_pages(&source, &block, self.only_heads, &work), end)
                }
                Task::Lines(source, block, end) => {
                    Part::Pages(parse_lines(&source, &block, &work), end)
                }
                Task::TooLarge(source, at, why, end) => {
                    let content = Content::Lost(Loss::TooLarge, why);
                    let item = Item {
                        source: &source,
                        at,
                        content,
                    };
                    Part::Pages(vec![work(item)], end)
                }
                Task::Broken(message) => Part::Broken(message),
            },
            consume,
        )
    }

    /// Reads the files of an input; those before the one to start in are passed over, and so is
    /// what was told of them.
    fn read(&self, files: &mut usize, input: &Input, send: Send<'_>) -> ControlFlow<()> {
        let mut next = || {
            let number = *files;
            *files += 1;
            (number >= self.from.input).then_some(number)
        };
        // `None` says that nobody listens any more.
        let visited = input.visit(self.read, |name, content| -> Result<(), Option<Error>> {
            let Some(number) = next() else {
                return Ok(());
            };
            match self.send(number, &Arc::from(name), content, send) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(None),
            }
        });
        match visited {
            Err(Some(error)) if next().is_some() => send(Task::Broken(error.to_string())),
            Ok(()) | Err(Some(_)) => ControlFlow::Continue(()),
            Err(None) => ControlFlow::Break(()),
        }
    }

    fn send(
        &self,
        number: usize,
        name: &Arc<str>,
        content: &mut dyn BufRead,
        send: Send<'_>,
    ) -> ControlFlow<()> {
        let from = if number == self.from.input {
            self.from.byte
        } else {
            0
        };
        let file = DumpFile { number, name, from };
        if let Some(other) = inputs::refused(content, &WANTED) {
            return send(file.broken(&other));
        }
        match content.fill_buf() {
            Ok(start) if !is_lines(start) => file.send_pages(content, send),
            Ok(_) if self.abstracts => file.send_lines(content, send),
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => send(file.broken(&error)),
        }
    }
}

/// A file of the dump: its number, its name, and the byte to start from.
struct DumpFile<'f> {
    number: usize,
    name: &'f Arc<str>,
    from: u64,
}

impl DumpFile<'_> {
    fn send_lines(&self, content: &mut dyn BufRead, send: Send<'_>) -> ControlFlow<()> {
        for block in LineBlocks::of_text(content, MAX_PAGE_BYTES) {
            let task = match block {
                Ok(block) if block.end.byte <= self.from => continue,
                Ok(block) => self.lines(block),
                Err(error) => self.broken(&error),
            };
            send(task)?;
        }
        ControlFlow::Continue(())
    }

    fn send_pages(&self, content: &mut dyn BufRead, send: Send<'_>) -> ControlFlow<()> {
        for block in PageBlocks::new(content) {
            let task = match block {
                Ok(block) if block.end() <= self.from => continue,
                Ok(block) => {
                    let end = self.place(block.end());
                    Task::Pages(Arc::clone(self.name), block, end)
                }
                // A fault lies behind the pages that end where it stands.
                Err(Error::TooLarge { position } | Error::Read { position, .. })
                    if position.byte < self.from =>
                {
                    continue;
                }
                Err(error @ Error::TooLarge { position }) => {
                    let end = self.place(position.byte + 1);
                    Task::TooLarge(Arc::clone(self.name), position, error.to_string(), end)
                }
                Err(error) => self.broken(&error),
            };
            send(task)?;
        }
        ControlFlow::Continue(())
    }

    fn lines(&self, block: LineBlock) -> Task {
        let end = self.place(block.end.byte);
        match block.too_long {
            None => Task::Lines(Arc::clone(self.name), block, end),
            Some(bytes) => {
                let why = format!("a line of {bytes} bytes, expected at most {MAX_PAGE_BYTES}");
                Task::TooLarge(Arc::clone(self.name), block.start, why, end)
            }
        }
    }

    fn place(&self, byte: u64) -> Place {
        Place {
            input: self.number,
            byte,
            ..Place::default()
        }
    }

    fn broken(&self, error: &dyn fmt::Display) -> Task {
        Task::Broken(format!("{}: {error}", self.name))
    }
}

/// Whether a file is DBpedia's lines and no XML, in UTF-8 or UTF-16: these start with a URI, or
/// with a comment before triples.
pub(crate) fn is_lines(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let starts: [&[u8]; 4] = [b"http", b"\"http", b"<http", b"#"];
    starts.iter().any(|mark| start.starts_with(mark))
}

fn parse_pages<O>(
    source: &Arc<str>,
    block: &PageBlock,
    only_heads: bool,
    work: impl Fn(Item<'_>) -> O,
) -> Vec<O> {
    let item = |(at, xml)| {
        let content = match parse_page(xml, only_heads) {
            Ok(page) => Content::Page(page, &block.site),
            Err(why) => Content::Lost(Loss::Malformed, why),
        };
        work(Item {
            source,
            at,
            content,
        })
    };
    block.pages().map(item).collect()
}

fn parse_lines<O>(source: &Arc<str>, block: &LineBlock, work: impl Fn(Item<'_>) -> O) -> Vec<O> {
    let item = |(at, line)| {
        let text = str::from_utf8(line).map_err(|error| error.to_string());
        let content = match text.and_then(parse_abstract) {
            Ok(page) => Content::Abstract(page),
            Err(why) => Content::Lost(Loss::Malformed, why),
        };
        work(Item {
            source,
            at,
            content,
        })
    };
    // A comment between triples.
    let lines = block.lines().filter(|(_, line)| !line.starts_with(b"#"));
    lines.map(item).collect()
}
