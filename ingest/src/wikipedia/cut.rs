//! Cuts a dump into whole pages without parsing them, so that they can be parsed in parallel.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use kprep_schemas::Position;
use memchr::memmem;

use super::Site;
use super::utf16::{Order, Utf16};
use crate::{Error, Result};

/// Pages are handed out in blocks of about this many bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// A larger page (its XML) is not kept: MediaWiki's pages have at most 2 MiB of wikitext.
pub const MAX_PAGE_BYTES: usize = 16 << 20;

const START: &[u8] = b"<page";
const END: &[u8] = b"</page>";
const ROOT: &[u8] = b"<mediawiki";
const LAST: &[u8] = b"</mediawiki>";

/// Whole pages one after the other, with what stands between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageBlock {
    bytes: Vec<u8>,
    /// Where the block stands in the dump (as UTF-8).
    pub position: Position,
    /// The dump's wiki.
    pub site: Arc<Site>,
}

impl PageBlock {
    /// Where the block ends in the dump.
    pub fn end(&self) -> u64 {
        self.position.byte + self.bytes.len() as u64
    }

    /// The pages' XML with their places.
    pub fn pages(&self) -> impl Iterator<Item = (Position, &[u8])> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let start = at + find_start(&self.bytes[at..])?;
            let end = start + memmem::find(&self.bytes[start..], END)? + END.len();
            at = end;
            let byte = self.position.byte + start as u64;
            let position = Position {
                byte,
                ..Position::default()
            };
            Some((position, &self.bytes[start..end]))
        })
    }
}

/// Reads a dump of MediaWiki, `pages-articles.xml` and its like, in UTF-8 or UTF-16.
///
/// A page's extent is found by its tags alone; whether it is valid is for [`parse_page`] to say, at
/// the cost of that page. [`Error::Read`] costs the page it stands in and what cannot be read:
/// pages go on behind it if the input does. [`Error::TooLarge`] costs a page. Any other error ends
/// the stream; a dump without its last tag is [`Error::Truncated`], after all its whole pages.
///
/// Memory: a block, and at most [`MAX_PAGE_BYTES`] more.
///
/// [`parse_page`]: super::parse_page
pub struct PageBlocks<'a> {
    input: Box<dyn BufRead + 'a>,
    /// Bytes read and not given out.
    bytes: Vec<u8>,
    /// Where in the dump they start.
    byte: u64,
    site: Option<Arc<Site>>,
    /// Whether there was a `<mediawiki>`, which must end.
    has_root: bool,
    /// Whether what is read belongs to a page that is given up.
    is_lost: bool,
    /// What to say before anything else.
    pending: Option<Error>,
    is_done: bool,
}

/// Why reading paused.
enum Pause {
    /// There is enough for a block.
    Full,
    /// The input ends.
    End,
    Fault(io::Error),
}

impl<'a> PageBlocks<'a> {
    /// Reads from `input`.
    pub fn new(input: impl BufRead + 'a) -> Self {
        let mut blocks = Self {
            input: Box::new(io::empty()),
            bytes: Vec::new(),
            byte: 0,
            site: None,
            has_root: false,
            is_lost: false,
            pending: None,
            is_done: false,
        };
        if let Err(reason) = blocks.open(input) {
            let position = Position::default();
            blocks.pending = Some(Error::Read { position, reason });
        }
        blocks
    }

    /// Finds out about UTF-16.
    fn open(&mut self, mut input: impl BufRead + 'a) -> io::Result<()> {
        let mut start = Vec::new();
        input.by_ref().take(2).read_to_end(&mut start)?;
        let order = Order::of(&start);
        let input = io::Cursor::new(start).chain(input);
        self.input = match order {
            Some(order) => Box::new(Utf16::new(input, order)),
            None => Box::new(input),
        };
        Ok(())
    }

    /// Reads until there is a whole page and enough for a block.
    fn fill(&mut self) -> Pause {
        let mut looked_at = 0;
        let mut is_whole = false;
        loop {
            is_whole |= memmem::find(&self.bytes[looked_at..], END).is_some();
            looked_at = self.bytes.len().saturating_sub(END.len() - 1);
            if is_whole && self.bytes.len() >= BLOCK_BYTES || self.bytes.len() > MAX_PAGE_BYTES {
                return Pause::Full;
            }
            let wanted = BLOCK_BYTES as u64 / 2;
            match (&mut self.input).take(wanted).read_to_end(&mut self.bytes) {
                Ok(0) => return Pause::End,
                Ok(_) => {}
                Err(error) => return Pause::Fault(error),
            }
        }
    }

    /// The whole pages at the start of the buffer, if there are any.
    fn block(&mut self) -> Option<PageBlock> {
        let end = memmem::rfind(&self.bytes, END)? + END.len();
        self.is_lost = false;
        let rest = self.bytes.split_off(end);
        let bytes = std::mem::replace(&mut self.bytes, rest);
        let position = self.start();
        self.byte += end as u64;
        let site = self.site.get_or_insert_with(|| {
            let head = &bytes[..find_start(&bytes).unwrap_or(0)];
            self.has_root = memmem::find(head, ROOT).is_some();
            Arc::new(Site::from_head(head))
        });
        Some(PageBlock {
            bytes,
            position,
            site: Arc::clone(site),
        })
    }

    /// Where the buffer starts.
    fn start(&self) -> Position {
        Position {
            byte: self.byte,
            ..Position::default()
        }
    }

    /// Gives up what the buffer holds of a page, but for `kept` bytes.
    fn lose(&mut self, kept: usize) {
        let lost = self.bytes.len().saturating_sub(kept);
        self.bytes.drain(..lost);
        self.byte += lost as u64;
    }

    /// What is wrong with the end of the dump; the buffer holds what follows the last whole page.
    fn fault_of_end(&self) -> Option<Error> {
        let rest = &self.bytes;
        let mut position = self.start();
        position.byte += rest.len() as u64;
        let has_root = self.has_root || memmem::find(rest, ROOT).is_some();
        let truncated = |expected| Some(Error::Truncated { position, expected });
        if find_start(rest).is_some() || self.is_lost {
            truncated("</page>")
        } else if has_root && memmem::find(rest, LAST).is_none() {
            truncated("<page> or </mediawiki>")
        } else if has_root || self.site.is_some() {
            None
        } else {
            let start = String::from_utf8_lossy(&rest[..rest.len().min(40)]).into_owned();
            Some(Error::Syntax {
                position: Position::default(),
                expected: "<mediawiki> or <page>",
                found: format!("{start:?}"),
            })
        }
    }

    fn read_on(&mut self) -> Option<PageBlock> {
        match self.fill() {
            Pause::Full => {
                let block = self.block();
                if block.is_none() {
                    let position = self.start();
                    self.lose(END.len() - 1);
                    if !std::mem::replace(&mut self.is_lost, true) {
                        self.pending = Some(Error::TooLarge { position });
                    }
                }
                block
            }
            Pause::End => {
                let block = self.block();
                self.is_done = true;
                self.pending = self.fault_of_end();
                block
            }
            Pause::Fault(reason) => {
                // An input that cannot go on fails again without a byte read.
                self.is_done = self.bytes.is_empty() && self.is_lost;
                let block = self.block();
                self.lose(0);
                let position = self.start();
                if !self.is_done {
                    self.pending = Some(Error::Read { position, reason });
                }
                self.is_lost = true;
                block
            }
        }
    }
}

impl Iterator for PageBlocks<'_> {
    type Item = Result<PageBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(error) = self.pending.take() {
                return Some(Err(error));
            }
            if self.is_done {
                return None;
            }
            if let Some(block) = self.read_on() {
                return Some(Ok(block));
            }
        }
    }
}

/// Where a `<page>` starts, with attributes or without.
fn find_start(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, START).find(|at| {
        let next = bytes.get(at + START.len());
        next.is_some_and(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'\r' | b'\n'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "<mediawiki  xml:lang=\"de\"><siteinfo/>\n<page>1</page>\n<page  a=\"b\">2</page>\n</mediawiki>";

    fn read(input: impl BufRead) -> Vec<String> {
        let blocks = PageBlocks::new(input);
        let mut all = Vec::new();
        for block in blocks {
            match block {
                Ok(block) => all.extend(block.pages().map(|(position, page)| {
                    format!("{} {}", position.byte, String::from_utf8_lossy(page))
                })),
                Err(error) => all.push(error.to_string()),
            }
        }
        all
    }

    const PAGES: [&str; 2] = ["38 <page>1</page>", "53 <page  a=\"b\">2</page>"];

    #[test]
    fn pages_are_cut_by_their_tags() {
        assert_eq!(read(DUMP.as_bytes()), PAGES);
        assert_eq!(
            read(io::BufReader::with_capacity(1, DUMP.as_bytes())),
            PAGES
        );
        let crlf = DUMP.replace('\n', "\r\n");
        assert_eq!(read(crlf.as_bytes()).len(), 2);
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let utf16: Vec<u8> = DUMP.encode_utf16().flat_map(bytes).collect();
            assert_eq!(read(&*utf16), PAGES);
        }
        assert_eq!(read(&b"<page>1</page>"[..]), ["0 <page>1</page>"]);
        assert_eq!(read(&b"<mediawiki></mediawiki>"[..]), [""; 0]);
        let site = PageBlocks::new(DUMP.as_bytes())
            .next()
            .unwrap()
            .unwrap()
            .site;
        assert_eq!(site.language, "de");
    }

    #[test]
    fn what_is_no_dump_or_not_all_of_it_is_told() {
        let cut = &DUMP[..DUMP.len() - 20];
        let told = "the file breaks off at byte 67: expected </page>";
        assert_eq!(read(cut.as_bytes()), [PAGES[0], told]);
        let cut = &DUMP[..DUMP.len() - 5];
        let told = "the file breaks off at byte 82: expected <page> or </mediawiki>";
        assert_eq!(read(cut.as_bytes()), [PAGES[0], PAGES[1], told]);
        let told = "byte 0: expected <mediawiki> or <page>, found \"{}\"";
        assert_eq!(read(&b"{}"[..]), [told]);
        assert_eq!(
            read(&b""[..]),
            ["byte 0: expected <mediawiki> or <page>, found \"\""]
        );
    }

    #[test]
    fn a_page_that_is_too_large_costs_itself_alone() {
        let large = format!(
            "<page>1</page><page>{}</page><page>2</page>",
            " ".repeat(MAX_PAGE_BYTES + BLOCK_BYTES)
        );
        let told = format!("byte 14: a page of more than {MAX_PAGE_BYTES} bytes");
        let second = format!("{} <page>2</page>", large.len() - 14);
        assert_eq!(
            read(large.as_bytes()),
            ["0 <page>1</page>", &*told, &*second]
        );
    }

    /// Fails where a `!` stands, and goes on behind it; at a `?` it fails for good.
    struct Damaged<'a>(&'a [u8]);

    impl io::Read for Damaged<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.first() {
                None => return Ok(0),
                Some(b'?') => return Err(io::Error::other("for good")),
                Some(b'!') => {
                    self.0 = &self.0[1..];
                    return Err(io::Error::other("a hole"));
                }
                Some(_) => {}
            }
            let n = self
                .0
                .iter()
                .position(|byte| b"!?".contains(byte))
                .unwrap_or(self.0.len());
            io::Read::read(&mut &self.0[..n], buffer).inspect(|&n| self.0 = &self.0[n..])
        }
    }

    #[test]
    fn behind_a_hole_pages_go_on() {
        let hole = "reading failed after byte 22 of the decompressed data: a hole";
        let dump = "<page>1</page><page>2 !3</page><page>4</page>";
        let pages = ["0 <page>1</page>", hole, "30 <page>4</page>"];
        assert_eq!(read(io::BufReader::new(Damaged(dump.as_bytes()))), pages);
        let end = "reading failed after byte 22 of the decompressed data: for good";
        let dump = dump.replace('!', "?");
        assert_eq!(
            read(io::BufReader::new(Damaged(dump.as_bytes()))),
            [pages[0], end]
        );
    }
}
