//! Functions of a whole table of columns: the Arrow schema, rows to a batch, and a batch to rows.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{Field, Schema, SchemaRef};
use serde_json::{Map, Value, json};

use super::cells::Unread;
use super::field::strings;
use super::{Column, Scalar};
use crate::{Error, Result};

/// The Arrow schema, with the `huggingface` key that makes `datasets` load lists and class labels
/// as such.
///
/// It must stand in the Arrow schema's metadata: in the file's own key-value metadata alone it is
/// ignored. `class_names` are those of the class label's column, in label order.
pub(crate) fn schema<R>(columns: &[Column<R>], class_names: &[String]) -> SchemaRef {
    let features: Map<String, Value> = columns
        .iter()
        .map(|column| (column.name.to_owned(), column.feature(class_names)))
        .collect();
    let info = json!({"info": {"features": features}});
    let metadata = HashMap::from([("huggingface".to_owned(), info.to_string())]);
    let fields: Vec<Field> = columns.iter().map(Column::field).collect();
    Arc::new(Schema::new(fields).with_metadata(metadata))
}

/// The rows as a batch of this schema.
pub(crate) fn to_batch<R>(
    columns: &[Column<R>],
    rows: &[R],
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let arrays = columns
        .iter()
        .map(|column| column.cells.to_array(rows))
        .collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}

/// The rows of a batch, with all else at its default where `columns` are not all of the table.
pub(crate) fn from_batch<'a, R: Default + 'static>(
    columns: impl IntoIterator<Item = &'a Column<R>>,
    batch: &RecordBatch,
) -> Result<Vec<R>> {
    let mut rows: Vec<R> = (0..batch.num_rows()).map(|_| R::default()).collect();
    for column in columns {
        let array = batch.column_by_name(column.name);
        let unread = match array {
            Some(array) => column.cells.fill(&mut rows, array, column.nullable),
            None => Err(Unread::Type),
        };
        unread.map_err(|unread| match unread {
            Unread::Type => wrong_type(column.name, column.cells.value_type().name(), array),
            Unread::Value(misfit) => misfit.of(column.name),
        })?;
    }
    Ok(rows)
}

/// The values of one string column of a batch, which may be of any record.
pub(crate) fn text_values<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    let array = batch.column_by_name(name);
    let expected = Scalar::Text.one().name();
    array
        .and_then(strings)
        .ok_or_else(|| wrong_type(name, expected, array))
}

fn wrong_type(name: &str, expected: &'static str, found: Option<&ArrayRef>) -> Error {
    Error::Column {
        name: name.to_owned(),
        expected,
        found: found.map_or("no such column".into(), |array| {
            array.data_type().to_string()
        }),
    }
}

impl<R> Column<R> {
    fn field(&self) -> Field {
        let data_type = self.cells.value_type().data_type();
        Field::new(self.name, data_type, self.nullable)
    }

    /// What Hugging Face calls the column. `Sequence` (not `List`) is what `datasets` before 4
    /// knows.
    fn feature(&self, class_names: &[String]) -> Value {
        let value = if self.class_label {
            json!({"names": class_names, "_type": "ClassLabel"})
        } else {
            json!({"dtype": self.dtype(), "_type": "Value"})
        };
        if self.is_list() {
            json!({"feature": value, "_type": "Sequence"})
        } else {
            value
        }
    }
}
