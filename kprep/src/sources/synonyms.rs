//! Pairs of related words of a wordnet.

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod read;
pub(crate) mod vectors;
