//! The table of a record's columns: each column's name, type, meaning, storage settings and field, stated
//! once. The Arrow schema, batches, card, Croissant file and Parquet settings are functions of it.
//!
//! No other module knows Arrow's arrays.

mod cells;
mod field;
mod table;
mod value_type;

use cells::{Cells, Slot};
pub(crate) use table::{from_batch, schema, text_values, to_batch};
use value_type::{Scalar, Type};

use crate::{EntityId, Error, Words};

/// One column of the record `R`.
pub struct Column<R> {
    /// Its name.
    pub name: &'static str,
    /// What it holds, with its unit, for people.
    pub meaning: &'static str,
    cells: Cells<R>,
    nullable: bool,
    class_label: bool,
    dictionary: bool,
    statistics: bool,
}

impl<R> Column<R> {
    const fn new(
        name: &'static str,
        meaning: &'static str,
        nullable: bool,
        cells: Cells<R>,
    ) -> Self {
        Self {
            name,
            meaning,
            cells,
            nullable,
            class_label: false,
            dictionary: true,
            statistics: true,
        }
    }

    /// The schema allows null, whatever the field's type.
    pub(crate) const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Its numbers are indexes among the dataset's class names: a `ClassLabel` of Hugging Face.
    pub(crate) const fn class_label(mut self) -> Self {
        self.class_label = true;
        self
    }

    /// Its values hardly ever repeat: a dictionary of them would be built only to be thrown away.
    pub(crate) const fn without_dictionary(mut self) -> Self {
        self.dictionary = false;
        self
    }

    /// The least and greatest value of a page help no reader to skip it, and take time.
    pub(crate) const fn without_statistics(mut self) -> Self {
        self.statistics = false;
        self
    }

    pub(crate) fn is_nullable(&self) -> bool {
        self.nullable
    }

    pub(crate) fn is_class_label(&self) -> bool {
        self.class_label
    }

    pub(crate) fn has_dictionary(&self) -> bool {
        self.dictionary
    }

    pub(crate) fn has_statistics(&self) -> bool {
        self.statistics
    }

    /// Whether each row has a list.
    pub(crate) fn is_list(&self) -> bool {
        self.cells.value_type().list
    }

    /// Hugging Face's name of the type of a value, or of a list's entry: `string`, `int32`, …
    pub(crate) fn dtype(&self) -> &'static str {
        self.cells.value_type().scalar.dtype()
    }

    /// Croissant's name of that type: `sc:Text`, …
    pub(crate) fn croissant_type(&self) -> &'static str {
        self.cells.value_type().scalar.croissant_type()
    }
}

/// A field that a column reads and writes as it is.
type Get<R, F> = fn(&R) -> &F;
type GetMut<R, F> = fn(&mut R) -> &mut F;

/// A value that a column cannot hold.
#[derive(Debug)]
pub(crate) struct Misfit {
    expected: &'static str,
    found: String,
}

impl Misfit {
    pub(crate) fn new(expected: &'static str, found: &str) -> Self {
        let found = found.to_owned();
        Self { expected, found }
    }

    /// The error that names its column.
    pub(crate) fn of(self, column: &str) -> Error {
        Error::Column {
            name: column.to_owned(),
            expected: self.expected,
            found: self.found,
        }
    }
}

/// The id of Wikidata that a text is.
pub(crate) fn entity_id(text: &str) -> std::result::Result<EntityId, Misfit> {
    let id = text.parse();
    id.map_err(|_| Misfit::new("an entity's id", text))
}

/// What a setter gives.
pub(crate) type Fit = std::result::Result<(), Misfit>;

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

// Columns that are a part of a field: of an enum's variant, or of a list of structs, which takes a column
// of lists for each of the struct's fields. Setters run in the table's order on a row that starts as the
// default one; those of columns that may be null run for values only.

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
