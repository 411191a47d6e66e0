//! An entity of a truthy dump, put together from its lines.

use std::borrow::Cow;

use kprep_schemas::{EntityId, Position, Triple, Value};
use oxrdf::Literal;

use super::entity_line::Terms as Texts;
use super::extract::{Extract, Line, Row, Selection, StatementCounts, item_of, property_of};
use super::rdf::{Faults, Terms, best_ranked};

/// What the lines so far say about an entity.
#[derive(Debug)]
pub struct RdfEntity {
    /// Its id.
    pub id: EntityId,
    /// Its first line.
    pub start: Position,
    /// What is wrong with lines among and behind its own.
    pub faults: Faults,
    pub(super) labels: Texts<'static>,
    pub(super) descriptions: Texts<'static>,
    pub(super) aliases: Texts<'static>,
    pub(super) title: Option<String>,
    /// Pages on other sites, one by one, and as the dump states their number.
    pub(super) sitelinks: u32,
    pub(super) stated_sitelinks: u32,
    /// Kind of the values of a property.
    pub(super) datatype: Option<String>,
    pub(super) is_redirect: bool,
    /// The statements with a property that is wanted.
    triples: Vec<Triple>,
    other_property: u64,
}

impl RdfEntity {
    pub(super) fn new(id: EntityId, start: Position) -> Self {
        Self {
            id,
            start,
            faults: Faults::default(),
            labels: Vec::new(),
            descriptions: Vec::new(),
            aliases: Vec::new(),
            title: None,
            sitelinks: 0,
            stated_sitelinks: 0,
            datatype: None,
            is_redirect: false,
            triples: Vec::new(),
            other_property: 0,
        }
    }

    /// Adds what the lines of the next block say about the same entity.
    pub fn merge(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.labels.extend(other.labels);
        self.descriptions.extend(other.descriptions);
        self.aliases.extend(other.aliases);
        self.title = self.title.take().or(other.title);
        self.sitelinks += other.sitelinks;
        self.stated_sitelinks = self.stated_sitelinks.max(other.stated_sitelinks);
        self.datatype = self.datatype.take().or(other.datatype);
        self.is_redirect |= other.is_redirect;
        self.triples.extend(other.triples);
        self.other_property += other.other_property;
    }

    pub(super) fn term(&mut self, terms: Terms, text: &Literal, selection: &Selection) {
        let lang = text.language().unwrap_or_default();
        let Some(lang) = selection.langs.iter().position(|wanted| wanted == lang) else {
            return;
        };
        let list = match terms {
            Terms::Label => &mut self.labels,
            Terms::Description => &mut self.descriptions,
            Terms::Alias => &mut self.aliases,
        };
        list.push((lang, Cow::Owned(text.value().to_owned())));
    }

    pub(super) fn statement(
        &mut self,
        property: EntityId,
        value: Value,
        datatype: Cow<'static, str>,
        selection: &Selection,
    ) {
        if selection.wants(property) {
            let triple = best_ranked(self.id, property, value, datatype);
            self.triples.push(triple);
        } else {
            self.other_property += 1;
        }
    }

    /// What a line of a JSON dump with this entity would have given.
    pub fn finish(mut self, selection: &Selection) -> Line {
        let id = self.id;
        if self.is_redirect {
            return Line::Redirect(id);
        }
        let is_property = id.as_property().is_some();
        if !is_property && id.as_item().is_none() {
            return Line::OtherKind(id);
        }
        let values = self.triples.iter().map(|t| (t.property, &t.value));
        let claim = selection.claim.as_ref();
        let kept = claim.is_none_or(|claim| claim.keeps(&values));
        if !kept && !is_property {
            return Line::NotKept(id);
        }
        let classes = values.filter(|(p, _)| *p == EntityId::property(31));
        let classes = classes.filter(|(_, class)| matches!(class, Value::Entity(_)));
        let classes: Vec<String> = classes.map(|(_, class)| class.to_string()).collect();
        let row = if is_property {
            let datatype = self.datatype.take().unwrap_or_else(|| "unknown".to_owned());
            let row = property_of(
                id,
                &self.labels,
                &self.descriptions,
                &self.aliases,
                datatype,
            );
            if kept {
                Row::Property(row)
            } else {
                Row::Name(row)
            }
        } else {
            let mut row = item_of(
                id,
                &self.labels,
                &self.descriptions,
                &self.aliases,
                selection,
            );
            row.instance_of = classes.iter().map(String::as_str).collect();
            row.title = self.title.take();
            row.sitelinks = self.sitelinks.max(self.stated_sitelinks) as i32;
            Row::Item(row)
        };
        let mut counts = StatementCounts::default();
        if kept {
            counts.read = self.other_property + self.triples.len() as u64;
            self.triples
                .retain(|t| selection.keeps_property(t.property));
            counts.other_property = counts.read - self.triples.len() as u64;
        } else {
            self.triples.clear();
        }
        Line::Entity(Box::new(Extract {
            id,
            row,
            triples: self.triples,
            counts,
            unreadable: Vec::new(),
            odd_terms: 0,
        }))
    }
}
