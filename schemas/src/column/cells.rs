//! How a column gets at its value in a row, one variant a type of field.

use arrow_array::types::{Float64Type, Int32Type};
use arrow_array::{Array, ArrayRef};

use super::field::{Field, number_array, numbers, shown_array, strings, text_array};
use super::{Fit, Misfit, Scalar, Type, entity_id};
use crate::{EntityId, Result, Words};

/// A field that a column reads and writes as it is.
pub(super) type Get<R, F> = fn(&R) -> &F;
pub(super) type GetMut<R, F> = fn(&mut R) -> &mut F;

/// The field of a row that a column holds.
pub(super) struct Slot<R, F> {
    pub(super) get: Get<R, F>,
    pub(super) get_mut: GetMut<R, F>,
}

/// A column's getter and setter.
pub(super) enum Cells<R> {
    Text(Slot<R, String>),
    TextOrNull(Slot<R, Option<String>>),
    Words(Slot<R, Words>),
    WordsOrNull(Slot<R, Option<Words>>),
    Int(Slot<R, i32>),
    Ints(Slot<R, Vec<i32>>),
    Long(Slot<R, i64>),
    LongOrNull(Slot<R, Option<i64>>),
    Longs(Slot<R, Vec<i64>>),
    Floats(Slot<R, Vec<f64>>),
    IdPart {
        get: fn(&R) -> Option<EntityId>,
        set: fn(&mut R, EntityId),
    },
    TextPart {
        get: fn(&R) -> Option<&str>,
        set: fn(&mut R, &str),
    },
    NamePart {
        get: fn(&R) -> Option<&str>,
        set: fn(&mut R, &str) -> Fit,
    },
    IntPart {
        get: fn(&R) -> Option<i32>,
        set: fn(&mut R, i32),
    },
    FloatPart {
        get: fn(&R) -> Option<f64>,
        set: fn(&mut R, f64),
    },
    WordsPart {
        get: fn(&R) -> Words,
        set: fn(&mut R, &Words),
    },
    IdsPart {
        get: fn(&R) -> Words,
        set: fn(&mut R, Vec<EntityId>),
    },
}

/// Why an array does not go into rows.
pub(super) enum Unread {
    /// It has another type.
    Type,
    /// One of its values is none of the column.
    Value(Misfit),
}

impl From<Misfit> for Unread {
    fn from(misfit: Misfit) -> Self {
        Self::Value(misfit)
    }
}

impl<R> Cells<R> {
    pub(super) fn value_type(&self) -> Type {
        match self {
            Self::Text(_) => String::TYPE,
            Self::TextOrNull(_) => Option::<String>::TYPE,
            Self::Words(_) => Words::TYPE,
            Self::WordsOrNull(_) => Option::<Words>::TYPE,
            Self::Int(_) => i32::TYPE,
            Self::Ints(_) => Vec::<i32>::TYPE,
            Self::Long(_) => i64::TYPE,
            Self::LongOrNull(_) => Option::<i64>::TYPE,
            Self::Longs(_) => Vec::<i64>::TYPE,
            Self::Floats(_) => Vec::<f64>::TYPE,
            Self::IdPart { .. } | Self::TextPart { .. } | Self::NamePart { .. } => {
                Scalar::Text.one()
            }
            Self::IntPart { .. } => Scalar::Int.one(),
            Self::FloatPart { .. } => Scalar::Float.one(),
            Self::WordsPart { .. } | Self::IdsPart { .. } => Scalar::Text.list(),
        }
    }

    pub(super) fn to_array(&self, rows: &[R]) -> Result<ArrayRef> {
        match self {
            Self::Text(slot) => slot.to_array(rows),
            Self::TextOrNull(slot) => slot.to_array(rows),
            Self::Words(slot) => slot.to_array(rows),
            Self::WordsOrNull(slot) => slot.to_array(rows),
            Self::Int(slot) => slot.to_array(rows),
            Self::Ints(slot) => slot.to_array(rows),
            Self::Long(slot) => slot.to_array(rows),
            Self::LongOrNull(slot) => slot.to_array(rows),
            Self::Longs(slot) => slot.to_array(rows),
            Self::Floats(slot) => slot.to_array(rows),
            Self::IdPart { get, .. } => shown_array(rows.iter().map(get)),
            Self::TextPart { get, .. } | Self::NamePart { get, .. } => {
                Ok(text_array(rows.iter().map(get)))
            }
            Self::IntPart { get, .. } => Ok(number_array::<Int32Type>(rows.iter().map(get))),
            Self::FloatPart { get, .. } => Ok(number_array::<Float64Type>(rows.iter().map(get))),
            Self::WordsPart { get, .. } | Self::IdsPart { get, .. } => {
                let lists: Vec<Words> = rows.iter().map(get).collect();
                Words::to_array(lists.iter())
            }
        }
    }

    /// Puts the values of an array into the rows, one each.
    pub(super) fn fill(
        &self,
        rows: &mut [R],
        array: &ArrayRef,
        nullable: bool,
    ) -> std::result::Result<(), Unread> {
        match self {
            Self::Text(slot) => slot.fill(rows, array),
            Self::TextOrNull(slot) => slot.fill(rows, array),
            Self::Words(slot) => slot.fill(rows, array),
            Self::WordsOrNull(slot) => slot.fill(rows, array),
            Self::Int(slot) => slot.fill(rows, array),
            Self::Ints(slot) => slot.fill(rows, array),
            Self::Long(slot) => slot.fill(rows, array),
            Self::LongOrNull(slot) => slot.fill(rows, array),
            Self::Longs(slot) => slot.fill(rows, array),
            Self::Floats(slot) => slot.fill(rows, array),
            Self::IdPart { set, .. } => {
                let texts = strings(array).ok_or(Unread::Type)?;
                with_values(rows, array, nullable).try_for_each(|(i, row)| {
                    set(row, entity_id(texts.value(i))?);
                    Ok(())
                })
            }
            Self::TextPart { set, .. } => {
                let texts = strings(array).ok_or(Unread::Type)?;
                with_values(rows, array, nullable).for_each(|(i, row)| set(row, texts.value(i)));
                Ok(())
            }
            Self::NamePart { set, .. } => {
                let texts = strings(array).ok_or(Unread::Type)?;
                with_values(rows, array, nullable)
                    .try_for_each(|(i, row)| Ok(set(row, texts.value(i))?))
            }
            Self::IntPart { set, .. } => {
                let values = numbers::<Int32Type>(array).ok_or(Unread::Type)?;
                with_values(rows, array, nullable).for_each(|(i, row)| set(row, values.value(i)));
                Ok(())
            }
            Self::FloatPart { set, .. } => {
                let values = numbers::<Float64Type>(array).ok_or(Unread::Type)?;
                with_values(rows, array, nullable).for_each(|(i, row)| set(row, values.value(i)));
                Ok(())
            }
            Self::WordsPart { set, .. } => {
                let lists = Words::from_array(array).ok_or(Unread::Type)?;
                let filled = rows.iter_mut().zip(lists);
                filled.for_each(|(row, words)| set(row, &words));
                Ok(())
            }
            Self::IdsPart { set, .. } => {
                let lists = Words::from_array(array).ok_or(Unread::Type)?;
                rows.iter_mut().zip(lists).try_for_each(|(row, words)| {
                    let ids = words.iter().map(entity_id);
                    set(row, ids.collect::<std::result::Result<_, _>>()?);
                    Ok(())
                })
            }
        }
    }
}

/// The rows, numbered; without those that have null if the column may be null.
fn with_values<'a, R>(
    rows: &'a mut [R],
    array: &'a ArrayRef,
    nullable: bool,
) -> impl Iterator<Item = (usize, &'a mut R)> {
    let rows = rows.iter_mut().enumerate();
    rows.filter(move |&(row, _)| !nullable || array.is_valid(row))
}

impl<R, F: Field> Slot<R, F> {
    fn to_array(&self, rows: &[R]) -> Result<ArrayRef> {
        F::to_array(rows.iter().map(self.get))
    }

    fn fill(&self, rows: &mut [R], array: &ArrayRef) -> std::result::Result<(), Unread> {
        let values = F::from_array(array).ok_or(Unread::Type)?;
        for (row, value) in rows.iter_mut().zip(values) {
            *(self.get_mut)(row) = value;
        }
        Ok(())
    }
}
