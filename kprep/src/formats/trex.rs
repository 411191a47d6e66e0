//! T-REx's JSON documents, made of relation examples or of aligned pages.
//!
//! `kprep_ingest::parse_document` reads them; `kprep_schemas::trex` has the document that it gives,
//! which `kprep-align` works on.

mod aligned_page;
mod json;
mod relation_document;

use kprep_schemas::AlignedPage;
use kprep_schemas::trex::{Document, Linked};

pub use aligned_page::{document, write_document};
pub use relation_document::RelationDocument;

/// The aligned page of a document.
///
/// # Errors
/// What is wrong with the JSON, or what the document lacks ([`kprep_align::trex_page`]).
pub fn read_page(json: &[u8]) -> Result<AlignedPage, String> {
    let document: Document<'_> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    // Another reader of the same text: what builds relation datasets has no use for the list.
    let linked: Linked<'_> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    kprep_align::trex_page(&document, &linked).map_err(str::to_owned)
}
