//! Wikipedia aligned with Wikidata.

pub(crate) mod args;
pub(crate) mod card;
pub(crate) mod counts;
pub(crate) mod facts;
pub(crate) mod output;
pub(crate) mod sources;
pub(crate) mod trex_folder;
pub(crate) mod world;

/// A page that is being counted: where it came from, for the rejects.
pub(crate) struct PageName {
    pub(crate) id: String,
    pub(crate) title: String,
}
