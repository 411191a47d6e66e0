//! Opening compressed inputs, and one streaming reader a source format.
//!
//! This crate turns bytes into documents; it does not judge them (that is `align`'s part) and
//! never holds more than a batch of an input.
//!
//! # Example: the entities of a Wikidata dump
//!
//! A dump is read line by line, and no more than a block of lines is in memory. [`Input`] opens it, compressed or not.
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
//!
//! # Example: the documents of T-REx
//!
//! ```
//! use kprep_ingest::{JsonDocuments, parse_document};
//!
//! let json = r#"[{"docid": "Q1", "text": "Bell", "triples": []}]"#;
//! for (batch, error) in JsonDocuments::new(json.as_bytes()) {
//!     assert!(error.is_none());
//!     for (position, document) in batch.documents() {
//!         let document = parse_document(document?)?;
//!         println!("byte {}: {}", position.byte, document.text);
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod article;
mod bzip2;
mod class_names;
mod content;
mod decompress;
mod error;
mod found;
pub mod graph;
mod input;
mod json_documents;
mod line_blocks;
mod priors;
mod segmenter;
pub mod semcor;
mod sentences;
mod side_file;
mod stamp;
pub mod task;
mod test_item;
mod trex;
pub mod wikidata;
mod wikipedia;
mod wikitext;
mod word_vectors;
pub mod wordnet;
mod words;

pub use article::article;
pub use class_names::class_names;
pub use content::Content;
pub use decompress::{decompress, without_compression};
pub use error::{Error, Result};
pub use found::{Found, is_named};
pub use input::Input;
pub use json_documents::{Batch, JsonDocuments, MAX_DOCUMENT_BYTES, TooLarge};
pub use line_blocks::{LineBlock, LineBlocks, MAX_LINE_BYTES};
pub use priors::{MentionPriors, mention_priors};
pub use side_file::{MAX_SIDE_BYTES, SideFile};
pub use stamp::Checksum;
pub use test_item::{TestItem, TestItemError, parse_test_item};
pub use trex::parse_document;
pub use wikipedia::{
    Abstract, DumpPage, MAX_PAGE_BYTES, PageBlock, PageBlocks, RedirectLoss, Redirects,
    RedirectsBuilder, Site, Target, clean_title, dbpedia_language, parse_abstract, parse_page,
};
pub use wikitext::{Link, PlainText, Sections, plain_text};
pub use word_vectors::{WordVector, word_vectors};
pub use words::words;
