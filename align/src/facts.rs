//! Facts of a knowledge graph as pairs of phrases: those that are real, as BERT-MK takes them, and those
//! that are not.

mod choice;
mod negatives;
mod neighbours;
mod rows;

pub use choice::{FactLoss, FactPairs, FactPairsOptions, FactSplit, GraphFact, split_of_source};
pub use negatives::FactDraw;
pub use rows::{FACT_CLASSES, FactNames, FactRows};
