//! The few templates whose parameters are words of the sentence.

use super::measure::measure;
use super::parameters::{Parameters, Piece};

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
    ("ill", Shown::One(&["lt", "1"])),
    ("interlanguage link", Shown::One(&["lt", "1"])),
    ("flag", Shown::One(&["name", "1"])),
    ("flagcountry", Shown::One(&["name", "1"])),
    ("flagu", Shown::One(&["name", "1"])),
    ("angbr", FIRST),
    ("em", FIRST),
    ("var", FIRST),
    ("mvar", FIRST),
    ("math", FIRST),
    ("linktext", Shown::Joined),
    ("not a typo", Shown::Joined),
    ("as written", Shown::Joined),
    ("sic", Shown::Joined),
    ("gaps", Shown::Joined),
    ("val", Shown::Value),
    ("formatnum", FIRST),
    ("ship", Shown::Both),
    ("lang", Shown::One(&["2", "text"])),
    // Language, standard and text; the standard may be left out.
    ("transl", LAST),
    ("transliteration", LAST),
    ("tlit", LAST),
    ("xlit", LAST),
    ("color", Shown::One(&["2"])),
    // The colour behind the text may be left out.
    ("font color", Shown::One(&["text", "3", "2"])),
    ("wikt-lang", LAST),
    ("script", Shown::One(&["2"])),
    ("convert", Shown::Measure),
    ("cvt", Shown::Measure),
    ("circa", Shown::Years("c. ")),
    ("c.", Shown::Years("c. ")),
    ("floruit", Shown::Years("fl. ")),
    ("fl.", Shown::Years("fl. ")),
    ("as of", Shown::AsOf),
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

const FIRST: Shown = Shown::One(&["1"]);
const LAST: Shown = Shown::One(&["3", "2"]);

/// Which parameters are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The first of these that is given.
    One(&'static [&'static str]),
    /// The first two, with a blank between them.
    Both,
    /// All that have numbers, as one word.
    Joined,
    /// The first one, after a word.
    After(&'static str),
    /// A year or two, after a word.
    Years(&'static str),
    /// A time, after words that a parameter may replace.
    AsOf,
    /// Numbers and their units.
    Measure,
    /// A number with its uncertainty, power of ten and unit.
    Value,
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
    /// The words that readers see. None if they do not stand in the template in this order, or are
    /// not known: no words are better than wrong ones.
    pub(super) fn of(self, parameters: &Parameters<'_>) -> Option<Vec<Piece>> {
        let one = |names: &[&str]| parameters.first_of(names).map(Piece::Source);
        let pieces = match self {
            Self::One(names) => one(names).into_iter().collect(),
            Self::Both => with_words(parameters, &[("", "1"), (" ", "2")]),
            Self::Joined => {
                let numbered = parameters.numbered().into_iter();
                numbered.map(Piece::Source).collect()
            }
            Self::After(word) => [Piece::Words(word)]
                .into_iter()
                .chain(one(&["1"]))
                .collect(),
            Self::Years(word) => {
                let mut pieces = vec![Piece::Words(word)];
                pieces.extend(one(&["1"]));
                if let Some(second) = one(&["2"]) {
                    pieces.extend([Piece::Words(" – "), Piece::Words(word), second]);
                }
                pieces
            }
            Self::AsOf => as_of(parameters),
            Self::Measure => measure(parameters)?,
            Self::Value => value(parameters),
        };
        let sources = pieces.iter().filter_map(|piece| match piece {
            Piece::Source(place) => Some(place.start),
            Piece::Words(_) => None,
        });
        sources.is_sorted().then_some(pieces)
    }
}

/// The parameters of these names that are given, each behind its word.
fn with_words(parameters: &Parameters<'_>, names: &[(&'static str, &str)]) -> Vec<Piece> {
    let given = names
        .iter()
        .filter_map(|(word, name)| Some((*word, parameters.get(name)?)));
    let pieces = given.flat_map(|(word, place)| [Piece::Words(word), Piece::Source(place)]);
    pieces.collect()
}

fn as_of(parameters: &Parameters<'_>) -> Vec<Piece> {
    if let Some(other) = parameters.get("alt") {
        return vec![Piece::Source(other)];
    }
    let is = |name| parameters.get(name).is_some();
    let words = match (is("since"), is("lc")) {
        (true, true) => "since ",
        (true, false) => "Since ",
        (false, true) => "as of ",
        (false, false) => "As of ",
    };
    let first = parameters.get("1").map(Piece::Source);
    [Piece::Words(words)].into_iter().chain(first).collect()
}

fn value(parameters: &Parameters<'_>) -> Vec<Piece> {
    let mut names = vec![("", "1")];
    match parameters.get("3") {
        Some(_) => names.extend([("+", "2"), ("−", "3")]),
        None => names.push((" ± ", "2")),
    }
    names.extend([
        ("×10^", "e"),
        (" ", "u"),
        (" ", "ul"),
        ("/", "up"),
        ("/", "upl"),
    ]);
    with_words(parameters, &names)
}

#[cfg(test)]
mod tests {
    use crate::{Sections, Site, plain_text};

    /// Each template and what readers see of it, but for what `{{convert}}` converts to and for
    /// links.
    #[test]
    fn templates_show_the_words_that_readers_see() {
        let cases = [
            // An optional parameter before the text.
            ("{{transl|ar|ALA|Abū Bakr}}", "Abū Bakr"),
            ("{{transliteration|ru|Moskva}}", "Moskva"),
            (
                "{{font color|red|a}} {{font color|red|blue|b}} {{font color|red|text=c}}",
                "a b c",
            ),
            ("{{wikt-lang|en|a}} {{wikt-lang|en|a|b}}", "a b"),
            ("{{ill|Ada|fr}} {{ill|Ada (x)|fr|lt=Ada}}", "Ada Ada"),
            ("{{flag|USA}} {{flag|USA|name=US}}", "USA US"),
            // Numbers and names.
            (
                "{{nowrap|1=x = 5}}, {{lang|fr|2=bonjour}}, {{small|1=n=1}}",
                "x = 5, bonjour, n=1",
            ),
            (
                "{{lang|fr|text= [[Paris]] }} {{lang|2=b|1=fr}} {{nowrap|a|1=b}}",
                "Paris b b",
            ),
            (
                "{{nowrap|<b class=\"x\">a</b>}} {{nowrap|[[a|b=c]]}} {{nowrap|lang=en}}x",
                "a b=c x",
            ),
            ("{{lang|fr|{{nowrap|1=a=b}}|b=c}}", "a=b"),
            // All of it.
            (
                "{{sic|te|h}} {{sic|hide=y|teh}} {{gaps|1|234|567}} {{linktext|漢|字}}",
                "teh teh 1234567 漢字",
            ),
            (
                "{{ship|HMS|Victory|1765}} {{ship||Victory}} {{HMS|Victory}}",
                "HMS Victory Victory HMS Victory",
            ),
            (
                "{{circa|1500}}, {{circa|1500|1550}}, {{fl.|1500}}",
                "c. 1500, c. 1500 – c. 1550, fl. 1500",
            ),
            (
                "{{as of|2020}} {{as of|2020|lc=y}} {{as of|2020|since=y}} {{as of|2020|alt=Now}}",
                "As of 2020 as of 2020 Since 2020 Now",
            ),
            (
                "{{val|1.5|u=km}}, {{val|1.5|0.2|u=km}}, {{val|1|2|3}}, {{val|6|e=23|u=kg|up=m3}}",
                "1.5 km, 1.5 ± 0.2 km, 1+2−3, 6×10^23 kg/m3",
            ),
            // What is not known is not shown.
            (
                "a{{lang|fr}}b{{val|u=km|5}}c{{unknown|5}}d{{nowrap}}e",
                "abcde",
            ),
        ];
        for (wikitext, shown) in cases {
            let page = plain_text(wikitext, &Site::default(), &Sections::default());
            assert_eq!(page.text, shown, "{wikitext}");
        }
    }
}
