//! What differs between two datasets.

pub(crate) mod origin;
pub(crate) mod report;
pub(crate) mod rows;
