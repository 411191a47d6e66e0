//! What properties are called, found in text.

use std::ops::Range;

use aho_corasick::BuildError;
use kprep_schemas::Property;

use super::matcher::Matcher;

/// Labels and aliases of all properties.
///
/// Memory: an automaton of some 20 MB for Wikidata's 13,000 properties.
#[derive(Debug, Clone)]
pub struct PropertyNames {
    matcher: Matcher,
    /// The properties of each name.
    properties: Vec<Vec<u16>>,
}

impl PropertyNames {
    /// Takes names as T-REx does: as they are written, but for words that are everywhere; and but
    /// for single letters, which T-REx finds in `A.D.` (`D` is an alias of P1357).
    ///
    /// # Errors
    /// [`BuildError`] with more than two billion letters of names.
    pub fn new<'a>(properties: impl IntoIterator<Item = &'a Property>) -> Result<Self, BuildError> {
        let mut names: Vec<(&str, u16)> = Vec::new();
        for property in properties {
            let number = property.id.strip_prefix('P').and_then(|n| n.parse().ok());
            let Some(number) = number else { continue };
            let own = property
                .label
                .as_deref()
                .into_iter()
                .chain(property.aliases.iter());
            let own = own.filter(|name| name.len() > 1 && !STOP_WORDS.contains(name));
            names.extend(own.map(|name| (name, number)));
        }
        names.sort_unstable();
        names.dedup();
        let same = || names.chunk_by(|a, b| a.0 == b.0);
        Ok(Self {
            matcher: Matcher::new(same().map(|names| names[0].0))?,
            properties: same()
                .map(|names| names.iter().map(|(_, number)| *number).collect())
                .collect(),
        })
    }

    /// Where properties are named, by place and number. A property that is named by a part of
    /// another of its names (`capital` in `capital city`) is there once.
    pub(super) fn find(
        &self,
        text: &str,
        is_whole: impl Fn(&Range<usize>) -> bool,
    ) -> Vec<(Range<usize>, u16)> {
        let mut found: Vec<_> = self
            .matcher
            .find(text, is_whole)
            .into_iter()
            .flat_map(|(range, name)| {
                let properties = self.properties[name].iter();
                properties.map(move |&property| (property, range.clone()))
            })
            .collect();
        found.sort_by_key(|(property, range)| {
            (*property, range.start, std::cmp::Reverse(range.end))
        });
        let mut last = (0, 0);
        found.retain(|(property, range)| {
            let is_part = last.0 == *property && range.end <= last.1;
            if !is_part {
                last = (*property, range.end);
            }
            !is_part
        });
        let mut found: Vec<_> = found.into_iter().map(|(p, range)| (range, p)).collect();
        found.sort_by_key(|(range, property)| (range.start, range.end, *property));
        found
    }
}

/// Words that name a property somewhere (`when` the point in time, `where` the location) and mean
/// nothing: after NLTK's list, which T-REx uses.
const STOP_WORDS: [&str; 118] = [
    "about", "above", "after", "again", "against", "all", "am", "an", "and", "any", "are", "as",
    "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by",
    "can", "did", "do", "does", "doing", "down", "during", "each", "few", "for", "from", "further",
    "had", "has", "have", "having", "he", "her", "here", "hers", "herself", "him", "himself",
    "his", "how", "if", "in", "into", "is", "it", "its", "itself", "just", "me", "more", "most",
    "my", "myself", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other",
    "our", "ours", "out", "over", "own", "same", "she", "should", "so", "some", "such", "than",
    "that", "the", "their", "theirs", "them", "then", "there", "these", "they", "this", "those",
    "through", "to", "too", "under", "until", "up", "very", "was", "we", "were", "what", "when",
    "where", "which", "while", "who", "whom", "why", "will", "with", "you", "your", "yours",
];

#[cfg(test)]
mod tests {
    use kprep_schemas::Words;

    use super::*;

    fn property(id: &str, label: &str, aliases: Words) -> Property {
        Property {
            id: id.into(),
            label: Some(label.into()),
            description: None,
            aliases,
            datatype: "wikibase-item".into(),
        }
    }

    #[test]
    fn properties_are_found_by_every_name() {
        let properties = [
            property(
                "P36",
                "capital",
                ["capital city", "of", "D", "where"].into(),
            ),
            property("P1376", "capital of", ["capital"].into()),
            property("P31", "instance of", ["is a"].into()),
        ];
        let names = PropertyNames::new(&properties).unwrap();
        let text = "Its capital city D is a capital of it, where";
        let found = names.find(text, |range| {
            !text[range.end..].starts_with(char::is_alphabetic)
        });
        let found: Vec<_> = found.into_iter().map(|(r, p)| (&text[r], p)).collect();
        let expected = [
            ("capital", 1376),
            ("capital city", 36),
            ("is a", 31),
            ("capital", 36),
            ("capital of", 1376),
        ];
        assert_eq!(found, expected);
    }
}
