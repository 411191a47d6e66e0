//! Knowledge graphs: facts as lines of three names, `OpenKE`'s files, UMLS's Rich Release Format, OBO.
//!
//! A reader a file: what belongs together by ids is put together by who calls them.

mod error;
mod lines;
mod obo;
mod openke;
mod rrf;
#[cfg(test)]
mod testing;
mod triples;

pub use error::{GraphError, GraphResult};
pub use lines::MAX_GRAPH_LINE;
pub use obo::{MAX_OBO_FRAME, OboItem, OboReader, OboTerm};
pub use openke::{NamedId, NumberedTriple, openke_names, openke_triples};
pub use rrf::{Atom, ConceptRelation, mrconso, mrdoc_inverses, mrrel, mrsty};
pub use triples::{NamedTriple, triples};
