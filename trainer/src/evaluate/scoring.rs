//! The benchmarks' scores by their published definitions, as functions of labels and predictions:
//! nothing here knows a model.

pub mod answers;
pub mod classes;
pub mod labels;

/// Precision, recall and F1. A share of nothing is 0, as the published scorers have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prf {
    /// Right predictions among the predictions.
    pub precision: f64,
    /// Right predictions among the labels.
    pub recall: f64,
    /// Their harmonic mean.
    pub f1: f64,
}

impl Prf {
    /// Of counts.
    pub fn of_counts(right: u64, predicted: u64, gold: u64) -> Self {
        Self::of_shares(share(right, predicted), share(right, gold))
    }

    /// Of precision and recall.
    pub fn of_shares(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        let f1 = if sum > 0.0 {
            2.0 * precision * recall / sum
        } else {
            0.0
        };
        Self {
            precision,
            recall,
            f1,
        }
    }
}

/// A part of a whole; 0 of nothing.
pub(crate) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// The arithmetic mean; 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        0.0
    } else {
        values.iter().sum::<f64>() / values.len() as f64
    }
}
