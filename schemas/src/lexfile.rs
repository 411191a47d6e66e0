//! WordNet's 45 lexicographer files: supersenses.

/// Names of the lexicographer files by number, as lexnames(5WN) lists them. SenseBERT calls them
/// supersenses.
#[rustfmt::skip] // it is a table
pub const LEXFILES: [&str; 45] = [
    "adj.all", "adj.pert", "adv.all", "noun.Tops", "noun.act",
    "noun.animal", "noun.artifact", "noun.attribute", "noun.body", "noun.cognition",
    "noun.communication", "noun.event", "noun.feeling", "noun.food", "noun.group",
    "noun.location", "noun.motive", "noun.object", "noun.person", "noun.phenomenon",
    "noun.plant", "noun.possession", "noun.process", "noun.quantity", "noun.relation",
    "noun.shape", "noun.state", "noun.substance", "noun.time", "verb.body",
    "verb.change", "verb.cognition", "verb.communication", "verb.competition", "verb.consumption",
    "verb.contact", "verb.creation", "verb.emotion", "verb.motion", "verb.perception",
    "verb.possession", "verb.social", "verb.stative", "verb.weather", "adj.ppl",
];

/// The number of a lexicographer file's name.
pub fn lexfile_number(name: &str) -> Option<i32> {
    let number = LEXFILES.iter().position(|known| *known == name)?;
    Some(number as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_those_of_wordnet() {
        let known = [
            ("adj.all", 0),
            ("noun.Tops", 3),
            ("noun.time", 28),
            ("verb.body", 29),
            ("verb.weather", 43),
            ("adj.ppl", 44),
        ];
        for (name, number) in known {
            assert_eq!(lexfile_number(name), Some(number));
        }
        assert_eq!(lexfile_number("noun.thing"), None);
    }
}
