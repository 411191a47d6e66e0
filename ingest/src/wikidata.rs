//! Wikidata's dumps: entities from the lines of a JSON dump.

mod blocks;
mod claim;
mod counts;
mod entity_line;
mod extract;
mod known_ids;
mod snak;

pub use blocks::{LineBlock, LineBlocks, MAX_LINE_BYTES};
pub use claim::{ClaimFilter, ClaimSyntax};
pub use counts::Counts;
pub use extract::{Extract, Line, Ranks, Row, Selection, StatementCounts, read_line};
pub use known_ids::KnownIds;
