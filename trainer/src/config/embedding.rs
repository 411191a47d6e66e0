//! The settings of `ktrain embed`.

use clap::{Args, ValueEnum};
use serde::Serialize;

/// How far two vectors are from each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// The sum of the absolute differences.
    L1,
    /// The root of the sum of squares.
    L2,
}

/// The settings. The defaults are those of `TransE`'s paper for Freebase, with the dimension that ERNIE uses.
#[derive(Debug, Clone, Serialize, Args)]
#[command(next_help_heading = "Training")]
pub struct EmbeddingSettings {
    /// Numbers of a vector
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub dimension: usize,
    /// How far head + relation and tail are from each other
    #[arg(long, value_enum, default_value_t = Distance::L1)]
    pub distance: Distance,
    /// How much nearer a fact must be than what is none
    #[arg(long, value_name = "DISTANCE", default_value_t = 1.0)]
    pub margin: f64,
    /// Learning rate of stochastic gradient descent
    #[arg(long, value_name = "RATE", default_value_t = 0.01)]
    pub lr: f64,
    /// Passes over the facts
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub epochs: u64,
    /// Facts a step
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub batch_size: usize,
    /// Facts held out for the test, in percent, where the dataset has no splits
    #[arg(long, value_name = "PERCENT", default_value_t = 10)]
    pub test_percent: u8,
    /// Seed of the first vectors, of the order and of what is no fact
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
}

impl EmbeddingSettings {
    /// A rule that they break.
    pub fn broken_rule(&self) -> Option<&'static str> {
        let rules = [
            (
                (1..=10_000).contains(&self.dimension),
                "--dimension must be 1 to 10000",
            ),
            (self.batch_size > 0, "--batch-size must be at least 1"),
            (self.epochs > 0, "--epochs must be at least 1"),
            (
                self.margin.is_finite() && self.margin > 0.0,
                "--margin must be above 0",
            ),
            (self.lr.is_finite() && self.lr > 0.0, "--lr must be above 0"),
            (
                (1..=50).contains(&self.test_percent),
                "--test-percent must be 1 to 50",
            ),
        ];
        rules.iter().find(|(kept, _)| !kept).map(|&(_, rule)| rule)
    }
}
