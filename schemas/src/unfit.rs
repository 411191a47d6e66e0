//! Why a row cannot be written in a format that is not kprep's own.

/// What a format cannot hold. Its text is the reason under which an export counts the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// Every word needs a head in this format, and the parse gives one of them none.
    #[error("a word without a head")]
    WordWithoutHead,
    /// A word, label, tag or comment that the format's separators would cut, or an empty word.
    #[error("a tab or line break in a column")]
    Separator,
    /// The words do not stand in the text one after the other.
    #[error("words that are not in the text")]
    WordsNotInText,
    /// A mention does not begin and end with a word, as far as the text tells where words are.
    #[error("mention off words")]
    MentionOffWords,
}
