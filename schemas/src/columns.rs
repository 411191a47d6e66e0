//! Arrow columns to and from plain values, and the schema metadata that Hugging Face reads.

use std::collections::HashMap;
use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    StringArray, StringBuilder,
};
use arrow::buffer::{Buffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use serde_json::{Map, Value, json};

use crate::{Error, Result, Words};

/// A list column's type. The inner field is called `element`, as the Parquet format asks.
pub(crate) fn list_of(element: DataType) -> DataType {
    DataType::List(element_field(element))
}

fn element_field(element: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", element, false))
}

/// A schema with the `huggingface` key that makes `datasets` load lists and class labels as such.
///
/// It must stand in the Arrow schema's metadata: in the file's own key-value metadata alone it is
/// ignored. `Sequence` (not `List`) is what `datasets` before 4 knows.
pub(crate) fn huggingface_schema(
    fields: Vec<Field>,
    class_label: Option<(&str, &[String])>,
) -> SchemaRef {
    let mut features = Map::new();
    for field in &fields {
        let feature = match (class_label, field.data_type()) {
            (Some((label, names)), data_type) if label == field.name() => {
                let class = json!({"names": names, "_type": "ClassLabel"});
                match data_type {
                    DataType::List(_) => json!({"feature": class, "_type": "Sequence"}),
                    _ => class,
                }
            }
            (_, DataType::List(element)) => {
                json!({"feature": value_feature(element.data_type()), "_type": "Sequence"})
            }
            (_, other) => value_feature(other),
        };
        features.insert(field.name().clone(), feature);
    }
    let info = json!({"info": {"features": Value::Object(features)}});
    let metadata = HashMap::from([("huggingface".to_owned(), info.to_string())]);
    Arc::new(Schema::new(fields).with_metadata(metadata))
}

fn value_feature(data_type: &DataType) -> Value {
    let dtype = match data_type {
        DataType::Int32 => "int32",
        DataType::Int64 => "int64",
        DataType::Float64 => "float64",
        _ => "string",
    };
    json!({"dtype": dtype, "_type": "Value"})
}

pub(crate) fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

pub(crate) fn utf8<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

pub(crate) fn utf8_opt<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

/// A column of things that are written as text, none of them kept as a string of its own.
pub(crate) fn shown<T: Display>(values: impl Iterator<Item = Option<T>>) -> Result<ArrayRef> {
    let mut column = StringBuilder::new();
    for value in values {
        if let Some(value) = value {
            write!(column, "{value}").map_err(|e| ArrowError::ExternalError(e.into()))?;
            column.append_value("");
        } else {
            column.append_null();
        }
    }
    Ok(Arc::new(column.finish()))
}

pub(crate) fn f64_opt(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

pub(crate) fn i32_opt(values: impl Iterator<Item = Option<i32>>) -> ArrayRef {
    Arc::new(values.collect::<Int32Array>())
}

pub(crate) fn i32(values: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(Int32Array::from_iter_values(values))
}

pub(crate) fn i64_opt(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

/// A column of string lists. Rows are copied whole, not word by word.
pub(crate) fn words<'a>(
    rows: impl ExactSizeIterator<Item = Option<&'a Words>> + Clone,
) -> Result<ArrayRef> {
    let parts = || rows.clone().flatten().map(Words::parts);
    let mut text = String::with_capacity(parts().map(|(text, _)| text.len()).sum());
    let mut ends = Vec::with_capacity(1 + parts().map(|(_, ends)| ends.len()).sum::<usize>());
    ends.push(0);
    for (words, word_ends) in parts() {
        let before = offset(text.len())?;
        offset(text.len() + words.len())?;
        text.push_str(words);
        ends.extend(word_ends.iter().map(|&end| before + end as i32));
    }
    let values = StringArray::try_new(
        OffsetBuffer::new(ends.into()),
        Buffer::from_vec(text.into_bytes()),
        None,
    )?;
    let lengths = rows.clone().map(|row| row.map_or(0, Words::len));
    let list = ListArray::try_new(
        element_field(DataType::Utf8),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(values),
        Some(rows.map(|row| row.is_some()).collect()),
    )?;
    Ok(Arc::new(list))
}

/// Arrow counts the bytes of a batch's strings in 31 bits.
fn offset(bytes: usize) -> Result<i32> {
    i32::try_from(bytes).map_err(|_| ArrowError::OffsetOverflowError(bytes).into())
}

pub(crate) fn i32_list<'a>(
    rows: impl ExactSizeIterator<Item = &'a [i32]> + Clone,
) -> Result<ArrayRef> {
    let lengths = rows.clone().map(<[i32]>::len);
    let mut values = Vec::with_capacity(lengths.clone().sum());
    for row in rows {
        values.extend_from_slice(row);
    }
    let list = ListArray::try_new(
        element_field(DataType::Int32),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(Int32Array::from(values)),
        None,
    )?;
    Ok(Arc::new(list))
}

pub(crate) fn i64_list<'a>(
    rows: impl ExactSizeIterator<Item = &'a [i64]> + Clone,
) -> Result<ArrayRef> {
    let lengths = rows.clone().map(<[i64]>::len);
    let values = rows.flatten().copied();
    let list = ListArray::try_new(
        element_field(DataType::Int64),
        OffsetBuffer::from_lengths(lengths),
        Arc::new(Int64Array::from_iter_values(values)),
        None,
    )?;
    Ok(Arc::new(list))
}

/// The value of a nullable string column.
pub(crate) fn opt(column: &StringArray, row: usize) -> Option<String> {
    column.is_valid(row).then(|| column.value(row).to_owned())
}

/// The value of a nullable integer column.
pub(crate) fn opt_i64(column: &Int64Array, row: usize) -> Option<i64> {
    column.is_valid(row).then(|| column.value(row))
}

/// The columns of a batch by name and type.
pub(crate) struct Columns<'a>(&'a RecordBatch);

impl<'a> Columns<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        Self(batch)
    }

    fn typed<T>(
        &self,
        name: &str,
        expected: &'static str,
        cast: impl Fn(&'a ArrayRef) -> Option<T>,
    ) -> Result<T> {
        let column = self.0.column_by_name(name);
        column.and_then(cast).ok_or_else(|| Error::Column {
            name: name.to_owned(),
            expected,
            found: column.map_or("no such column".into(), |c| c.data_type().to_string()),
        })
    }

    pub(crate) fn utf8(&self, name: &str) -> Result<&'a StringArray> {
        self.typed(name, "Utf8", |c| c.as_string_opt::<i32>())
    }

    pub(crate) fn utf8s<const N: usize>(&self, names: [&str; N]) -> Result<[&'a StringArray; N]> {
        let columns = names
            .into_iter()
            .map(|n| self.utf8(n))
            .collect::<Result<Vec<_>>>()?;
        Ok(std::array::from_fn(|i| columns[i]))
    }

    pub(crate) fn i32s<const N: usize>(&self, names: [&str; N]) -> Result<[&'a Int32Array; N]> {
        let i32 = |name| self.typed(name, "Int32", |c| c.as_primitive_opt::<Int32Type>());
        let columns = names.into_iter().map(i32).collect::<Result<Vec<_>>>()?;
        Ok(std::array::from_fn(|i| columns[i]))
    }

    pub(crate) fn f64s<const N: usize>(&self, names: [&str; N]) -> Result<[&'a Float64Array; N]> {
        let f64 = |name| self.typed(name, "Float64", |c| c.as_primitive_opt::<Float64Type>());
        let columns = names.into_iter().map(f64).collect::<Result<Vec<_>>>()?;
        Ok(std::array::from_fn(|i| columns[i]))
    }

    pub(crate) fn i64(&self, name: &str) -> Result<&'a Int64Array> {
        self.typed(name, "Int64", |c| c.as_primitive_opt::<Int64Type>())
    }

    pub(crate) fn i64s<const N: usize>(&self, names: [&str; N]) -> Result<[&'a Int64Array; N]> {
        let columns = names
            .into_iter()
            .map(|n| self.i64(n))
            .collect::<Result<Vec<_>>>()?;
        Ok(std::array::from_fn(|i| columns[i]))
    }

    pub(crate) fn words(&self, name: &'static str) -> Result<WordsColumn<'a>> {
        let list = self.typed(name, "List<Utf8>", |c| c.as_list_opt::<i32>())?;
        Ok(WordsColumn { name, list })
    }

    pub(crate) fn i32_list(&self, name: &'static str) -> Result<I32List<'a>> {
        let list = self.typed(name, "List<Int32>", |c| c.as_list_opt::<i32>())?;
        Ok(I32List { name, list })
    }

    pub(crate) fn i64_list(&self, name: &'static str) -> Result<I64List<'a>> {
        let list = self.typed(name, "List<Int64>", |c| c.as_list_opt::<i32>())?;
        Ok(I64List { name, list })
    }
}

/// A column of string lists.
pub(crate) struct WordsColumn<'a> {
    name: &'static str,
    list: &'a ListArray,
}

impl WordsColumn<'_> {
    pub(crate) fn get(&self, row: usize) -> Result<Option<Words>> {
        if self.list.is_null(row) {
            return Ok(None);
        }
        let values = self.list.value(row);
        let values = values
            .as_string_opt::<i32>()
            .ok_or_else(|| wrong_element(self.name, "List<Utf8>", &values))?;
        Ok(Some(values.iter().map(Option::unwrap_or_default).collect()))
    }
}

/// A column of integer lists.
pub(crate) struct I32List<'a> {
    name: &'static str,
    list: &'a ListArray,
}

impl I32List<'_> {
    pub(crate) fn get(&self, row: usize) -> Result<Vec<i32>> {
        let values = self.list.value(row);
        let values = values
            .as_primitive_opt::<Int32Type>()
            .ok_or_else(|| wrong_element(self.name, "List<Int32>", &values))?;
        Ok(values.values().to_vec())
    }
}

/// A column of lists of long integers.
pub(crate) struct I64List<'a> {
    name: &'static str,
    list: &'a ListArray,
}

impl I64List<'_> {
    pub(crate) fn get(&self, row: usize) -> Result<Vec<i64>> {
        let values = self.list.value(row);
        let values = values
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| wrong_element(self.name, "List<Int64>", &values))?;
        Ok(values.values().to_vec())
    }
}

fn wrong_element(name: &str, expected: &'static str, values: &ArrayRef) -> Error {
    Error::Column {
        name: name.to_owned(),
        expected,
        found: format!("List<{}>", values.data_type()),
    }
}
