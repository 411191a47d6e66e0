//! The network: backbone, adapters, what joins them, and the prediction heads.

pub mod adapter;
pub mod attention;
pub mod attention_head;
pub mod backbone;
pub mod backbone_config;
pub mod biaffine;
pub mod dropout;
pub mod features;
pub mod frozen;
pub mod fusion;
pub mod heads;
pub mod initial_weights;
pub mod knowledge;
pub mod linear;
pub mod mlm;
pub mod pair;
pub mod params;
pub mod product;
pub mod recomputed;
pub mod size;
pub mod task_model;
pub mod trained;
pub mod tuned;
