//! What lexparser prints of one sentence, as it comes.

use std::mem;

use kprep_schemas::Position;

use super::KINDS;
use crate::typed_list::{self, TypedList, Words};
use crate::{Fault, Sentence, Structure, penn};

/// A sentence on the way.
#[derive(Default)]
pub(super) struct Building {
    pub(super) position: Option<Position>,
    pub(super) plain: Option<String>,
    /// A line whose words all have tags, it seems.
    pub(super) tagged: Option<String>,
    pub(super) tree: Option<String>,
    pub(super) lists: Vec<TypedList>,
    pub(super) fault: Option<Fault>,
}

impl Building {
    pub(super) fn begin(&mut self, at: Position) {
        self.position.get_or_insert(at);
    }

    fn has_words(&self) -> bool {
        self.tree.is_some() || self.tagged.is_some() || self.plain.is_some()
    }

    /// What seemed to be tagged is plain if its words follow with tags.
    pub(super) fn found_tags_of_tagged(&mut self, tagged: Option<&Words>) {
        let Some(words) = tagged.filter(|_| self.plain.is_none() && self.lists.is_empty()) else {
            return;
        };
        let before = self
            .tagged
            .as_deref()
            .unwrap_or_default()
            .split(' ')
            .filter(|word| !word.is_empty());
        if before.eq(words.iter().map(|(word, _)| word.as_str())) {
            self.plain = self.tagged.take();
        }
    }

    /// Whether the last list is about the same sentence as the first. Where only the dependencies
    /// tell, one of them is basic and has all words that the other one has.
    /// `pairs` is whether the input has given two kinds of dependencies of a sentence before.
    pub(super) fn last_list_belongs(&self, pairs: bool) -> bool {
        let [first, .., last] = &self.lists[..] else {
            return true;
        };
        let (basic, other) = if first.is_collapsed() {
            (last, first)
        } else {
            (first, last)
        };
        let kinds_differ = other.is_collapsed() && !basic.is_collapsed();
        self.lists.len() <= KINDS
            && !last.is_faulty()
            && other.is_within(basic)
            && (self.has_words()
                || kinds_differ
                || pairs && self.lists.len() == 2 && last.is_same(first))
    }

    /// The readings of the sentence's words. Words with a slash look as if they had tags, so that a
    /// tagged line may be a plain one.
    fn words(&self) -> impl Iterator<Item = Words> {
        let plain = |line: &String| {
            let words = line.split(' ').filter(|word| !word.is_empty());
            words.map(|word| (word.to_owned(), None)).collect()
        };
        let tree = self.tree.iter().map(|tree| {
            let leaves = penn::leaves(tree).into_iter();
            leaves
                .map(|(word, tag)| (word.to_owned(), Some(tag.to_owned())))
                .collect()
        });
        let tagged = self.tagged.iter();
        tree.chain(tagged.clone().filter_map(|line| tagged_words(line)))
            .chain(self.plain.iter().map(plain))
            .chain(tagged.map(plain))
    }

    pub(super) fn finish(
        mut self,
        position: Position,
        structure: Structure,
        collapsed: bool,
    ) -> Result<Sentence, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.lists.is_empty() {
            return Err(Fault::NoHeads);
        }
        if collapsed {
            self.lists.iter_mut().for_each(TypedList::set_collapsed);
        }
        let lists = mem::take(&mut self.lists);
        typed_list::sentence(position, self.words(), lists, structure)
    }
}

/// `The/DT dog/NN`: `None` if a word has no tag.
pub(super) fn tagged_words(line: &str) -> Option<Words> {
    let words = line.split(' ').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (word, tag) = word.rsplit_once('/')?;
            let both = !word.is_empty() && !tag.is_empty();
            both.then(|| (word.to_owned(), Some(tag.to_owned())))
        })
        .collect()
}
