//! An entity of a truthy dump, put together from its lines.

use std::borrow::Cow;

use kprep_schemas::{Entity, EntityId, Position, Property, Rank, Triple, Value, Words};
use oxrdf::Literal;

use super::extract::{Extract, Line, Row};
use super::selection::{INSTANCE_OF, Selection};
use super::statements::StatementCounts;
use super::terms::Terms;

/// What the lines so far say about an entity.
#[derive(Debug)]
pub struct RdfEntity {
    /// Its id.
    pub id: EntityId,
    /// Its first line.
    pub start: Position,
    /// What is wrong with lines among and behind its own.
    pub faults: Faults,
    terms: Terms<'static>,
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

/// Lines that are of no use. They belong to the entity whose lines they stand among or behind.
#[derive(Debug, Default)]
pub struct Faults {
    /// Those that are not what they should be, and why.
    pub malformed: Vec<(Position, String)>,
    /// Those with a predicate that is not known.
    pub unknown: u64,
}

impl Faults {
    /// Adds those of the lines behind.
    pub fn extend(&mut self, other: Self) {
        self.malformed.extend(other.malformed);
        self.unknown += other.unknown;
    }
}

/// What a text is to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermKind {
    Label,
    Description,
    Alias,
}

impl RdfEntity {
    pub(super) fn new(id: EntityId, start: Position) -> Self {
        Self {
            id,
            start,
            faults: Faults::default(),
            terms: Terms::default(),
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
        self.terms.extend(other.terms);
        self.title = self.title.take().or(other.title);
        self.sitelinks += other.sitelinks;
        self.stated_sitelinks = self.stated_sitelinks.max(other.stated_sitelinks);
        self.datatype = self.datatype.take().or(other.datatype);
        self.is_redirect |= other.is_redirect;
        self.triples.extend(other.triples);
        self.other_property += other.other_property;
    }

    pub(super) fn term(&mut self, kind: TermKind, text: &Literal, selection: &Selection) {
        let lang = text.language().unwrap_or_default();
        let Some(lang) = selection.langs.iter().position(|wanted| wanted == lang) else {
            return;
        };
        let list = match kind {
            TermKind::Label => &mut self.terms.labels,
            TermKind::Description => &mut self.terms.descriptions,
            TermKind::Alias => &mut self.terms.aliases,
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
        let row = match (is_property, kept) {
            (false, _) => Row::Item(self.item(selection)),
            (true, true) => Row::Property(self.property()),
            (true, false) => Row::Name(self.property()),
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

    fn item(&mut self, selection: &Selection) -> Entity {
        let mut instance_of = Words::default();
        for triple in &self.triples {
            if triple.property == EntityId::property(INSTANCE_OF)
                && let Value::Entity(class) = &triple.value
            {
                instance_of.push(&class.to_string());
            }
        }
        Entity {
            instance_of,
            title: self.title.take(),
            sitelinks: self.sitelinks.max(self.stated_sitelinks) as i32,
            ..self.terms.item(self.id, &selection.langs)
        }
    }

    fn property(&mut self) -> Property {
        let datatype = self.datatype.take().unwrap_or_else(|| "unknown".to_owned());
        self.terms.property(self.id, datatype)
    }
}

/// A statement of a truthy dump, which has nothing but the best-ranked ones.
fn best_ranked(
    subject: EntityId,
    property: EntityId,
    value: Value,
    datatype: Cow<'static, str>,
) -> Triple {
    Triple {
        subject,
        property,
        rank: Rank::Normal,
        datatype,
        value,
        qualifiers: Vec::new(),
    }
}
