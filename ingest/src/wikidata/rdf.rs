//! Truthy N-Triples: the entities in a block of lines.

use kprep_schemas::{EntityId, Position, Value};
use oxrdf::{NamedOrBlankNode, Term};
use oxttl::NTriplesParser;

use super::rdf_entity::{Faults, RdfEntity, TermKind};
use super::rdf_value::{datatype_of_property, entity_id, title, value};
use super::selection::Selection;
use crate::LineBlock;

/// What stands in a block of lines.
#[derive(Debug, Default)]
pub struct RdfBlock {
    /// The entities in their order. The first one may be the last one of the block before: see
    /// [`RdfEntity::merge`].
    pub entities: Vec<RdfEntity>,
    /// What is wrong with the lines before them.
    pub before: Faults,
}

/// Reads a block of the lines of a truthy dump, whose lines about one entity stand together.
///
/// Each line is parsed alone, so that a malformed one costs itself. Terms in several predicates
/// (`rdfs:label`, `skos:prefLabel`, `schema:name`) count once, and so do external ids that stand
/// there as addresses, too (`wdtn:`).
pub fn read_rdf(block: &LineBlock, selection: &Selection) -> RdfBlock {
    let mut read = RdfBlock::default();
    let lines = block.lines().map(|(at, line)| (at, line.trim_ascii()));
    for (at, line) in lines.filter(|(_, line)| line[0] != b'#') {
        match NTriplesParser::new().lenient().for_slice(line).next() {
            Some(Ok(triple)) => read.add(at, triple, selection),
            Some(Err(error)) => read.malformed(at, error.message().to_owned()),
            None => {}
        }
    }
    read
}

const SCHEMA: &str = "http://schema.org/";
const WIKIDATA: &str = "http://www.wikidata.org/";
const ONTOLOGY: &str = "http://wikiba.se/ontology#";
const TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";
const LABEL: &str = "http://www.w3.org/2000/01/rdf-schema#label";
const ALIAS: &str = "http://www.w3.org/2004/02/skos/core#altLabel";
const SAME_AS: &str = "http://www.w3.org/2002/07/owl#sameAs";

/// What says nothing that is not said otherwise, or nothing about an entity.
const PASSED_OVER: [&str; 11] = [
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://schema.org/name",
    "http://schema.org/version",
    "http://schema.org/dateModified",
    "http://schema.org/softwareVersion",
    "http://schema.org/inLanguage",
    "http://schema.org/isPartOf",
    "http://creativecommons.org/ns#license",
    "http://wikiba.se/ontology#statements",
    "http://wikiba.se/ontology#identifiers",
    "http://wikiba.se/ontology#timestamp",
];

impl RdfBlock {
    fn add(&mut self, at: Position, triple: oxrdf::Triple, selection: &Selection) {
        let oxrdf::Triple {
            subject,
            predicate,
            object,
        } = triple;
        let NamedOrBlankNode::NamedNode(subject) = subject else {
            self.faults().unknown += 1;
            return;
        };
        let (subject, predicate) = (subject.as_str(), predicate.as_str());
        if let Some(id) = entity_id(subject) {
            let entity = self.entity(at, id);
            if !add(entity, predicate, object, selection) {
                self.faults().unknown += 1;
            }
            return;
        }
        let about = predicate.strip_prefix(SCHEMA) == Some("about");
        match object {
            Term::NamedNode(object) if about => {
                let Some(id) = entity_id(object.as_str()) else {
                    return;
                };
                let is_page = !subject.contains("/Special:EntityData/");
                let entity = self.entity(at, id);
                entity.sitelinks += u32::from(is_page);
                if let Some(title) = title(subject, &selection.site) {
                    entity.title = Some(title);
                }
            }
            // The number of pages on other sites, where the dump has none of them.
            Term::Literal(count) if predicate.strip_prefix(ONTOLOGY) == Some("sitelinks") => {
                let id = subject.rsplit_once('/').and_then(|(_, id)| id.parse().ok());
                if let (Some(id), Ok(count)) = (id, count.value().parse()) {
                    self.entity(at, id).stated_sitelinks = count;
                }
            }
            _ if PASSED_OVER.contains(&predicate) || predicate == TYPE => {}
            _ => self.faults().unknown += 1,
        }
    }

    /// Notes a line that is not what it should be.
    pub fn malformed(&mut self, at: Position, why: String) {
        self.faults().malformed.push((at, why));
    }

    fn faults(&mut self) -> &mut Faults {
        match self.entities.last_mut() {
            Some(entity) => &mut entity.faults,
            None => &mut self.before,
        }
    }

    /// The entity that a line is about: the one of the lines before, or a new one.
    fn entity(&mut self, at: Position, id: EntityId) -> &mut RdfEntity {
        if self.entities.last().is_none_or(|last| last.id != id) {
            self.entities.push(RdfEntity::new(id, at));
        }
        let last = self.entities.len() - 1;
        &mut self.entities[last]
    }
}

/// Adds what a line says about an entity; false if its predicate is not known.
fn add(entity: &mut RdfEntity, predicate: &str, object: Term, selection: &Selection) -> bool {
    if let Some(id) = predicate
        .strip_prefix(WIKIDATA)
        .and_then(|rest| rest.strip_prefix("prop/direct/"))
    {
        let Some(property) = property_id(id) else {
            return false;
        };
        let (value, datatype) = value(object);
        entity.statement(property, value, datatype, selection);
        return true;
    }
    if predicate.starts_with("http://www.wikidata.org/prop/direct-normalized/") {
        return true;
    }
    match (predicate, object) {
        (LABEL, Term::Literal(text)) => entity.term(TermKind::Label, &text, selection),
        (ALIAS, Term::Literal(text)) => entity.term(TermKind::Alias, &text, selection),
        ("http://schema.org/description", Term::Literal(text)) => {
            entity.term(TermKind::Description, &text, selection);
        }
        (TYPE, Term::NamedNode(class)) => {
            let novalue = class
                .as_str()
                .strip_prefix("http://www.wikidata.org/prop/novalue/");
            if let Some(property) = novalue.and_then(property_id) {
                entity.statement(property, Value::NoValue, "unknown".into(), selection);
            }
        }
        ("http://wikiba.se/ontology#propertyType", Term::NamedNode(kind)) => {
            entity.datatype = Some(datatype_of_property(kind.as_str()));
        }
        (SAME_AS, Term::NamedNode(other)) if entity_id(other.as_str()).is_some() => {
            entity.is_redirect = true;
        }
        // How a property is spelt in the other parts of the RDF model.
        (predicate, _) if PASSED_OVER.contains(&predicate) => {}
        (predicate, _) if predicate.starts_with(ONTOLOGY) => {}
        _ => return false,
    }
    true
}

/// A property's id: a statement has nothing else for a property.
fn property_id(text: &str) -> Option<EntityId> {
    let id: Option<EntityId> = text.parse().ok();
    id.filter(|id| id.as_property().is_some())
}
