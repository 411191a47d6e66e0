//! Facts and text to relation examples: spans, duplicates, pair counts, aligners.
//!
//! This crate sees documents that are already parsed and gives rows. The only files that it opens
//! are the facts of [`distant`].
//!
//! ```
//! use kprep_align::{Options, align};
//! use kprep_schemas::trex::Document;
//!
//! let json = r#"{"docid": "Q1", "text": "Bern is in Switzerland", "triples": [{
//!     "subject": {"uri": "Q70", "boundaries": [0, 4], "surfaceform": "Bern"},
//!     "predicate": {"uri": "http://www.wikidata.org/prop/direct/P17"},
//!     "object": {"uri": "Q39", "boundaries": [11, 22], "surfaceform": "Switzerland"}}],
//!     "sentences_boundaries": [[0, 22]],
//!     "words_boundaries": [[0, 4], [5, 7], [8, 10], [11, 22]]}"#;
//! let document: Document = serde_json::from_str(json)?;
//! let aligned = align(&document, &Options::default());
//! let row = aligned.facts[0].to_row(&aligned.doc, Some(0));
//! assert_eq!((row.relation.as_str(), row.obj_start), ("P17", 3));
//! # Ok::<(), serde_json::Error>(())
//! ```

mod boundaries;
mod closed_class;
mod count;
pub mod distant;
mod draws;
mod examples;
mod fact;
pub mod facts;
mod graph;
mod hypernyms;
mod interner;
mod lexicon;
mod linking;
mod loss;
mod offsets;
mod property_labels;
mod relation_set;
mod relation_stats;
mod relation_summary;
mod relations;
mod replaced;
mod supersenses;
pub mod synonyms;
mod test_sets;
mod trex_page;
mod wikidata_id;

pub use count::{FactKey, PairCounts, RelationTotal, Threshold};
pub use examples::{OwnWord, SynsetExample, examples};
pub use fact::{Aligned, AlignedDocument, DocumentRows, Fact, MultiLabel, Options, align};
pub use graph::Graph;
pub use hypernyms::Hypernyms;
pub use lexicon::{Lexicon, Sense, lemma};
pub use linking::{LinkSpan, Priors, link_row, sense_candidates};
pub use loss::{Loss, LossCounts, Lost};
pub use property_labels::PropertyLabels;
pub use relation_set::{LabelledDocument, Labels, Outcome, RelationSet};
pub use relation_stats::RelationStats;
pub use relation_summary::{Named, RelationSummary};
pub use relations::Relations;
pub use replaced::{
    Chunk, Chunked, Pools, Related, Replaced, ReplacedOptions, Replacer, Slot, chunks,
};
pub use supersenses::{GoldSense, SupersenseLoss, Supersenses, TaggedSentence};
pub use test_sets::{ExcludeBy, TestSets};
pub use trex_page::page as trex_page;
pub use wikidata_id::{Object, object, property, subject};
