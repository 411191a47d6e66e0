//! What becomes of the statements of an entity.

use kprep_schemas::{EntityId, Qualifier, Rank, Triple, Value, Words};
use serde::{Deserialize, Serialize};

use super::entity_line::{EntityLine, Statement};
use super::selection::{INSTANCE_OF, Ranks, Selection};
use super::snak::Unreadable;

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

/// The statements of an entity on their way to triples.
pub(super) struct Statements {
    subject: EntityId,
    pub(super) triples: Vec<Triple>,
    pub(super) counts: StatementCounts,
    pub(super) unreadable: Vec<(String, &'static str)>,
}

impl Statements {
    pub(super) fn new(subject: EntityId) -> Self {
        Self {
            subject,
            triples: Vec::new(),
            counts: StatementCounts::default(),
            unreadable: Vec::new(),
        }
    }

    pub(super) fn add_all(&mut self, entity: &EntityLine<'_>, selection: &Selection) {
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

/// The classes of an entity, by its best-ranked P31 statements.
pub(super) fn instance_of(entity: &EntityLine<'_>) -> Words {
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
