//! All pages of all inputs, parsed and worked on in parallel, in order.

use std::cmp::Ordering;
use std::fmt;
use std::io::BufRead;
use std::ops::ControlFlow;
use std::str;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_ingest::{
    Error, Input, LineBlock, LineBlocks, MAX_PAGE_BYTES, PageBlock, PageBlocks, dbpedia_language,
    parse_abstract, parse_page,
};
use kprep_schemas::{Place, Position};

use super::WANTED;
use super::convert::{Content, Conversion, Item, Outcome, Redirect};
use super::loss::Loss;
use crate::build::inputs;
use crate::build::pipeline;

/// The inputs.
pub(crate) struct Source<'a> {
    pub(crate) inputs: &'a [Input],
    pub(crate) threads: usize,
    /// Counts the stored bytes read.
    pub(crate) read: &'a Arc<AtomicU64>,
    /// Where to start; of what stands before only the redirects are read. Files are numbered over
    /// all inputs: an archive may have several.
    pub(crate) from: Place,
}

/// What is read, part by part.
pub(crate) enum Part<O> {
    /// The language of a file that begins.
    Language(String),
    /// Redirects among the pages before the place to start from.
    Before(Vec<Redirect>),
    /// What the work made of pages, and where these end.
    Pages(Vec<O>, Place),
    /// An input that cannot be read, from some place on or up to one.
    Broken(String),
}

/// What is on the way to a worker.
enum Task {
    Language(String),
    Before(PageBlock),
    Pages(Arc<str>, PageBlock, Place),
    Lines(Arc<str>, LineBlock, Place),
    /// A page or line that is too large.
    TooLarge(Arc<str>, Position, String, Place),
    Broken(String),
}

type Send<'a> = &'a mut dyn FnMut(Task) -> ControlFlow<()>;

impl Source<'_> {
    /// Converts every page on several threads and gives the results to `consume` in input order
    /// until it breaks.
    pub(crate) fn pages(
        &self,
        conversion: &Conversion<'_>,
        consume: impl FnMut(Part<Outcome>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let work = |item: Item<'_>| conversion.outcome(item);
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
                Task::Language(language) => Part::Language(language),
                Task::Before(block) => Part::Before(redirects(&block, conversion)),
                Task::Pages(source, block, end) => {
                    Part::Pages(parse_pages(&source, &block, work), end)
                }
                Task::Lines(source, block, end) => {
                    Part::Pages(parse_lines(&source, &block, work), end)
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

    /// Reads the files of an input. What was told of those before the one to start in is passed
    /// over.
    fn read(&self, files: &mut usize, input: &Input, send: Send<'_>) -> ControlFlow<()> {
        let mut next = || {
            let number = *files;
            *files += 1;
            number
        };
        // `None` says that nobody listens any more.
        let visited = input.visit(self.read, |name, content| -> Result<(), Option<Error>> {
            match self.send(next(), &Arc::from(name), content, send) {
                ControlFlow::Continue(()) => Ok(()),
                ControlFlow::Break(()) => Err(None),
            }
        });
        match visited {
            Err(Some(error)) if next() >= self.from.input => send(Task::Broken(error.to_string())),
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
        let from = match number.cmp(&self.from.input) {
            Ordering::Less => u64::MAX,
            Ordering::Equal => self.from.byte,
            Ordering::Greater => 0,
        };
        let file = DumpFile { number, name, from };
        if let Some(other) = inputs::refused(content, &WANTED) {
            return file.broken(&other, send);
        }
        match content.fill_buf() {
            Ok(start) if !is_lines(start) => file.send_pages(content, send),
            Ok(start) => {
                if let Some(language) = language_of_lines(start) {
                    send(Task::Language(language))?;
                }
                file.send_lines(content, send)
            }
            Err(error) => file.broken(&error, send),
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
            match block {
                Ok(block) if block.end.byte <= self.from => {}
                Ok(block) => send(self.lines(block))?,
                Err(error) => self.broken(&error, send)?,
            }
        }
        ControlFlow::Continue(())
    }

    fn send_pages(&self, content: &mut dyn BufRead, send: Send<'_>) -> ControlFlow<()> {
        let mut is_told = false;
        for block in PageBlocks::new(content) {
            if let Ok(block) = &block
                && !is_told
            {
                send(Task::Language(block.site.language.clone()))?;
                is_told = true;
            }
            let task = match block {
                Ok(block) if block.end() <= self.from => Task::Before(block),
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
                Err(error) => {
                    self.broken(&error, send)?;
                    continue;
                }
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

    /// Tells what is wrong with the file, unless that was told by the run that wrote what lies
    /// before the place to start from.
    fn broken(&self, error: &dyn fmt::Display, send: Send<'_>) -> ControlFlow<()> {
        if self.from == u64::MAX {
            return ControlFlow::Continue(());
        }
        send(Task::Broken(format!("{}: {error}", self.name)))
    }
}

/// Whether a file is DBpedia's lines and no XML, in UTF-8 or UTF-16: these start with a URI, or
/// with a comment before triples.
fn is_lines(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let starts: [&[u8]; 4] = [b"http", b"\"http", b"<http", b"#"];
    starts.iter().any(|mark| start.starts_with(mark))
}

/// The language that abstracts state by the host of their URIs (`http://de.dbpedia.org/resource/…`).
fn language_of_lines(start: &[u8]) -> Option<String> {
    let mut lines = start.split(|&byte| byte == b'\n');
    let line = lines.find(|line| !line.starts_with(b"#"))?;
    Some(dbpedia_language(&String::from_utf8_lossy(line)).to_owned())
}

/// The redirects among pages whose text is not wanted. What is malformed was told of.
fn redirects(block: &PageBlock, conversion: &Conversion<'_>) -> Vec<Redirect> {
    let pages = block.pages().filter_map(|(_, xml)| {
        let page = parse_page(xml, true).ok()?;
        conversion.redirect(&page, &block.site)
    });
    pages.collect()
}

fn parse_pages<O>(source: &Arc<str>, block: &PageBlock, work: impl Fn(Item<'_>) -> O) -> Vec<O> {
    let item = |(at, xml)| {
        let content = match parse_page(xml, false) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abstracts_say_their_language() {
        let of = |text: &[u8]| language_of_lines(text);
        let german = b"# a comment\nhttp://de.dbpedia.org/resource/A\tb\n";
        assert_eq!(of(german).as_deref(), Some("de"));
        let english = b"\"http://dbpedia.org/resource/A\"\tb\n";
        assert_eq!(of(english).as_deref(), Some("en"));
        assert_eq!(of(b"# nothing"), None);
    }
}
