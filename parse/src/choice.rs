//! Which sentences are wanted, and how their words are written.

use std::borrow::Cow;

use kprep_schemas::Words;

use crate::{Loss, Sentence};

/// Which sentences are wanted, and how their words are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Words that a sentence has at least.
    pub min_words: usize,
    /// Words that a sentence has at most.
    pub max_words: usize,
    /// Lower-case the words and the raw sentence.
    pub lowercase: bool,
    /// Write `(` for `-LRB-`, `"` for ``` `` ```, and so on.
    pub unescape: bool,
    /// Keep sentences whose words an earlier one has, too.
    pub keep_duplicates: bool,
}

/// What the Penn Treebank, and Stanford's tokenizer after it, write for other characters.
/// Lower-cased corpora have the brackets in lower case.
const ESCAPES: [(&str, &str); 8] = [
    ("-lrb-", "("),
    ("-rrb-", ")"),
    ("-lsb-", "["),
    ("-rsb-", "]"),
    ("-lcb-", "{"),
    ("-rcb-", "}"),
    ("``", "\""),
    ("''", "\""),
];

/// The word without the Penn Treebank's escapes: brackets, quotes, and `\/` and `\*` for `/` and
/// `*`.
pub(crate) fn unescape(word: &str) -> Cow<'_, str> {
    let escape = ESCAPES
        .iter()
        .find(|(escape, _)| word.eq_ignore_ascii_case(escape));
    match escape {
        Some((_, plain)) => Cow::Borrowed(plain),
        None if word.contains('\\') => Cow::Owned(word.replace("\\/", "/").replace("\\*", "*")),
        None => Cow::Borrowed(word),
    }
}

impl Choice {
    /// Rewrites the words as asked for. Heads and labels stay.
    pub(crate) fn rewrite(&self, sentence: &mut Sentence) {
        if self.unescape {
            sentence.token = sentence.token.iter().map(unescape).collect();
        }
        if self.lowercase {
            let words: Words = sentence.token.iter().map(str::to_lowercase).collect();
            sentence.token = words;
            sentence.text = sentence.text.as_deref().map(str::to_lowercase);
        }
    }

    /// Why a sentence of so many words is not wanted.
    pub(crate) fn length_loss(&self, words: usize) -> Option<Loss> {
        if words < self.min_words {
            Some(Loss::TooShort)
        } else if words > self.max_words {
            Some(Loss::TooLong)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rewritten() {
        let choice = |lowercase, unescape| Choice {
            min_words: 1,
            max_words: 9,
            lowercase,
            unescape,
            keep_duplicates: false,
        };
        let rewritten = |lowercase, unescape| {
            let mut sentence = Sentence {
                token: ["``", "ÄB", "-LRB-", "-rsb-", "1\\/2", "-LRB", "''"].into(),
                text: Some("ÄB".into()),
                ..Sentence::default()
            };
            choice(lowercase, unescape).rewrite(&mut sentence);
            (sentence.token.join(" "), sentence.text.unwrap_or_default())
        };
        let pair = |token: &str, text: &str| (token.to_owned(), text.to_owned());
        assert_eq!(
            rewritten(false, false),
            pair("`` ÄB -LRB- -rsb- 1\\/2 -LRB ''", "ÄB")
        );
        assert_eq!(rewritten(false, true), pair("\" ÄB ( ] 1/2 -LRB \"", "ÄB"));
        assert_eq!(rewritten(true, true), pair("\" äb ( ] 1/2 -lrb \"", "äb"));
    }
}
