//! Where a sentence surely starts, whatever stands before.

use std::str;

use kprep_schemas::Position;
use memchr::{memchr, memrchr};

use super::{KINDS, SKIPPED, is_noise};
use crate::penn;
use crate::typed::{self, TypedLine};
use crate::typed_list::TypedList;

/// How much of the lines is looked at: little at first, more if no sentence surely starts there.
const WINDOWS: [usize; 3] = [8 << 10, 64 << 10, 512 << 10];

/// The last place in these lines, of which the last may be cut off, where a sentence starts whatever
/// stands before them: with its words, behind the dependencies of another one; or with dependencies
/// that are about other words than those before it.
pub(crate) fn last_start(lines: &[u8]) -> Option<usize> {
    let end = memrchr(b'\n', lines)? + 1;
    WINDOWS.iter().find_map(|window| {
        let start = end.saturating_sub(*window);
        let found = Starts::default().last(&lines[start..end]);
        found.map(|found| start + found)
    })
}

/// What was found in lines so far.
#[derive(Default)]
struct Starts {
    /// Lists of dependencies without words between them, and where the last one starts.
    lists: Vec<TypedList>,
    list_start: usize,
    /// Whether the last sentence has no other lists before these.
    all_lists: bool,
    part: Part,
    last: Option<usize>,
}

#[derive(Default, PartialEq)]
enum Part {
    /// Not known, up to a blank line.
    #[default]
    Unknown,
    None,
    /// A tree of which so many brackets are open.
    Tree(i64),
    /// Dependencies, one a line.
    List,
    /// Dependencies that are not read.
    Extra,
}

impl Starts {
    fn last(mut self, lines: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(length) = memchr(b'\n', &lines[at..]) {
            let line = &lines[at..at + length];
            match str::from_utf8(line) {
                Ok(line) => self.line(line.trim_end(), at),
                Err(_) => self.forget(),
            }
            at += length + 1;
        }
        self.last
    }

    /// Something that is told from what stands before.
    fn forget(&mut self) {
        self.lists.clear();
        self.all_lists = false;
        self.part = Part::Unknown;
    }

    fn line(&mut self, line: &str, at: usize) {
        if line.trim_start().is_empty() {
            self.end_list();
            self.part = Part::None;
            return;
        }
        match self.part {
            Part::Unknown => return,
            Part::Tree(open) => return self.tree_line(line, open),
            _ => {}
        }
        if line.len() >= 6 && line.bytes().all(|byte| byte == b'=') {
            self.end_list();
            self.part = Part::Extra;
        } else if line.starts_with(SKIPPED) {
            self.forget();
        } else if !is_noise(line) {
            match typed::line(line) {
                Some(typed) => self.typed_line(&typed, at),
                None if self.part == Part::List || typed::is_broken(line) => self.forget(),
                None => self.words_line(line, at),
            }
        }
    }

    fn tree_line(&mut self, line: &str, open: i64) {
        let open = open + penn::depth(line);
        self.part = if open > 0 {
            Part::Tree(open)
        } else {
            Part::None
        };
    }

    fn words_line(&mut self, line: &str, at: usize) {
        self.end_list();
        if !self.lists.is_empty() {
            self.last = Some(at);
            self.lists.clear();
        }
        self.all_lists = true;
        self.part = Part::None;
        if super::tagged_words(line).is_none() && penn::starts(line) {
            self.tree_line(line, 0);
        }
    }

    fn typed_line(&mut self, line: &TypedLine<'_>, at: usize) {
        match self.part {
            Part::Extra => return,
            Part::List if !line.is_list => {}
            _ => {
                self.end_list();
                self.lists.push(TypedList::new(Position::default()));
                self.list_start = at;
                self.part = Part::List;
            }
        }
        if let Some(list) = self.lists.last_mut() {
            line.arcs.iter().for_each(|arc| list.push(arc));
        }
        if line.is_list {
            self.end_list();
        }
    }

    /// A list is whole. It starts a sentence if it is about other words than all that the sentence
    /// before it may have.
    fn end_list(&mut self) {
        if self.part != Part::List {
            return;
        }
        self.part = Part::None;
        let Some(last) = self.lists.pop() else {
            return;
        };
        let related = |list: &TypedList| list.is_within(&last) || last.is_within(list);
        let all = self.all_lists || self.lists.len() >= KINDS;
        if all && !self.lists.is_empty() && !self.lists.iter().any(related) {
            self.last = Some(self.list_start);
            self.lists.clear();
            self.all_lists = true;
        }
        self.lists.push(last);
        if self.lists.len() > KINDS {
            self.lists.remove(0);
        }
    }
}
