//! Predictions and their scores, by published definitions.

pub mod label_files;
pub mod metrics;
pub mod official_score;
pub mod person_names;
pub mod predictor;
pub mod ranks;
pub mod scoring;
