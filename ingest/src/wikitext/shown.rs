//! The few templates whose parameters are words of the sentence.

/// Words between numbers of a measure: `{{convert|10|to|20|km}}`.
const RANGES: [&str; 9] = ["to", "and", "or", "by", "x", "-", "–", "to(-)", "+/-"];

/// Which parameters of a template are shown: all of English Wikipedia's names, in small letters.
/// Everything else is a box, a note or a sign.
const SHOWN: &[(&str, Shown)] = &[
    ("nowrap", FIRST),
    ("nobr", FIRST),
    ("small", FIRST),
    ("smaller", FIRST),
    ("big", FIRST),
    ("larger", FIRST),
    ("abbr", FIRST),
    ("tooltip", FIRST),
    ("nihongo", FIRST),
    ("ill", FIRST),
    ("interlanguage link", FIRST),
    ("flag", FIRST),
    ("flagcountry", FIRST),
    ("flagu", FIRST),
    ("angbr", FIRST),
    ("em", FIRST),
    ("var", FIRST),
    ("mvar", FIRST),
    ("math", FIRST),
    ("linktext", FIRST),
    ("not a typo", FIRST),
    ("as written", FIRST),
    ("sic", FIRST),
    ("gaps", FIRST),
    ("val", FIRST),
    ("formatnum", FIRST),
    ("ship", TWO),
    ("lang", SECOND),
    ("transl", SECOND),
    ("transliteration", SECOND),
    ("color", SECOND),
    ("font color", SECOND),
    ("wikt-lang", SECOND),
    ("script", SECOND),
    ("convert", Shown::Measure),
    ("cvt", Shown::Measure),
    ("circa", Shown::After("c. ")),
    ("c.", Shown::After("c. ")),
    ("floruit", Shown::After("fl. ")),
    ("fl.", Shown::After("fl. ")),
    ("as of", Shown::After("As of ")),
    ("us$", Shown::After("US$")),
    ("ussub", Shown::After("USS ")),
    ("uss", Shown::After("USS ")),
    ("hms", Shown::After("HMS ")),
    ("ss", Shown::After("SS ")),
    ("rms", Shown::After("RMS ")),
    ("mv", Shown::After("MV ")),
];

/// Templates that are a sign.
const SIGNS: [(&str, &str); 18] = [
    ("snd", " – "),
    ("spnd", " – "),
    ("spaced ndash", " – "),
    ("ndash", "–"),
    ("en dash", "–"),
    ("mdash", "—"),
    ("em dash", "—"),
    ("spaced en dash", " – "),
    ("'", "'"),
    ("'s", "'s"),
    ("!", "|"),
    ("=", "="),
    ("nbsp", " "),
    ("space", " "),
    ("·", " · "),
    ("dot", " · "),
    ("minus", "−"),
    ("times", "×"),
];

const FIRST: Shown = Shown::Parameters { first: 0, count: 1 };
const SECOND: Shown = Shown::Parameters { first: 1, count: 1 };
const TWO: Shown = Shown::Parameters { first: 0, count: 2 };

/// Which parameters are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// So many from this one on.
    Parameters { first: usize, count: usize },
    /// The first one, after a word.
    After(&'static str),
    /// Numbers and their unit.
    Measure,
}

/// What is shown of the template with this name that has parameters.
pub(super) fn shown(name: &str) -> Option<Shown> {
    let name = name.trim();
    let mut known = SHOWN.iter();
    let found = known.find(|(known, _)| name.eq_ignore_ascii_case(known));
    found.map(|&(_, shown)| shown)
}

/// What a template is replaced by that needs no parameter.
pub(super) fn sign(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let mut known = SIGNS.iter();
    let found = known.find(|(known, _)| name.eq_ignore_ascii_case(known));
    found.map(|&(_, sign)| sign)
}

impl Shown {
    /// What stands before the parameters, and which of them are shown, joined by blanks.
    pub(super) fn of(self, parameters: &[&str]) -> (&'static str, std::ops::Range<usize>) {
        let all = parameters.len();
        match self {
            Self::Parameters { first, count } => ("", first.min(all)..(first + count).min(all)),
            Self::After(word) => (word, 0..all.min(1)),
            Self::Measure => {
                let is_unit = |parameter: &&str| {
                    !parameter.contains(|char: char| char.is_ascii_digit())
                        && !RANGES.contains(&parameter.trim())
                };
                let unit = parameters.iter().position(is_unit);
                ("", 0..unit.map_or(all, |unit| unit + 1))
            }
        }
    }
}
