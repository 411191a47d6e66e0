//! A value for each of the two splits that are scored.

use serde::{Deserialize, Serialize};

/// A value of the validation split and one of the test split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Splits<T> {
    /// Of the validation split.
    pub validation: T,
    /// Of the test split.
    pub test: T,
}

impl<T> Splits<T> {
    /// Both values with the names of their splits, the test split first.
    pub fn test_first(&self) -> [(&'static str, &T); 2] {
        [("test", &self.test), ("validation", &self.validation)]
    }

    /// Another value made from each.
    pub fn map<'a, U>(&'a self, mut make: impl FnMut(&'a T) -> U) -> Splits<U> {
        Splits {
            validation: make(&self.validation),
            test: make(&self.test),
        }
    }
}
