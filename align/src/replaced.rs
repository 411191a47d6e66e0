//! Texts in which some entities are replaced by others of their kind: what WKLM learns to tell.

mod chunk;
mod draw;
mod pools;

pub use chunk::{Chunk, Chunked, Slot, chunks};
pub use draw::{Related, Replaced, ReplacedOptions, Replacer};
pub use pools::Pools;
