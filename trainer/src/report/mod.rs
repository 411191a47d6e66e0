//! What people read of a run: cards, tables, charts, logs.

pub mod bar_chart;
pub mod card;
pub(crate) mod card_metadata;
pub mod curve;
pub mod run_page;
pub(crate) mod summary;
pub mod table;
mod table_folder;
mod table_page;
pub mod tensorboard;
