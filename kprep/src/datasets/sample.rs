//! Which rows a sample has.

pub(crate) mod choice;
pub(crate) mod shares;
pub(crate) mod strata;
