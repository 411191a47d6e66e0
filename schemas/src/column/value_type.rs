//! The types of values that columns have, by the names that Arrow, Hugging Face and Croissant give
//! them.

use std::sync::Arc;

use arrow_schema::{DataType, Field};

/// The type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) scalar: Scalar,
    /// Each row has a list of them.
    pub(super) list: bool,
}

/// The type of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Text,
    Int,
    Long,
    Float,
}

impl Scalar {
    pub(super) const fn one(self) -> Type {
        let list = false;
        Type { scalar: self, list }
    }

    pub(super) const fn list(self) -> Type {
        let list = true;
        Type { scalar: self, list }
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float64,
        }
    }

    pub(super) fn dtype(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "int32",
            Self::Long => "int64",
            Self::Float => "float64",
        }
    }

    pub(super) fn croissant_type(self) -> &'static str {
        match self {
            Self::Text => "sc:Text",
            Self::Int | Self::Long => "sc:Integer",
            Self::Float => "sc:Float",
        }
    }

    /// The field of a list's entries, called `element` as the Parquet format asks.
    pub(super) fn element(self) -> Arc<Field> {
        Arc::new(Field::new("element", self.data_type(), false))
    }
}

impl Type {
    pub(super) fn data_type(self) -> DataType {
        if self.list {
            DataType::List(self.scalar.element())
        } else {
            self.scalar.data_type()
        }
    }

    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        match (self.list, self.scalar) {
            (false, Scalar::Text) => "Utf8",
            (false, Scalar::Int) => "Int32",
            (false, Scalar::Long) => "Int64",
            (false, Scalar::Float) => "Float64",
            (true, Scalar::Text) => "List<Utf8>",
            (true, Scalar::Int) => "List<Int32>",
            (true, Scalar::Long) => "List<Int64>",
            (true, Scalar::Float) => "List<Float64>",
        }
    }
}
