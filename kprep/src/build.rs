//! What the commands that build a dataset share.

pub(crate) mod citations;
pub(crate) mod errors;
pub(crate) mod inputs;
pub(crate) mod parts;
pub(crate) mod pipeline;
pub(crate) mod progress;
pub(crate) mod shards;
pub(crate) mod spool;
pub(crate) mod summary;
