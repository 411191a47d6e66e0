//! What is wanted of a dump.

use std::collections::BTreeSet;

use kprep_schemas::EntityId;

use super::ClaimFilter;

/// What a statement's class has to be.
pub(super) const INSTANCE_OF: u64 = 31;

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
    pub(super) fn passes_over(&self, line: &[u8]) -> Option<EntityId> {
        let claim = self.claim.as_ref()?;
        let id = line.strip_prefix(br#"{"type":"item","id":""#)?;
        let end = id.iter().position(|&byte| byte == b'"')?;
        let id = std::str::from_utf8(&id[..end]).ok()?.parse().ok()?;
        (!claim.may_keep(line)).then_some(id)
    }
}
