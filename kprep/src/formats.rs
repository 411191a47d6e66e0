//! Formats of other programs: one file for each, its reader and its writer side by side.
//!
//! Readers make rows of what they are given, writers say with [`kprep_schemas::Unfit`] what a
//! format cannot hold. CoNLL-U is read by `kprep-parse`, T-REx's JSON by `kprep-ingest`.

pub(crate) mod conllu;
pub(crate) mod export;
pub(crate) mod export_counts;
pub(crate) mod export_format;
pub(crate) mod export_output;
pub mod find_head;
pub mod kadapter;
mod relation_json;
pub mod tacred;
pub mod trex;
