//! `Property`: a property of Wikidata and what it is called.

use crate::column::{Column, text, text_or_null, words};
use crate::{Classes, EntityId, GroupBy, Record, Rules, Words};

/// One property.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Property {
    /// Wikidata id (`P36`).
    pub id: String,
    /// The label in the first language of the chain that has one.
    pub label: Option<String>,
    /// The description, by the same chain.
    pub description: Option<String>,
    /// Other names in the languages of the chain.
    pub aliases: Words,
    /// What its values are, by Wikidata's names: `wikibase-item`, `time`, `quantity`, …
    pub datatype: String,
}

impl Classes for Property {}

impl Record for Property {
    const NAME: &'static str = "Property";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "Wikidata id", |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text_or_null("label", "label, in the first language of the chain that has one",
            |r| &r.label, |r| &mut r.label),
        text_or_null("description", "description, by the same chain",
            |r| &r.description, |r| &mut r.description),
        words("aliases", "other names in the languages of the chain",
            |r| &r.aliases, |r| &mut r.aliases),
        text("datatype", "what its values are, by Wikidata's names",
            |r| &r.datatype, |r| &mut r.datatype),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let id: EntityId = self
            .id
            .parse()
            .map_err(|e: crate::entity_id::NotAnId| e.to_string())?;
        match id.as_property() {
            Some(_) => Ok(()),
            None => Err(format!("{id} is no property")),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}
