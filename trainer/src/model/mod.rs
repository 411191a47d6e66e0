//! The network: backbone, adapters, what joins them, and the prediction heads.

pub mod adapter;
pub mod attention;
pub mod attention_head;
pub mod backbone;
pub mod biaffine;
pub(crate) mod checkpointed;
pub mod dropout;
pub mod encoder;
pub mod features;
pub mod frozen_adapter;
pub mod fusion;
pub mod heads;
pub mod hidden_states;
pub mod initial_weights;
pub mod linear;
pub mod mlm;
pub mod pair;
pub mod params;
pub mod plugged_adapter;
pub mod pooled;
pub mod product;
pub mod span;
pub mod stacked_head;
pub mod trainable;
pub mod transe;
