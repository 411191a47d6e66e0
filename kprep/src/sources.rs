//! The sources of datasets: how each is read, what becomes of it, and what its card says.

pub(crate) mod align;
pub(crate) mod deps;
pub(crate) mod facts;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod knowledge_card;
pub(crate) mod lexicon;
pub(crate) mod links;
pub(crate) mod objectives;
pub(crate) mod replaced;
pub(crate) mod supersenses;
pub(crate) mod synonyms;
pub(crate) mod task;
pub(crate) mod trex;
pub(crate) mod wikidata;
pub(crate) mod wikipedia;
pub(crate) mod wordnet;
