//! Facts of a graph, real and fake.

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod read;
