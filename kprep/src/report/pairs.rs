//! What is counted of pairs of phrases and of concepts.

use kprep_schemas::{Concept, PairExample, stable_hash};

use super::counted::{Counted, words};
use super::tally::Tally;

impl Counted for PairExample {
    const ROWS: &'static str = "pairs";

    fn count(&self, tally: &mut Tally) {
        for phrase in [&self.first, &self.second] {
            tally.length("words_a_phrase", words(phrase));
        }
        tally.share("negatives", !self.positive.is_empty());
        tally.name("classes", &self.class);
        let or_none = |name: &str| {
            if name.is_empty() {
                "none".to_owned()
            } else {
                name.to_owned()
            }
        };
        tally.name("relations", &or_none(&self.relation_id));
        tally.name("negatives_drawn", &or_none(&self.negative));
        tally.answer("class", &self.class);
    }

    fn guessed_by(&self) -> Vec<(&'static str, u64)> {
        let hash = |parts: [&str; 2]| stable_hash(parts.map(str::as_bytes));
        let mut by = vec![
            ("first phrase", hash(["", &self.first])),
            ("second phrase", hash(["", &self.second])),
        ];
        if !self.relation.is_empty() {
            let relation = &self.relation;
            by.push(("relation", hash([relation, ""])));
            by.push(("first phrase and relation", hash([relation, &self.first])));
            by.push(("second phrase and relation", hash([relation, &self.second])));
        }
        by
    }
}

impl Counted for Concept {
    const ROWS: &'static str = "concepts";

    fn count(&self, tally: &mut Tally) {
        tally.length("words_a_label", words(&self.label));
        tally.length("other_names_a_concept", self.names.len());
        tally.share("concepts_with_a_description", !self.description.is_empty());
        for name in self.types.iter() {
            tally.name("types", name);
        }
    }
}
