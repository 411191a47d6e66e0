//! Wordnets: the files of WNDB (Princeton's format, wndb(5WN), senseidx(5WN), cntlist(5WN)) and WN-LMF XML.
//!
//! A reader a file: what belongs together by offsets and ids is put together by who calls them.

mod data;
pub(crate) mod error;
mod exceptions;
mod gloss;
mod index;
pub(crate) mod lines;
mod lmf;
mod lmf_items;
pub(crate) mod lmf_xml;
mod part;
pub(crate) mod placed;
mod relations;
mod sense_index;

pub use data::{DataSynset, DataWord, Pointer, data_synsets, notice_lines};
pub use error::{WordNetError, WordNetResult};
pub use exceptions::{Exception, exceptions};
pub use index::{IndexEntry, index_entries};
pub use lines::MAX_WNDB_LINE;
pub use lmf::{LmfReader, MAX_LMF_ITEM};
pub use lmf_items::{LmfEntry, LmfItem, LmfLexicon, LmfRelation, LmfSense, LmfSynset};
pub use part::Part;
pub use sense_index::{IndexedSense, SenseCount, cntlist, cntlist_rev, sense_index};
