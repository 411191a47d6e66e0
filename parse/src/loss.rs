//! Why a sentence gives no row.

/// Each way to lose a sentence, in the order of the funnel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Loss {
    /// A line is not what its format asks for.
    Malformed,
    /// All words are `_`: the treebank comes without its text.
    NoWords,
    /// No word has a head.
    NoHeads,
    /// Only collapsed or enhanced dependencies, which are no tree.
    NotBasic,
    /// A word with several heads.
    SeveralHeads,
    /// A head that is no word of the sentence.
    HeadOutOfRange,
    /// A word that is its own head.
    SelfHead,
    /// No word has head 0.
    NoRoot,
    /// Several words have head 0.
    SeveralRoots,
    /// Heads that lead in a circle.
    Cycle,
    /// A head that has no head itself.
    HeadlessHead,
    /// Fewer words than asked for.
    TooShort,
    /// More words than asked for.
    TooLong,
    /// The words of an earlier sentence again.
    Duplicate,
    /// Left out of the sample.
    NotSampled,
}

impl Loss {
    /// All losses in order.
    pub const ALL: [Self; 15] = [
        Self::Malformed,
        Self::NoWords,
        Self::NoHeads,
        Self::NotBasic,
        Self::SeveralHeads,
        Self::HeadOutOfRange,
        Self::SelfHead,
        Self::NoRoot,
        Self::SeveralRoots,
        Self::Cycle,
        Self::HeadlessHead,
        Self::TooShort,
        Self::TooLong,
        Self::Duplicate,
        Self::NotSampled,
    ];

    /// The reason in words, for the funnel and the rejects.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Malformed => "malformed sentence",
            Self::NoWords => "words that are all _ (text not published)",
            Self::NoHeads => "no word has a head",
            Self::NotBasic => "no basic dependencies",
            Self::SeveralHeads => "several heads of a word",
            Self::HeadOutOfRange => "head outside the sentence",
            Self::SelfHead => "word is its own head",
            Self::NoRoot => "no root",
            Self::SeveralRoots => "several roots",
            Self::Cycle => "cycle",
            Self::HeadlessHead => "head without a head of its own",
            Self::TooShort => "fewer than --min-words",
            Self::TooLong => "more than --max-words",
            Self::Duplicate => "words of an earlier sentence",
            Self::NotSampled => "outside the sample",
        }
    }

    /// Whether the sentence is as good as any, but not wanted.
    pub(crate) fn is_choice(self) -> bool {
        matches!(
            self,
            Self::TooShort | Self::TooLong | Self::Duplicate | Self::NotSampled
        )
    }

    /// The funnel's stage that this loss belongs to.
    pub fn stage(self) -> &'static str {
        match self {
            Self::Malformed | Self::NoWords => "well-formed",
            Self::NoHeads | Self::NotBasic => "parsed",
            Self::SeveralHeads
            | Self::HeadOutOfRange
            | Self::SelfHead
            | Self::NoRoot
            | Self::SeveralRoots
            | Self::Cycle
            | Self::HeadlessHead => "one tree",
            Self::TooShort | Self::TooLong => "of the wanted length",
            Self::Duplicate => "distinct",
            Self::NotSampled => "sampled",
        }
    }
}
