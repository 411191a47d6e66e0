//! What the heads of a sentence must form.

use kprep_schemas::{TreeError, check_heads, check_tree};

/// What the heads of a sentence must form to be given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Structure {
    /// One tree over the words that have a head.
    #[default]
    Tree,
    /// Anything, as collapsed and enhanced dependencies do: several roots, circles, heads that have
    /// no head. Where only such dependencies are given, they count, and the first head of a word
    /// that has several. Heads must still be words of the sentence, and other ones.
    Any,
}

impl Structure {
    pub(crate) fn check(self, head: &[i32]) -> Result<(), TreeError> {
        match self {
            Self::Tree => check_tree(head),
            Self::Any => check_heads(head),
        }
    }
}
