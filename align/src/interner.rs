//! `Interner`: numbers for strings.

use kprep_schemas::Words;
use rustc_hash::FxHashMap;

/// Strings that occur often, each once under a number, in the order of their first occurrence.
///
/// Memory: a string twice, and some 30 bytes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    strings: Words,
    numbers: FxHashMap<Box<str>, u32>,
}

impl Interner {
    /// The number of a string, a new one if it was not there.
    pub(crate) fn number(&mut self, string: &str) -> u32 {
        if let Some(number) = self.find(string) {
            return number;
        }
        let number = self.strings.len() as u32;
        self.strings.push(string);
        self.numbers.insert(string.into(), number);
        number
    }

    /// The number of a string, if it is there.
    pub(crate) fn find(&self, string: &str) -> Option<u32> {
        self.numbers.get(string).copied()
    }

    /// A string by its number.
    pub(crate) fn get(&self, number: u32) -> &str {
        &self.strings[number as usize]
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.strings.len()
    }
}
