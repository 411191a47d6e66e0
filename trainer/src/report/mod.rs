//! What people read of a run: cards, tables, charts, logs.

pub mod bar_chart;
pub mod card;
pub mod console;
pub mod curve;
pub mod metrics_log;
pub mod splits;
pub mod table;
mod table_page;
pub mod tensorboard;
