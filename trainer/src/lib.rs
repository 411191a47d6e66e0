//! Pre-trains knowledge adapters (K-Adapter) on a frozen backbone from kprep's datasets.
//!
//! It reads Parquet datasets and Hugging Face checkpoints, and no dump: making datasets is
//! `kprep`'s work. The binary is `ktrain`; this library is what its tests and measurements use.

pub mod accumulate;
pub mod adapter;
mod attention;
pub mod attention_head;
pub mod backbone;
pub mod backbone_config;
pub mod batch;
pub mod biaffine;
pub mod cache;
pub mod card;
pub mod checkpoint;
pub mod checkpoint_files;
pub mod cloze;
pub mod comparison;
pub mod config;
pub mod curve;
pub mod data;
pub mod device;
mod dropout;
mod error;
mod events;
pub mod examples;
pub mod feature_file;
pub mod features;
pub mod folder;
pub mod frozen;
pub mod header;
pub mod heads;
pub mod identity;
mod libtorch;
mod linear;
pub mod lines;
pub mod log;
pub mod masks;
pub mod metrics;
pub mod mlm;
pub mod mlm_training;
pub mod model;
pub mod optim;
pub mod order;
pub mod pair;
pub mod params;
pub mod paths;
mod publish;
pub mod ranks;
pub mod recipe;
pub mod records;
pub mod run;
pub mod shared;
pub mod since;
pub mod size;
pub mod snapshot;
pub mod start;
pub mod stop;
pub mod store;
pub mod talk;
pub mod tokens;
pub mod torch_file;
pub mod train;
pub mod trained;
pub mod weights;

pub use error::{Error, Result};
