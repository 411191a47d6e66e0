//! Words with their supersenses: what `SenseBERT` learns.

pub(crate) mod args;
pub(crate) mod build;
pub(crate) mod card;
pub(crate) mod gold;
pub(crate) mod rows;
pub(crate) mod text;
