//! The records of kprep's datasets and how they lie on disk: Arrow schemas, sharded Parquet,
//! manifest, dataset card, checks.
//!
//! This crate knows no source format and no model: `ingest`, `parse` and `align` make its records,
//! `ktrain` reads them.

mod aligned_document;
mod aligned_page;
mod card;
mod columns;
mod croissant;
mod dataset;
mod distribution;
mod entity;
mod entity_id;
mod error;
mod fingerprint;
mod funnel;
mod hash;
mod head;
mod manifest;
mod page;
mod partial;
mod parts;
mod position;
mod property;
mod record;
mod redirect;
mod reject;
mod relation;
mod relation_count;
mod shard_reader;
mod shard_writer;
mod share;
mod split;
mod table;
pub mod trex;
mod trex_json;
mod triple;
mod validate;
mod view;
mod words;

pub use aligned_page::AlignedPage;
pub use card::Card;
pub use dataset::{Dataset, DatasetWriter, Provenance, REJECTS};
pub use distribution::{Bin, Distribution, Spread};
pub use entity::Entity;
pub use entity_id::EntityId;
pub use error::{Error, Result, with_causes};
pub use fingerprint::Fingerprint;
pub use funnel::{Funnel, Loss, Stage, thousands};
pub use hash::{hex, sha256_file, stable_hash, stable_id};
pub use head::{HeadExample, NO_HEAD, TreeError, check_heads, check_tree};
pub use manifest::{DataFile, InputFile, MANIFEST, Manifest, Shard};
pub use page::Page;
pub use partial::check_free;
pub use parts::{Job, PROGRESS, Parts, Place};
pub use position::Position;
pub use property::Property;
pub use record::{Record, Rules};
pub use redirect::Redirect;
pub use reject::Reject;
pub use relation::RelationExample;
pub use relation_count::RelationCount;
pub use shard_reader::{ShardReader, visit_text_column};
pub use share::Share;
pub use split::{GroupBy, Split, Splitter};
pub use table::{Table, TablePart};
pub use trex_json::write_document;
pub use triple::{Qualifier, Rank, Triple, Value};
pub use validate::{Report, validate};
pub use view::{Names, PageTitles, Statement, View};
pub use words::Words;
