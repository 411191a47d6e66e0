//! Formats of other programs.

pub(crate) mod counts;
pub(crate) mod export_format;
pub(crate) mod output;
