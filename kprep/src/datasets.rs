//! Whole datasets: any record type, merged, sampled, compared.

pub(crate) mod diff;
pub(crate) mod dispatch;
pub(crate) mod entity_table;
pub(crate) mod groups;
pub(crate) mod labels;
pub(crate) mod merge;
pub(crate) mod relation_table;
pub(crate) mod sample;
pub(crate) mod several;
pub(crate) mod source_card;
