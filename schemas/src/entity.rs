//! `Entity`: an item of Wikidata, what it is called, and what it is.

use crate::column::{Column, int, text, text_or_null, words};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One item. What it is called is in the languages that the dataset was built for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entity {
    /// Wikidata id (`Q42`).
    pub id: String,
    /// The label in the first language of the chain that has one.
    pub label: Option<String>,
    /// Which language that is.
    pub label_lang: Option<String>,
    /// The description, by the same chain.
    pub description: Option<String>,
    /// Other names: the aliases of all languages of the chain, and their labels that are not
    /// `label`.
    pub aliases: Words,
    /// What it is: the items of its best-ranked P31 statements.
    pub instance_of: Words,
    /// Title of its page on the chosen site (enwiki).
    pub title: Option<String>,
    /// On how many sites it has a page.
    pub sitelinks: i32,
}

impl Classes for Entity {}

impl Record for Entity {
    const NAME: &'static str = "Entity";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "Wikidata id", |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text_or_null("label", "label, in the first language of the chain that has one",
            |r| &r.label, |r| &mut r.label),
        text_or_null("label_lang", "the language of the label",
            |r| &r.label_lang, |r| &mut r.label_lang),
        text_or_null("description", "description, by the same chain",
            |r| &r.description, |r| &mut r.description),
        words("aliases", "other names in the languages of the chain",
            |r| &r.aliases, |r| &mut r.aliases),
        words("instance_of", "what it is: the items of its best-ranked P31 statements",
            |r| &r.instance_of, |r| &mut r.instance_of),
        text_or_null("title", "title of its page on the chosen site",
            |r| &r.title, |r| &mut r.title),
        int("sitelinks", "on how many sites it has a page", |r| &r.sitelinks, |r| &mut r.sitelinks),
    ];

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        self.id
            .parse::<crate::EntityId>()
            .map_err(|e| e.to_string())?;
        if self.label.is_some() != self.label_lang.is_some() {
            return Err("a label and its language go together, one of them is missing".into());
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}
