//! Knowledge sources to sharded Parquet datasets: what the program `kprep` is made of.
//!
//! The crate trains nothing and knows no model: `ktrain` reads what it writes. Readers of dumps are
//! in `kprep-ingest` and `kprep-parse`, the alignment of facts and text in `kprep-align`, records
//! and dataset folders in `kprep-schemas`. Folders import in one direction, each only those below
//! it:
//!
//! - `commands`: each command's `run`, a sequence of calls.
//! - `sources`: each source of datasets: its arguments, its rows and its card.
//! - `datasets`: whole datasets of any record type, merged, sampled, compared.
//! - `report`: statistics of a dataset as text, charts and an HTML page.
//! - [`formats`]: formats of other programs, each with its reader and its writer.
//! - `build`: what all builds share: inputs, threads, progress, parts, malformed records, summary.
//! - `flags`, `threads`, `console`: flags that commands share, worker threads, and what is printed.
//!
//! ```
//! use kprep::formats::tacred::{Tacred, from_tacred};
//!
//! let json = r#"{"id": "e1", "docid": "d", "relation": "org:founded_by",
//!     "token": ["Ann", "founded", "Acme"], "subj_start": 2, "subj_end": 2,
//!     "obj_start": 0, "obj_end": 0, "subj_type": "ORGANIZATION", "obj_type": "PERSON"}"#;
//! let row = from_tacred(json.as_bytes())?;
//! assert_eq!(row.text, "Ann founded Acme");
//! let written = serde_json::to_string(&Tacred::new(&row, &row.relation))?;
//! assert_eq!(from_tacred(written.as_bytes())?, row);
//! # Ok::<(), serde_json::Error>(())
//! ```

mod build;
mod commands;
mod console;
mod datasets;
#[cfg(test)]
#[path = "../../tests/shared/example_rows.rs"]
mod example_rows;
mod flags;
pub mod formats;
mod report;
mod sources;
mod threads;

pub use commands::main;
