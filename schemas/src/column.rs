//! The table of a record's columns: each column's name, type, meaning, storage settings and field,
//! stated once. The Arrow schema, batches, card, Croissant file and Parquet settings are functions
//! of it.
//!
//! No other module knows Arrow's arrays.

mod cells;
mod field;
mod of_field;
mod table;
mod value_type;

use cells::Cells;
pub(crate) use of_field::{
    float_part, floats, id_part, ids_part, int, int_part, ints, long, long_or_null, longs,
    name_part, text, text_or_null, text_part, words, words_or_null, words_part,
};
pub(crate) use table::{from_batch, schema, text_values, to_batch};
use value_type::{Scalar, Type};

use crate::{EntityId, Error};

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
