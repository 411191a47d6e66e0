//! From rows of a dataset to batches of tensors.

pub mod ahead;
pub mod batch;
pub mod cache;
pub mod class_labels;
pub mod cloze;
pub mod dataset;
pub mod entities;
pub mod entity_markers;
pub mod entity_pair;
pub mod examples;
pub mod facts;
pub mod masks;
pub mod paragraph;
pub mod questions;
pub(crate) mod random;
pub mod record_ids;
pub(crate) mod running_text;
pub mod sampler;
pub mod span_words;
pub mod store;
pub(crate) mod tensors;
pub mod text_corpus;
pub mod text_lines;
pub mod tokenizer;
pub mod weighted_draw;
