//! T-REx's JSON documents, made of relation examples or of aligned pages.
//!
//! `kprep_ingest::parse_document` reads them; `kprep_schemas::trex` has the document that it gives,
//! which `kprep-align` works on.

mod aligned_page;
mod json;
mod relation_document;

pub use aligned_page::{document, write_document};
pub use relation_document::RelationDocument;
