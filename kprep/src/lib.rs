//! Knowledge sources to sharded Parquet datasets: what the program `kprep` is made of.

mod build;
mod commands;
mod console;
mod datasets;
mod flags;
pub mod formats;
mod report;
mod sources;

pub use commands::main;
