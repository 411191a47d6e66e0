//! The objectives that a manifest may name, and the record type of each.

use kprep_schemas::{LabelExample, LinkExample, PairExample, Record};

/// Their names.
pub(crate) const NAMES: [&str; 6] = [
    "libert",
    "bert-mk",
    "sensebert",
    "wklm",
    "knowbert",
    "ernie",
];

/// The record type of an objective.
pub(crate) fn record(objective: &str) -> Option<&'static str> {
    match objective {
        "libert" | "bert-mk" => Some(PairExample::NAME),
        "sensebert" | "wklm" => Some(LabelExample::NAME),
        "knowbert" | "ernie" => Some(LinkExample::NAME),
        _ => None,
    }
}

/// The objectives that rows of this type may have, as people read them; `None` for record types
/// that state by themselves what is learnt.
pub(crate) fn of_record(name: &str) -> Option<String> {
    let names = NAMES.into_iter().filter(|one| record(one) == Some(name));
    let names: Vec<&str> = names.collect();
    (!names.is_empty()).then(|| names.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_objective_has_a_record() {
        assert!(NAMES.into_iter().all(|name| record(name).is_some()));
        let pair = of_record(PairExample::NAME);
        assert_eq!(pair.as_deref(), Some("libert or bert-mk"));
        assert_eq!(of_record("RelationExample"), None);
    }
}
