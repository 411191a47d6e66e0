//! The columns of each type of field.

use super::cells::{Cells, Get, GetMut, Slot};
use super::{Column, Fit};
use crate::{EntityId, Words};

/// A string.
pub(crate) const fn text<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, String>,
    get_mut: GetMut<R, String>,
) -> Column<R> {
    let cells = Cells::Text(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// A string or null.
pub(crate) const fn text_or_null<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Option<String>>,
    get_mut: GetMut<R, Option<String>>,
) -> Column<R> {
    let cells = Cells::TextOrNull(Slot { get, get_mut });
    Column::new(name, meaning, true, cells)
}

/// A list of strings.
pub(crate) const fn words<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Words>,
    get_mut: GetMut<R, Words>,
) -> Column<R> {
    let cells = Cells::Words(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// A list of strings or null.
pub(crate) const fn words_or_null<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Option<Words>>,
    get_mut: GetMut<R, Option<Words>>,
) -> Column<R> {
    let cells = Cells::WordsOrNull(Slot { get, get_mut });
    Column::new(name, meaning, true, cells)
}

/// An integer of 32 bits.
pub(crate) const fn int<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, i32>,
    get_mut: GetMut<R, i32>,
) -> Column<R> {
    let cells = Cells::Int(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// A list of integers of 32 bits.
pub(crate) const fn ints<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Vec<i32>>,
    get_mut: GetMut<R, Vec<i32>>,
) -> Column<R> {
    let cells = Cells::Ints(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// An integer of 64 bits.
pub(crate) const fn long<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, i64>,
    get_mut: GetMut<R, i64>,
) -> Column<R> {
    let cells = Cells::Long(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// An integer of 64 bits or null.
pub(crate) const fn long_or_null<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Option<i64>>,
    get_mut: GetMut<R, Option<i64>>,
) -> Column<R> {
    let cells = Cells::LongOrNull(Slot { get, get_mut });
    Column::new(name, meaning, true, cells)
}

/// A list of integers of 64 bits.
pub(crate) const fn longs<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Vec<i64>>,
    get_mut: GetMut<R, Vec<i64>>,
) -> Column<R> {
    let cells = Cells::Longs(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

/// A list of numbers of 64 bits with a fraction.
pub(crate) const fn floats<R>(
    name: &'static str,
    meaning: &'static str,
    get: Get<R, Vec<f64>>,
    get_mut: GetMut<R, Vec<f64>>,
) -> Column<R> {
    let cells = Cells::Floats(Slot { get, get_mut });
    Column::new(name, meaning, false, cells)
}

// Columns that are a part of a field: of an enum's variant, or of a list of structs, which takes a
// column of lists for each of the struct's fields. Setters run in the table's order on a row that
// starts as the default one; those of columns that may be null run for values only.

/// An id of Wikidata as text.
pub(crate) const fn id_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Option<EntityId>,
    set: fn(&mut R, EntityId),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::IdPart { get, set })
}

/// A string.
pub(crate) const fn text_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Option<&str>,
    set: fn(&mut R, &str),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::TextPart { get, set })
}

/// A string that is one of some names.
pub(crate) const fn name_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Option<&str>,
    set: fn(&mut R, &str) -> Fit,
) -> Column<R> {
    Column::new(name, meaning, false, Cells::NamePart { get, set })
}

/// An integer of 32 bits.
pub(crate) const fn int_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Option<i32>,
    set: fn(&mut R, i32),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::IntPart { get, set })
}

/// A number of 64 bits with a fraction.
pub(crate) const fn float_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Option<f64>,
    set: fn(&mut R, f64),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::FloatPart { get, set })
}

/// A list of strings: one field of each struct in a list.
pub(crate) const fn words_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Words,
    set: fn(&mut R, &Words),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::WordsPart { get, set })
}

/// A list of ids of Wikidata as text: one field of each struct in a list.
pub(crate) const fn ids_part<R>(
    name: &'static str,
    meaning: &'static str,
    get: fn(&R) -> Words,
    set: fn(&mut R, Vec<EntityId>),
) -> Column<R> {
    Column::new(name, meaning, false, Cells::IdsPart { get, set })
}
