//! Wikidata's dumps: entities from the lines of a JSON dump, or of truthy N-Triples.
//!
//! The crate's front page has an example.

mod claim;
mod counts;
mod entity_line;
mod extract;
mod known_ids;
mod members;
mod rdf;
mod rdf_entity;
mod rdf_value;
mod selection;
mod snak;
mod statements;
mod terms;

pub use claim::{ClaimFilter, ClaimSyntax};
pub use counts::Counts;
pub use extract::{Extract, Line, Row, read_line};
pub use known_ids::KnownIds;
pub use rdf::{RdfBlock, read_rdf};
pub use rdf_entity::{Faults, RdfEntity};
pub use selection::{Ranks, Selection};
pub use statements::StatementCounts;
