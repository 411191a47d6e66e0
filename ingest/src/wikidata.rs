//! Wikidata's dumps: entities from the lines of a JSON dump, or of truthy N-Triples.
//!
//! ```
//! use kprep_ingest::LineBlocks;
//! use kprep_ingest::wikidata::{Line, Ranks, Row, Selection, read_line};
//!
//! let dump = r#"[
//! {"type":"item","id":"Q70","labels":{"en":{"language":"en","value":"Bern"}},"claims":{}},
//! {"type":"item","id":"Q39","labels":{"en":{"language":"en","value":"Switzerland"}},"claims":{}}
//! ]"#;
//! let selection = Selection {
//!     ranks: Ranks::Best,
//!     langs: vec!["en".into()],
//!     site: "enwiki".into(),
//!     properties: None,
//!     claim: None,
//! };
//! let mut labels = Vec::new();
//! for block in LineBlocks::of_dump(dump.as_bytes()) {
//!     for (position, line) in block?.lines() {
//!         match read_line(line, &selection) {
//!             Line::Entity(entity) => match entity.row {
//!                 Row::Item(item) => labels.extend(item.label),
//!                 Row::Property(property) | Row::Name(property) => labels.extend(property.label),
//!             },
//!             Line::Malformed(why) => eprintln!("line {}: {why}", position.line),
//!             _ => {} // a bracket, a redirect, a lexeme
//!         }
//!     }
//! }
//! assert_eq!(labels, ["Bern", "Switzerland"]);
//! # Ok::<(), kprep_ingest::Error>(())
//! ```

mod claim;
mod counts;
mod entity_line;
mod extract;
mod known_ids;
mod members;
mod rdf;
mod rdf_entity;
mod rdf_value;
mod snak;
mod statements;
mod terms;

pub use claim::{ClaimFilter, ClaimSyntax};
pub use counts::Counts;
pub use extract::{Extract, Line, Ranks, Row, Selection, read_line};
pub use known_ids::KnownIds;
pub use rdf::{Faults, RdfBlock, read_rdf};
pub use rdf_entity::RdfEntity;
pub use statements::StatementCounts;
