//! What every dataset row type can do.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::column::{self, Column};
use crate::{Classes, GroupBy, Result};

/// What a dataset promises of all its rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Names of the classes in label order.
    pub class_names: &'a [String],
    /// Heads need not form a tree: the dataset was built with `--allow-non-tree`.
    pub allow_non_tree: bool,
}

/// A row of a dataset: a plain struct and the table of its columns.
pub trait Record: Classes + Default + Send + Sync + 'static {
    /// Name of the record type, as the manifest states it.
    const NAME: &'static str;
    /// Version of the schema; a change of columns or of their meaning raises it.
    const VERSION: u32;

    /// Its columns in schema order: everything about them is stated here.
    const COLUMNS: &'static [Column<Self>];

    /// What rows of different splits may share, by name in the plural: documents, pairs, sentences.
    const SHAREABLE: &'static [&'static str] = &[];

    /// How rows that come without splits are split; none where they all stay in one, as tables do.
    const SPLIT_BY: Option<GroupBy> = None;

    /// The invariants that the schema cannot state.
    ///
    /// # Errors
    /// One sentence that says which invariant this row breaks.
    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String>;

    /// The value that identifies the row within its dataset; empty for tables without one.
    fn id(&self) -> &str;

    /// About how much memory the row takes, for records of whole documents: row groups end by it,
    /// too, not by their rows alone. 0 for rows that are a sentence at most.
    fn long_bytes(&self) -> usize {
        0
    }

    /// The hash of the row's own thing of each kind of [`Record::SHAREABLE`].
    fn shareable(&self) -> Vec<u64> {
        Vec::new()
    }

    /// The bytes that stand for its group, which is never divided between splits.
    fn group(&self, by: GroupBy) -> Vec<u8>;

    // Functions of the table. No record has its own.

    /// The Arrow schema. `class_names` become the `ClassLabel` names of the label column, in label
    /// order; record types without a label column ignore them.
    fn arrow_schema(class_names: &[String]) -> SchemaRef {
        column::schema(Self::COLUMNS, class_names)
    }

    /// Rows to columns.
    ///
    /// # Errors
    /// [`crate::Error::Arrow`] if a column does not fit `schema`.
    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        column::to_batch(Self::COLUMNS, rows, schema)
    }

    /// Columns to rows.
    ///
    /// # Errors
    /// [`crate::Error::Column`] names a column that is missing or of another type.
    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        column::from_batch(Self::COLUMNS, batch)
    }
}
