//! `DependencyExample`: one sentence with the head of each word.

use crate::column::{Column, ints, text, text_or_null, words, words_or_null};
use crate::{Classes, GroupBy, Record, Rules, Words, stable_hash};

/// One sentence of a dependency dataset.
///
/// `token`, `head`, `deprel` and, where present, `upos` and `xpos` have one entry a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DependencyExample {
    /// Stable hash of document, place in the document and tokens; unique in the dataset.
    pub id: String,
    /// The source's document id, else the input's file name.
    pub doc_id: String,
    /// The source's own sentence id.
    pub sent_id: Option<String>,
    /// The raw sentence, where the source gives it.
    pub text: Option<String>,
    /// The words.
    pub token: Words,
    /// Head of each word: its 1-based index, 0 = root, [`NO_HEAD`] = the parse gives none.
    pub head: Vec<i32>,
    /// Dependency label of each word, as the source writes it; empty where there is no head.
    pub deprel: Words,
    /// Universal part-of-speech tags.
    pub upos: Option<Words>,
    /// Language-specific (Penn Treebank for Stanford) tags.
    pub xpos: Option<Words>,
}

impl DependencyExample {
    /// Gives back the memory that its lists keep for more words: for a row that is to be held long.
    pub fn shrink_to_fit(&mut self) {
        let tags = [&mut self.upos, &mut self.xpos].into_iter().flatten();
        for words in tags.chain([&mut self.token, &mut self.deprel]) {
            words.shrink_to_fit();
        }
        self.head.shrink_to_fit();
    }
}

/// The value of `head` for a word to which the parse gives no head (Stanford Dependencies
/// leave punctuation out of the tree).
pub const NO_HEAD: i32 = -1;

impl Classes for DependencyExample {}

impl Record for DependencyExample {
    const NAME: &'static str = "DependencyExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("doc_id", "the source's document id, else the input's file name",
            |r| &r.doc_id, |r| &mut r.doc_id),
        text_or_null("sent_id", "the source's sentence id",
            |r: &Self| &r.sent_id, |r| &mut r.sent_id).without_dictionary(),
        text_or_null("text", "the raw sentence, where the source gives it",
            |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        words("token", "the words", |r: &Self| &r.token, |r| &mut r.token).without_statistics(),
        ints("head", "head of each word: 1-based word index, 0 = root, -1 = the parse gives none",
            |r: &Self| &r.head, |r| &mut r.head).without_statistics(),
        words("deprel", "dependency label of each word; empty where there is no head",
            |r: &Self| &r.deprel, |r| &mut r.deprel).without_statistics(),
        words_or_null("upos", "universal part-of-speech tags",
            |r: &Self| &r.upos, |r| &mut r.upos).without_statistics(),
        words_or_null("xpos", "language-specific (Penn Treebank) tags",
            |r: &Self| &r.xpos, |r| &mut r.xpos).without_statistics(),
    ];

    const SHAREABLE: &'static [&'static str] = &["documents", "sentences"];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Sentence);

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        let n = self.token.len();
        if n == 0 {
            return Err("a sentence has at least one word, this one has none".into());
        }
        let lengths = [
            ("head", Some(self.head.len())),
            ("deprel", Some(self.deprel.len())),
            ("upos", self.upos.as_ref().map(Words::len)),
            ("xpos", self.xpos.as_ref().map(Words::len)),
        ];
        for (name, length) in lengths {
            if let Some(length) = length.filter(|&length| length != n) {
                return Err(format!("{name} has {length} entries for {n} words"));
            }
        }
        let check = if rules.allow_non_tree {
            check_heads
        } else {
            check_tree
        };
        check(&self.head).map_err(|e| e.to_string())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn shareable(&self) -> Vec<u64> {
        let kinds = [GroupBy::Document, GroupBy::Sentence];
        let hash = |by| stable_hash([self.group(by).as_slice()]);
        kinds.map(hash).into()
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        match by {
            GroupBy::Document => self.doc_id.clone().into_bytes(),
            GroupBy::Row => self.id.clone().into_bytes(),
            _ => self.token.join(" ").into_bytes(),
        }
    }
}

/// Why a list of heads is not a dependency tree. Words are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A head outside `-1..=n`.
    #[error("word {word} has head {head}, outside the sentence's 0..={words}")]
    HeadOutOfRange {
        /// The word.
        word: usize,
        /// Its head.
        head: i32,
        /// Words in the sentence.
        words: usize,
    },
    /// A word that is its own head.
    #[error("word {word} is its own head")]
    SelfHead {
        /// The word.
        word: usize,
    },
    /// No word has head 0.
    #[error("no word has head 0: the tree has no root")]
    NoRoot,
    /// Several words have head 0.
    #[error("words {first} and {second} both have head 0: a tree has one root")]
    SeveralRoots {
        /// The first root.
        first: usize,
        /// The second one.
        second: usize,
    },
    /// Following heads from this word never reaches the root.
    #[error("word {word} is on a cycle")]
    Cycle {
        /// A word of the cycle.
        word: usize,
    },
    /// A chain of heads ends at a word that has no head itself.
    #[error("the head of word {word} is word {head}, which has no head itself")]
    HeadlessHead {
        /// The word.
        word: usize,
        /// Its head, which is [`NO_HEAD`].
        head: usize,
    },
}

/// Checks the least that a list of heads must be, tree or not: heads in range, no self-head.
///
/// # Errors
/// The first violation found.
pub fn check_heads(head: &[i32]) -> std::result::Result<(), TreeError> {
    let words = head.len();
    for (i, &head) in head.iter().enumerate() {
        let word = i + 1;
        if head < NO_HEAD || head > words as i32 {
            return Err(TreeError::HeadOutOfRange { word, head, words });
        }
        if head as usize == word {
            return Err(TreeError::SelfHead { word });
        }
    }
    Ok(())
}

/// Checks that the words that have a head form one tree: one root, heads in range, no cycle,
/// no self-head, no head that stands outside the tree. Linear in the number of words.
///
/// # Errors
/// The first violation found.
pub fn check_tree(head: &[i32]) -> std::result::Result<(), TreeError> {
    check_heads(head)?;
    let words = head.len();
    let mut root = None;
    for (i, &h) in head.iter().enumerate() {
        let word = i + 1;
        if h == 0 {
            if let Some(first) = root {
                return Err(TreeError::SeveralRoots {
                    first,
                    second: word,
                });
            }
            root = Some(word);
        }
        if h > 0 && head[h as usize - 1] == NO_HEAD {
            return Err(TreeError::HeadlessHead {
                word,
                head: h as usize,
            });
        }
    }
    if root.is_none() {
        return Err(TreeError::NoRoot);
    }
    // 0 = not seen, else 1 + the word from which the walk that saw it started.
    let mut seen_by = vec![0u32; words + 1];
    for start in 1..=words {
        let mut word = start;
        while word > 0 && seen_by[word] == 0 {
            seen_by[word] = start as u32;
            word = head[word - 1].max(0) as usize;
        }
        if word > 0 && seen_by[word] == start as u32 {
            return Err(TreeError::Cycle { word });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_and_their_faults() {
        assert_eq!(check_tree(&[2, 0, 2, NO_HEAD]), Ok(()));
        assert_eq!(check_tree(&[0]), Ok(()));
        assert_eq!(check_tree(&[2, 1]), Err(TreeError::NoRoot));
        assert_eq!(
            check_tree(&[0, 0]),
            Err(TreeError::SeveralRoots {
                first: 1,
                second: 2
            })
        );
        assert_eq!(check_tree(&[0, 2]), Err(TreeError::SelfHead { word: 2 }));
        assert_eq!(check_tree(&[0, 3, 2]), Err(TreeError::Cycle { word: 2 }));
        assert_eq!(
            check_tree(&[0, 5]),
            Err(TreeError::HeadOutOfRange {
                word: 2,
                head: 5,
                words: 2
            })
        );
        assert_eq!(
            check_tree(&[0, 3, NO_HEAD]),
            Err(TreeError::HeadlessHead { word: 2, head: 3 })
        );
        assert_eq!(check_tree(&[NO_HEAD, NO_HEAD]), Err(TreeError::NoRoot));
    }
}
