//! The types of fields that columns hold, to Arrow arrays and back.

use std::fmt::{Display, Write};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, ArrowPrimitiveType, ListArray, PrimitiveArray, StringArray};
use arrow_buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow_schema::ArrowError;

use super::{Scalar, Type};
use crate::{Result, Words};

/// A type of fields that a column holds.
pub(super) trait Field: Sized {
    /// The type of the column.
    const TYPE: Type;

    /// The values of the rows as a column.
    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef>
    where
        Self: 'a;

    /// The values of a column; none if it is of another type.
    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>>;
}

impl Field for String {
    const TYPE: Type = Scalar::Text.one();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        Ok(Arc::new(StringArray::from_iter_values(rows)))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        let array = strings(array)?;
        Some((0..array.len()).map(|row| array.value(row).to_owned()))
    }
}

impl Field for Option<String> {
    const TYPE: Type = Scalar::Text.one();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        Ok(text_array(rows.map(Self::as_deref)))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        let values = strings(array)?.iter();
        Some(values.map(|value| value.map(str::to_owned)))
    }
}

impl Field for i32 {
    const TYPE: Type = Scalar::Int.one();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        let values = PrimitiveArray::<Int32Type>::from_iter_values(rows.copied());
        Ok(Arc::new(values))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        Some(numbers::<Int32Type>(array)?.values().iter().copied())
    }
}

impl Field for i64 {
    const TYPE: Type = Scalar::Long.one();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        let values = PrimitiveArray::<Int64Type>::from_iter_values(rows.copied());
        Ok(Arc::new(values))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        Some(numbers::<Int64Type>(array)?.values().iter().copied())
    }
}

impl Field for Option<i64> {
    const TYPE: Type = Scalar::Long.one();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        Ok(number_array::<Int64Type>(rows.copied()))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        Some(numbers::<Int64Type>(array)?.iter())
    }
}

impl Field for Vec<i32> {
    const TYPE: Type = Scalar::Int.list();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        lists_of_numbers::<Int32Type>(Scalar::Int, rows)
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        number_lists::<Int32Type>(array)
    }
}

impl Field for Vec<i64> {
    const TYPE: Type = Scalar::Long.list();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        lists_of_numbers::<Int64Type>(Scalar::Long, rows)
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        number_lists::<Int64Type>(array)
    }
}

impl Field for Vec<f64> {
    const TYPE: Type = Scalar::Float.list();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        lists_of_numbers::<Float64Type>(Scalar::Float, rows)
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        number_lists::<Float64Type>(array)
    }
}

impl Field for Words {
    const TYPE: Type = Scalar::Text.list();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        words_array(&rows.map(Some))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        let lists = Option::<Self>::from_array(array)?;
        Some(lists.map(Option::unwrap_or_default))
    }
}

impl Field for Option<Words> {
    const TYPE: Type = Scalar::Text.list();

    fn to_array<'a>(rows: impl ExactSizeIterator<Item = &'a Self> + Clone) -> Result<ArrayRef> {
        words_array(&rows.map(Self::as_ref))
    }

    fn from_array(array: &ArrayRef) -> Option<impl Iterator<Item = Self>> {
        let lists = array.as_list_opt::<i32>()?;
        let values = strings(lists.values())?;
        let value = |i| {
            let null = values.is_null(i);
            if null { "" } else { values.value(i) }
        };
        let spans = lists.value_offsets().windows(2).enumerate();
        Some(spans.map(move |(row, span)| {
            let span = span[0] as usize..span[1] as usize;
            (!lists.is_null(row)).then(|| span.map(value).collect())
        }))
    }
}

pub(super) fn strings(array: &ArrayRef) -> Option<&StringArray> {
    array.as_string_opt()
}

pub(super) fn numbers<T: ArrowPrimitiveType>(array: &ArrayRef) -> Option<&PrimitiveArray<T>> {
    array.as_primitive_opt()
}

pub(super) fn text_array<'a>(rows: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(rows.collect::<StringArray>())
}

pub(super) fn number_array<T: ArrowPrimitiveType>(
    rows: impl Iterator<Item = Option<T::Native>>,
) -> ArrayRef
where
    PrimitiveArray<T>: FromIterator<Option<T::Native>>,
{
    Arc::new(rows.collect::<PrimitiveArray<T>>())
}

/// A column of things that are written as text, none of them kept as a string of its own.
pub(super) fn shown_array<T: Display>(rows: impl Iterator<Item = Option<T>>) -> Result<ArrayRef> {
    let mut column = StringBuilder::new();
    for value in rows {
        if let Some(value) = value {
            write!(column, "{value}").map_err(|e| ArrowError::ExternalError(e.into()))?;
            column.append_value("");
        } else {
            column.append_null();
        }
    }
    Ok(Arc::new(column.finish()))
}

/// A column of string lists. Rows are copied whole, not word by word.
fn words_array<'a>(
    rows: &(impl ExactSizeIterator<Item = Option<&'a Words>> + Clone),
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
    let valid = rows.clone().map(|row| row.is_some()).collect();
    list_array(Scalar::Text, lengths, Arc::new(values), Some(valid))
}

/// Arrow counts the bytes of a batch's strings in 31 bits.
fn offset(bytes: usize) -> Result<i32> {
    i32::try_from(bytes).map_err(|_| ArrowError::OffsetOverflowError(bytes).into())
}

fn lists_of_numbers<'a, T: ArrowPrimitiveType>(
    scalar: Scalar,
    rows: impl ExactSizeIterator<Item = &'a Vec<T::Native>> + Clone,
) -> Result<ArrayRef> {
    let lengths = rows.clone().map(Vec::len);
    let mut values = Vec::with_capacity(lengths.clone().sum());
    for row in rows {
        values.extend_from_slice(row);
    }
    let values = PrimitiveArray::<T>::new(values.into(), None);
    list_array(scalar, lengths, Arc::new(values), None)
}

fn list_array(
    scalar: Scalar,
    lengths: impl ExactSizeIterator<Item = usize>,
    values: ArrayRef,
    valid: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let offsets = OffsetBuffer::from_lengths(lengths);
    let list = ListArray::try_new(scalar.element(), offsets, values, valid)?;
    Ok(Arc::new(list))
}

fn number_lists<T: ArrowPrimitiveType>(
    array: &ArrayRef,
) -> Option<impl Iterator<Item = Vec<T::Native>>> {
    let lists = array.as_list_opt::<i32>()?;
    let values = numbers::<T>(lists.values())?.values();
    let spans = lists.value_offsets().windows(2);
    Some(spans.map(|span| values[span[0] as usize..span[1] as usize].to_vec()))
}
