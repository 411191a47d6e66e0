//! From a line of a JSON dump to the rows that it gives.

use std::borrow::Cow;
use std::collections::BTreeSet;

use kprep_schemas::{Entity, EntityId, Property, Qualifier, Rank, Triple, Value, Words};
use serde::{Deserialize, Serialize};

use super::ClaimFilter;
use super::entity_line::{EntityLine, Statement, Terms, parse};
use super::snak::Unreadable;

/// What a statement's class has to be.
const INSTANCE_OF: u64 = 31;

/// Which statements count as facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ranks {
    /// The preferred ones of a property, or the normal ones where there are none: the ones that
    /// Wikidata calls truthy. Deprecated ones never.
    Best,
    /// All, deprecated ones too.
    All,
}

/// What is wanted of a dump.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Which statements.
    pub ranks: Ranks,
    /// Languages of labels, descriptions and aliases, the first one first.
    pub langs: Vec<String>,
    /// Site of the title, e.g. `enwiki`.
    pub site: String,
    /// Statements with these properties; `None` for all.
    pub properties: Option<BTreeSet<EntityId>>,
    /// Items and statements of the entities that it keeps; `None` for all.
    pub claim: Option<ClaimFilter>,
}

/// What a line gives.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    /// The bracket around all entities.
    Bracket,
    /// An item or property.
    Entity(Box<Extract>),
    /// An item that the filter does not keep.
    NotKept(EntityId),
    /// An id that stands for another entity since the two were merged.
    Redirect(EntityId),
    /// A lexeme or another kind of entity.
    OtherKind(EntityId),
    /// A line that is not what it should be, and why.
    Malformed(String),
}

/// An item or property with its statements.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract {
    /// Its id.
    pub id: EntityId,
    /// Its row.
    pub row: Row,
    /// Its statements.
    pub triples: Vec<Triple>,
    /// What became of all its statements.
    pub counts: StatementCounts,
    /// Why the unreadable ones cannot be read: property and reason.
    pub unreadable: Vec<(String, &'static str)>,
    /// Labels, descriptions, aliases and site links that cannot be read, and are left out.
    pub odd_terms: u64,
}

/// The row of an item or property.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// An item's.
    Item(Entity),
    /// A property's.
    Property(Property),
    /// A property's that the claim filter does not keep: its name is still of use, its statements
    /// are not kept.
    Name(Property),
}

/// Statements, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementCounts {
    /// All.
    pub read: u64,
    /// Their property was not chosen.
    pub other_property: u64,
    /// They are deprecated.
    pub deprecated: u64,
    /// There are better-ranked ones with the same property.
    pub not_best: u64,
    /// Their value, property or rank cannot be read.
    pub unreadable: u64,
    /// Qualifiers of kept statements that cannot be read, and are left out.
    pub unreadable_qualifiers: u64,
}

impl Selection {
    /// Whether statements with this property are needed.
    pub(super) fn wants(&self, property: EntityId) -> bool {
        self.keeps_property(property)
            || property.as_property() == Some(INSTANCE_OF)
            || self
                .claim
                .as_ref()
                .is_some_and(|claim| claim.asks_for(property))
    }

    pub(super) fn keeps_property(&self, property: EntityId) -> bool {
        let properties = self.properties.as_ref();
        properties.is_none_or(|properties| properties.contains(&property))
    }

    /// An item that the claim filter does not keep, known by what stands in its line and what does
    /// not, without parsing it.
    fn passes_over(&self, line: &[u8]) -> Option<EntityId> {
        let claim = self.claim.as_ref()?;
        let id = line.strip_prefix(br#"{"type":"item","id":""#)?;
        let end = id.iter().position(|&byte| byte == b'"')?;
        let id = std::str::from_utf8(&id[..end]).ok()?.parse().ok()?;
        (!claim.may_keep(line)).then_some(id)
    }
}

/// Reads a line of a JSON dump, without its line end: an entity with or without the comma behind
/// it, or a bracket.
///
/// Where the claim filter asks for something that stands nowhere in the line, the line is not
/// parsed; whether it is valid JSON then stays unknown.
pub fn read_line(line: &[u8], selection: &Selection) -> Line {
    let line = line.trim_ascii();
    let line = line.strip_prefix(b"[").unwrap_or(line).trim_ascii();
    let line = line.strip_suffix(b"]").unwrap_or(line).trim_ascii();
    let line = line.strip_suffix(b",").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Line::Bracket;
    }
    if let Some(id) = selection.passes_over(line) {
        return Line::NotKept(id);
    }
    match parse(line, selection) {
        Ok(entity) => extract(entity, selection).unwrap_or_else(Line::Malformed),
        // It counts from the start of the line, whose number the caller knows.
        Err(error) => Line::Malformed(error.to_string().replace(" at line 1 column", " at column")),
    }
}

fn extract(mut entity: EntityLine<'_>, selection: &Selection) -> Result<Line, String> {
    let id = entity.id.take().ok_or("an entity without an id")?;
    let id: EntityId = id.parse().map_err(|e| format!("{e}"))?;
    if entity.redirect.is_some() {
        return Ok(Line::Redirect(id));
    }
    let is_property = id.as_property().is_some();
    if !is_property && id.as_item().is_none() {
        return Ok(Line::OtherKind(id));
    }
    let kept = selection
        .claim
        .as_ref()
        .is_none_or(|claim| keeps(claim, &entity));
    if !kept && !is_property {
        return Ok(Line::NotKept(id));
    }
    let mut statements = Statements::new(id);
    if kept {
        statements.add_all(&entity, selection);
    }
    let odd_terms = entity.odd_terms;
    let row = match (is_property, kept) {
        (false, _) => Row::Item(item(id, &entity, selection)),
        (true, true) => Row::Property(property(id, entity)?),
        (true, false) => Row::Name(property(id, entity)?),
    };
    let Statements {
        triples,
        counts,
        unreadable,
        ..
    } = statements;
    Ok(Line::Entity(Box::new(Extract {
        id,
        row,
        triples,
        counts,
        unreadable,
        odd_terms,
    })))
}

/// Whether a filter keeps an entity. Statements that cannot be read do not count.
fn keeps(claim: &ClaimFilter, entity: &EntityLine<'_>) -> bool {
    let asked = entity.claims.iter().filter(|(p, _)| claim.asks_for(*p));
    let values: Vec<(EntityId, Value)> = asked
        .flat_map(|(p, statements)| statements.iter().map(|s| (*p, s)))
        .filter_map(|(p, statement)| Some((p, statement.mainsnak.value().ok()?)))
        .collect();
    claim.keeps(&values.iter().map(|(p, value)| (*p, value)))
}

impl Statement<'_> {
    /// Normal where none is stated; an error if it is none of Wikidata's.
    fn rank(&self) -> Result<Rank, Unreadable> {
        let Some(name) = self.rank.as_deref() else {
            return Ok(Rank::Normal);
        };
        Rank::named(name).ok_or(Unreadable("unknown rank"))
    }
}

/// The best rank among statements; `None` if all are deprecated.
fn best(statements: &[Statement<'_>]) -> Option<Rank> {
    let best = statements.iter().filter_map(|s| s.rank().ok()).max();
    best.filter(|&rank| rank > Rank::Deprecated)
}

struct Statements {
    subject: EntityId,
    triples: Vec<Triple>,
    counts: StatementCounts,
    unreadable: Vec<(String, &'static str)>,
}

impl Statements {
    fn new(subject: EntityId) -> Self {
        Self {
            subject,
            triples: Vec::new(),
            counts: StatementCounts::default(),
            unreadable: Vec::new(),
        }
    }

    fn add_all(&mut self, entity: &EntityLine<'_>, selection: &Selection) {
        self.counts.read += entity.not_wanted;
        self.counts.other_property += entity.not_wanted;
        for property in &entity.odd_statements {
            self.counts.read += 1;
            self.counts.unreadable += 1;
            let why = "a statement that is not what it should be";
            self.unreadable.push((property.clone(), why));
        }
        for (property, statements) in &entity.claims {
            self.counts.read += statements.len() as u64;
            if !selection.keeps_property(*property) {
                self.counts.other_property += statements.len() as u64;
                continue;
            }
            let best = best(statements);
            for statement in statements {
                let added = match statement.rank() {
                    Ok(Rank::Deprecated) if selection.ranks == Ranks::Best => {
                        self.counts.deprecated += 1;
                        continue;
                    }
                    Ok(rank) if selection.ranks == Ranks::Best && Some(rank) != best => {
                        self.counts.not_best += 1;
                        continue;
                    }
                    Ok(rank) => self.add(statement, rank),
                    Err(unknown) => Err(unknown),
                };
                if let Err(Unreadable(why)) = added {
                    self.counts.unreadable += 1;
                    self.unreadable.push((property.to_string(), why));
                }
            }
        }
    }

    fn add(&mut self, statement: &Statement<'_>, rank: Rank) -> Result<(), Unreadable> {
        let snak = &statement.mainsnak;
        let (property, value) = (snak.property()?, snak.value()?);
        let mut qualifiers = Vec::with_capacity(statement.qualifiers.0.len());
        for snak in &statement.qualifiers.0 {
            let (Ok(property), Ok(value)) = (snak.property(), snak.value()) else {
                self.counts.unreadable_qualifiers += 1;
                continue;
            };
            qualifiers.push(Qualifier {
                property,
                datatype: snak.datatype(),
                value: value.to_string(),
            });
        }
        self.triples.push(Triple {
            subject: self.subject,
            property,
            rank,
            datatype: snak.datatype(),
            value,
            qualifiers,
        });
        Ok(())
    }
}

fn item(id: EntityId, entity: &EntityLine<'_>, selection: &Selection) -> Entity {
    let EntityLine {
        labels,
        descriptions,
        aliases,
        ..
    } = entity;
    Entity {
        instance_of: instance_of(entity),
        sitelinks: entity.sitelinks as i32,
        title: entity.title.as_deref().map(str::to_owned),
        ..item_of(id, labels, descriptions, aliases, selection)
    }
}

fn property(id: EntityId, entity: EntityLine<'_>) -> Result<Property, String> {
    let EntityLine {
        labels,
        descriptions,
        aliases,
        datatype,
        ..
    } = entity;
    let datatype = datatype.ok_or("a property without a datatype")?;
    Ok(property_of(
        id,
        &labels,
        &descriptions,
        &aliases,
        datatype.into_owned(),
    ))
}

/// An item that is called so, of which nothing else is known.
pub(super) fn item_of(
    id: EntityId,
    labels: &Terms<'_>,
    descriptions: &Terms<'_>,
    aliases: &Terms<'_>,
    selection: &Selection,
) -> Entity {
    let label = first(labels);
    Entity {
        id: id.to_string(),
        aliases: other_names(labels, aliases, label),
        label_lang: label.map(|(lang, _)| selection.langs[*lang].clone()),
        label: text(label),
        description: text(first(descriptions)),
        instance_of: Words::default(),
        title: None,
        sitelinks: 0,
    }
}

/// A property that is called so.
pub(super) fn property_of(
    id: EntityId,
    labels: &Terms<'_>,
    descriptions: &Terms<'_>,
    aliases: &Terms<'_>,
    datatype: String,
) -> Property {
    let label = first(labels);
    Property {
        id: id.to_string(),
        aliases: other_names(labels, aliases, label),
        label: text(label),
        description: text(first(descriptions)),
        datatype,
    }
}

fn text(term: Option<&(usize, Cow<'_, str>)>) -> Option<String> {
    term.map(|(_, text)| text.clone().into_owned())
}

/// The text in the first language of the chain that has one.
fn first<'t, 'a>(terms: &'t Terms<'a>) -> Option<&'t (usize, Cow<'a, str>)> {
    terms.iter().min_by_key(|(lang, _)| *lang)
}

/// Aliases and further labels, by the order of the languages, each once.
fn other_names(
    labels: &Terms<'_>,
    aliases: &Terms<'_>,
    label: Option<&(usize, Cow<'_, str>)>,
) -> Words {
    let mut names: Vec<_> = labels.iter().chain(aliases).collect();
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

/// The classes of an entity, by its best-ranked P31 statements.
fn instance_of(entity: &EntityLine<'_>) -> Words {
    let mut classes = Words::default();
    let all = entity.claims.iter();
    for (_, statements) in all.filter(|(p, _)| p.as_property() == Some(INSTANCE_OF)) {
        let Some(best) = best(statements) else {
            continue;
        };
        for statement in statements.iter().filter(|s| s.rank() == Ok(best)) {
            if let Ok(Value::Entity(class)) = statement.mainsnak.value() {
                classes.push(&class.to_string());
            }
        }
    }
    classes
}
