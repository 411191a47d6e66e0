//! The files of downstream benchmarks.

pub(crate) mod build;
pub(crate) mod citations;
pub(crate) mod files;
pub(crate) mod out;
pub(crate) mod patches;
pub(crate) mod read;
pub(crate) mod session;
