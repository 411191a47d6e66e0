//! The records of kprep's datasets and how they lie on disk: Arrow schemas, sharded Parquet,
//! manifest, dataset card, checks.
//!
//! This crate knows no source format and no model: `ingest`, `parse` and `align` make its records,
//! `ktrain` reads them.
//!
//! ```
//! use kprep_schemas::{Dataset, RelationExample, Split};
//! # use kprep_schemas::{Card, DatasetWriter, Funnel, GroupBy, OutputDir, Provenance};
//! # let temporary = tempfile::tempdir()?;
//! # let folder = temporary.path().join("trex-rc");
//! # let out = OutputDir::claim(&folder, false)?;
//! # let mut writer = DatasetWriter::create(out, vec!["P17".into()])?;
//! # let text = "Bern is in Switzerland".into();
//! # let row = RelationExample { relation: "P17".into(), text, ..RelationExample::default() };
//! # writer.push(Split::Train, row)?;
//! # let provenance = Provenance {
//! #     objective: None,
//! #     command: "import",
//! #     arguments: serde_json::Map::new(),
//! #     seed: 42,
//! #     split_by: GroupBy::Document,
//! #     inputs: Vec::new(),
//! #     funnel: Funnel::new("records", 1),
//! # };
//! # writer.finish(provenance, &Card::default())?;
//!
//! let dataset = Dataset::open(&folder)?;
//! for row in dataset.rows::<RelationExample>(Split::Train)? {
//!     let row = row?;
//!     println!("{}: {}", row.relation, row.text); // P17: Bern is in Switzerland
//! #   assert_eq!((&*row.relation, &*row.text), ("P17", "Bern is in Switzerland"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
extern crate self as kprep_schemas; // the name in tests/shared/example_rows.rs

mod aligned_page;
mod any_record;
mod batches;
mod block;
mod card;
mod choice;
mod classes;
mod cloze;
mod column;
mod concept;
mod croissant;
mod dataset;
mod dataset_writer;
mod dependency;
mod distribution;
mod durable;
mod entity;
mod entity_id;
mod entity_table;
mod error;
#[cfg(test)]
#[path = "../../tests/shared/example_rows.rs"]
mod example_rows;
mod fact;
mod file_sums;
mod fingerprint;
mod folder_card;
mod folder_lock;
mod funnel;
mod hash;
mod json_lines;
mod label;
mod languages;
mod lexfile;
mod link;
mod manifest;
mod output_dir;
mod overlap;
mod ownership;
mod page;
mod pair;
mod parquet_file;
mod parts;
mod position;
mod printable;
mod property;
mod question;
mod record;
mod redirect;
mod reject;
mod relation;
mod relation_count;
mod rows_from_json;
mod safe_path;
mod seal;
mod shard_file;
mod shard_reader;
mod shard_writer;
mod share;
mod spans;
mod split;
mod synset;
mod table;
pub mod trex;
mod triple;
mod typing;
mod unfit;
mod until_error;
mod validate;
mod value;
mod value_columns;
mod view;
mod words;

pub use aligned_page::AlignedPage;
pub use any_record::{RECORD_NAMES, Work, for_record};
pub use block::Block;
pub use card::Card;
pub use choice::ChoiceExample;
pub use classes::{Class, Classes};
pub use cloze::ClozeExample;
pub use column::Column;
pub use concept::Concept;
pub use dataset::Dataset;
pub use dataset_writer::{DatasetWriter, Provenance, REJECTS};
pub use dependency::{DependencyExample, NO_HEAD, TreeError, check_heads, check_tree};
pub use distribution::{Bin, Distribution, Spread};
pub use durable::{is_mount_point, replace, resolve_out, sync_dir, sync_tree};
pub use entity::Entity;
pub use entity_id::EntityId;
pub use error::{Error, Result, with_causes};
pub use fact::Fact;
pub use fingerprint::Fingerprint;
pub use folder_lock::FolderLock;
pub use funnel::{Funnel, Loss, Stage, thousands};
pub(crate) use hash::sha256;
pub use hash::{hex, sha256_file, stable_hash, stable_id};
pub use json_lines::JsonLines;
pub use label::LabelExample;
pub use languages::languages;
pub use lexfile::{LEXFILES, lexfile_number};
pub use link::LinkExample;
pub use manifest::{DataFile, InputFile, MANIFEST, Manifest, Shard, is_dataset};
pub use output_dir::{OutputDir, Replaces};
pub use overlap::Overlap;
pub use page::Page;
pub use pair::PairExample;
pub use parts::{Job, PROGRESS, Parts, Place};
pub use position::Position;
pub use printable::printable;
pub use property::Property;
pub use question::QuestionExample;
pub use record::{Record, Rules};
pub use redirect::Redirect;
pub use reject::Reject;
pub use relation::RelationExample;
pub use relation_count::RelationCount;
pub use rows_from_json::rows_from_json;
pub use safe_path::{file_below, is_below, is_plain_name};
pub use shard_reader::{ShardReader, visit_text_column};
pub use share::Share;
pub use split::{GroupBy, Split, Splitter};
pub use synset::Synset;
pub use table::{Table, TablePart};
pub use triple::{Qualifier, Rank, Triple};
pub use typing::TypingExample;
pub use unfit::Unfit;
pub use until_error::UntilError;
pub use validate::{Report, validate};
pub use value::Value;
pub use view::{Names, PageTitles, Statement, View};
pub use words::Words;
