//! From a line of a JSON dump to the rows that it gives.

use kprep_schemas::{Entity, EntityId, Property, Triple, Value};

use super::ClaimFilter;
use super::entity_line::{EntityLine, parse};
use super::selection::Selection;
use super::statements::{StatementCounts, Statements, instance_of};

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
    let id: EntityId = entity
        .id
        .take()
        .ok_or("an entity without an id")?
        .parse()
        .map_err(|e| format!("{e}"))?;
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

fn item(id: EntityId, entity: &EntityLine<'_>, selection: &Selection) -> Entity {
    Entity {
        instance_of: instance_of(entity),
        sitelinks: entity.sitelinks as i32,
        title: entity.title.as_deref().map(str::to_owned),
        ..entity.terms.item(id, &selection.langs)
    }
}

fn property(id: EntityId, entity: EntityLine<'_>) -> Result<Property, String> {
    let datatype = entity.datatype.ok_or("a property without a datatype")?;
    Ok(entity.terms.property(id, datatype.into_owned()))
}
