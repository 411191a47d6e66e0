//! Names of units.

use kprep_schemas::Names;
use rustc_hash::FxHashMap;

/// Units by their names: labels and aliases, `square kilometre`, `km²`; but for words that follow a
/// number everywhere: of `1990 in Paris` the inch must not take the year.
///
/// Memory: the names of the units that quantities in Wikidata have, a few thousand.
#[derive(Debug, Clone, Default)]
pub struct Units {
    names: FxHashMap<String, Unit>,
    /// Bytes of the longest name.
    longest: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Unit {
    number: u32,
    is_label: bool,
    sitelinks: i32,
}

/// Names of units that are common words or quotation marks: of the inch, the are, the year, the
/// technical atmosphere, the attosecond, the attometre, the microsecond, the foot, ….
const WORDS: [&str; 20] = [
    "\"", "'", "’", "”", "a", "am", "an", "and", "are", "as", "at", "by", "for", "in", "is", "no",
    "of", "or", "to", "us",
];

impl Units {
    /// Adds a unit. A name that several units have stands for the one whose label it is, else for
    /// the one that is on more sites: `m` is the metre and not the minute.
    pub fn add(&mut self, number: u32, names: &Names) {
        let label = names.label.iter().map(|label| (label.as_str(), true));
        let aliases = names.aliases.iter().map(|alias| (alias, false));
        for (name, is_label) in label.chain(aliases) {
            if WORDS.contains(&name) {
                continue;
            }
            let name = folded(name);
            let unit = Unit {
                number,
                is_label,
                sitelinks: names.sitelinks,
            };
            self.longest = self.longest.max(name.len());
            let known = self.names.entry(name).or_insert(unit);
            if rank(unit) > rank(*known) {
                *known = unit;
            }
        }
    }

    /// The unit with the longest name that `text` starts with, after a blank or a hyphen or at
    /// once, and the bytes up to its end. The name may be in the plural.
    pub(super) fn at_start(&self, text: &str) -> Option<(u32, usize)> {
        let gap = match text.chars().next()? {
            gap @ (' ' | '\u{a0}' | '-') => gap.len_utf8(),
            _ => 0,
        };
        let rest = &text[gap..];
        // Folding makes names no longer, and an s may follow.
        let limit = 2 * self.longest + 1;
        let mut ends: Vec<usize> = rest
            .char_indices()
            .take_while(|(at, _)| *at < limit)
            .map(|(at, c)| (at + c.len_utf8(), c))
            .filter(|(end, last)| is_end(*last, &rest[*end..]))
            .map(|(end, _)| end)
            .collect();
        ends.reverse();
        ends.into_iter().find_map(|end| {
            let unit = self.named(&folded(&rest[..end]))?;
            Some((unit, gap + end))
        })
    }

    fn named(&self, name: &str) -> Option<u32> {
        let unit = self
            .names
            .get(name)
            .or_else(|| self.names.get(name.strip_suffix('s')?));
        unit.map(|unit| unit.number)
    }
}

fn rank(unit: Unit) -> (bool, i32, std::cmp::Reverse<u32>) {
    (
        unit.is_label,
        unit.sitelinks,
        std::cmp::Reverse(unit.number),
    )
}

/// Whether a word ends between a character and what follows it. `km/h` is another unit than `km`;
/// of `5 km/3 mi` it is one.
fn is_end(last: char, rest: &str) -> bool {
    let mut rest = rest.chars();
    match rest.next() {
        Some('/') => !rest.next().is_some_and(char::is_alphabetic),
        next => !(last.is_alphanumeric() && next.is_some_and(char::is_alphanumeric)),
    }
}

/// Texts write `km2` for `km²`.
fn folded(name: &str) -> String {
    let fold = |c| match c {
        '²' => '2',
        '³' => '3',
        '\u{a0}' => ' ',
        c => c,
    };
    name.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{EntityId, Words};

    use super::*;

    fn units() -> Units {
        let mut units = Units::default();
        let mut add = |number: u32, label: &str, aliases: Words, sitelinks| {
            let names = Names {
                id: EntityId::item(number.into()),
                label: Some(label.into()),
                aliases,
                instance_of: Words::default(),
                title: None,
                sitelinks,
            };
            units.add(number, &names);
        };
        add(7727, "minute", ["m", "min"].into(), 100);
        add(11_573, "metre", ["meter", "m"].into(), 150);
        add(712_226, "square kilometre", ["km²", "sq km"].into(), 90);
        add(828_224, "kilometre", ["km"].into(), 120);
        add(218_593, "inch", ["in", "inches", "\""].into(), 100);
        add(185_078, "are", ["a"].into(), 60);
        add(909_315, "technical atmosphere", ["at"].into(), 40);
        units
    }

    #[test]
    fn the_longest_name_at_the_start() {
        let units = units();
        let at = |text: &'static str| {
            let (unit, end) = units.at_start(text)?;
            Some((unit, &text[..end]))
        };
        assert_eq!(at(" km2 (181"), Some((712_226, " km2")));
        assert_eq!(at("km²."), Some((712_226, "km²")));
        assert_eq!(
            at(" square kilometres of"),
            Some((712_226, " square kilometres"))
        );
        assert_eq!(at("\u{a0}km long"), Some((828_224, "\u{a0}km")));
        assert_eq!(at("-metre run"), Some((11_573, "-metre")));
        assert_eq!(at(" m"), Some((11_573, " m")));
        assert_eq!(at("-m/33 ft"), Some((11_573, "-m")));
        assert_eq!(at(" m/s"), None);
        assert_eq!(at(" men"), None);
        assert_eq!(at(""), None);
        assert_eq!(Units::default().at_start(" km"), None);
    }

    #[test]
    fn a_common_word_is_no_unit() {
        let units = units();
        for text in [
            " in Paris",
            " are left",
            " a year",
            " at sea",
            "\" precedes",
        ] {
            assert_eq!(units.at_start(text), None, "{text}");
        }
        assert_eq!(units.at_start(" inches"), Some((218_593, 7)));
    }
}
