//! The four parts of speech that WNDB has files for.

/// A part of speech of WNDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// `data.noun`
    Noun,
    /// `data.verb`
    Verb,
    /// `data.adj`, with satellites
    Adj,
    /// `data.adv`
    Adv,
}

impl Part {
    /// All of them, in the order of WNDB's numbers for synset types.
    pub const ALL: [Self; 4] = [Self::Noun, Self::Verb, Self::Adj, Self::Adv];

    /// What its files are called: `noun` of `data.noun`.
    pub fn name(self) -> &'static str {
        ["noun", "verb", "adj", "adv"][self as usize]
    }

    /// The letter by which pointers name it, satellites too.
    pub fn letter(self) -> char {
        ['n', 'v', 'a', 'r'][self as usize]
    }

    /// The part of this letter; satellites (`s`) are adjectives.
    pub fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "n" => Self::Noun,
            "v" => Self::Verb,
            "a" | "s" => Self::Adj,
            "r" => Self::Adv,
            _ => return None,
        })
    }
}
