//! A few records for people to read.

pub(crate) mod aligned;
pub(crate) mod knowledge;
pub(crate) mod pair;
pub(crate) mod spans;
pub(crate) mod task;
pub(crate) mod wordnet;
