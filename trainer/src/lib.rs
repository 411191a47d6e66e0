//! Pre-trains knowledge adapters (K-Adapter) on a frozen backbone from kprep's datasets.
//!
//! It reads Parquet datasets and Hugging Face checkpoints, and no dump: making datasets is
//! `kprep`'s work. The binary is `ktrain`; this library is what its tests and measurements use.

mod commands;
pub mod config;
pub mod console;
pub mod data;
mod error;
pub mod evaluate;
pub mod files;
pub mod libtorch;
pub mod model;
pub mod report;
pub mod stop;
pub mod tasks;
pub mod train;

pub use commands::run_command_line;
pub use error::{Error, Result};
