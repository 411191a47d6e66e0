//! What lexparser prints of one sentence, as it comes.

use kprep_schemas::Position;

use super::KINDS;
use crate::typed_list::{self, TypedList, Words};
use crate::{Fault, Sentence, Structure, penn};

/// A sentence on the way.
#[derive(Default)]
pub(super) struct Building {
    pub(super) position: Option<Position>,
    pub(super) plain: Option<String>,
    pub(super) tagged: Option<Words>,
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

    /// Whether the last list is about the same sentence as the first. Where only the dependencies
    /// tell, one of them is basic and has all words that the other one has.
    pub(super) fn last_list_belongs(&self) -> bool {
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
            && (self.has_words() || kinds_differ)
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
        let tree = self.tree.as_deref().map(|tree| {
            let leaves = penn::leaves(tree).into_iter();
            leaves
                .map(|(word, tag)| (word.to_owned(), Some(tag.to_owned())))
                .collect()
        });
        let plain = self.plain.as_deref().map(|line| {
            let words = line.split(' ').filter(|word| !word.is_empty());
            words.map(|word| (word.to_owned(), None)).collect()
        });
        let candidates: Vec<Words> = [tree, self.tagged, plain].into_iter().flatten().collect();
        typed_list::sentence(position, &candidates, self.lists, structure)
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
