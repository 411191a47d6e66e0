//! Pages in which some entities are replaced: what WKLM learns to tell.

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod world;
