//! Predictions and their scores, by published definitions.

pub(crate) mod auc;
pub(crate) mod class_counts;
pub mod label_files;
pub mod link_prediction;
pub mod metrics;
pub mod official_score;
pub mod person_names;
pub mod ranks;
pub mod scorer;
pub mod scoring;
pub mod splits;
