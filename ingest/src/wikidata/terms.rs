//! What an entity is called: labels, descriptions and aliases in the languages of the chain.

use std::borrow::Cow;

use kprep_schemas::{Entity, EntityId, Property, Words};

/// A text, and the number of its language in the chain.
pub(super) type Term<'a> = (usize, Cow<'a, str>);

/// The names of an entity.
#[derive(Debug, Default)]
pub(super) struct Terms<'a> {
    pub(super) labels: Vec<Term<'a>>,
    pub(super) descriptions: Vec<Term<'a>>,
    pub(super) aliases: Vec<Term<'a>>,
}

impl Terms<'_> {
    /// Adds the names in further lines.
    pub(super) fn extend(&mut self, other: Self) {
        self.labels.extend(other.labels);
        self.descriptions.extend(other.descriptions);
        self.aliases.extend(other.aliases);
    }

    /// An item that is called so, of which nothing else is known.
    pub(super) fn item(&self, id: EntityId, langs: &[String]) -> Entity {
        let label = first(&self.labels);
        Entity {
            id: id.to_string(),
            aliases: self.other_names(label),
            label_lang: label.map(|(lang, _)| langs[*lang].clone()),
            label: text(label),
            description: text(first(&self.descriptions)),
            instance_of: Words::default(),
            title: None,
            sitelinks: 0,
        }
    }

    /// A property that is called so.
    pub(super) fn property(&self, id: EntityId, datatype: String) -> Property {
        let label = first(&self.labels);
        Property {
            id: id.to_string(),
            aliases: self.other_names(label),
            label: text(label),
            description: text(first(&self.descriptions)),
            datatype,
        }
    }

    /// Aliases and further labels, by the order of the languages, each once.
    fn other_names(&self, label: Option<&Term<'_>>) -> Words {
        let mut names: Vec<_> = self.labels.iter().chain(&self.aliases).collect();
        names.sort_by_key(|(lang, _)| *lang);
        let mut words = Words::default();
        let mut seen: Vec<&str> = label.map(|(_, text)| &**text).into_iter().collect();
        for (_, name) in names {
            if !seen.contains(&&**name) {
                seen.push(name);
                words.push(name);
            }
        }
        words
    }
}

fn text(term: Option<&Term<'_>>) -> Option<String> {
    term.map(|(_, text)| text.clone().into_owned())
}

/// The text in the first language of the chain that has one.
fn first<'t, 'a>(terms: &'t [Term<'a>]) -> Option<&'t Term<'a>> {
    terms.iter().min_by_key(|(lang, _)| *lang)
}
