//! Mentions and what they mean: what `KnowBERT` and ERNIE learn.

pub(crate) mod aligned;
pub(crate) mod args;
pub(crate) mod card;
pub(crate) mod entities;
pub(crate) mod priors;
pub(crate) mod wordnet;
