//! The classes of a task and their numbers.

use std::collections::{BTreeSet, HashMap};

use super::Fault;
use crate::class_names;

/// Class names in label order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes {
    names: Vec<String>,
    numbers: HashMap<String, i64>,
}

impl Classes {
    /// These names in this order, each once.
    pub fn new(names: impl IntoIterator<Item = String>) -> Self {
        let mut classes = Self::default();
        for name in names {
            let next = classes.names.len() as i64;
            if !classes.numbers.contains_key(&name) {
                classes.names.push(name.clone());
                classes.numbers.insert(name, next);
            }
        }
        classes
    }

    /// From a file: what [`class_names`] reads, each name once, or a table
    /// with tabs whose last column has the names in any order (FIGER's `types.map`): these are sorted, and
    /// what stands in the first column counts as the class of its line.
    ///
    /// # Errors
    /// A [`Fault`] that says what was expected.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let is_table = !text.starts_with(['{', '[']) && text.contains('\t');
        let classes = match class_names(text) {
            _ if is_table => {
                let last = |line: &str| line.rsplit('\t').next().map(|name| name.trim().to_owned());
                let names: BTreeSet<String> = text.lines().filter_map(last).collect();
                let mut classes = Self::new(names);
                classes.rename(text);
                classes
            }
            names => Self::new(names.map_err(Fault::malformed)?),
        };
        if classes.names.is_empty() || classes.numbers.contains_key("") {
            return Err(Fault::malformed(
                "expected class names: a JSON object with their numbers, a JSON list, or one a line",
            ));
        }
        Ok(classes)
    }

    /// Takes the first column of a table as further names of the classes in the last one. A class's own
    /// name stays its own.
    fn rename(&mut self, table: &str) {
        for line in table.lines() {
            let other = line.split('\t').next().unwrap_or_default().trim();
            let class = line.rsplit('\t').next().unwrap_or_default().trim();
            if let Some(number) = self.number(class)
                && !self.numbers.contains_key(other)
            {
                self.numbers.insert(other.to_owned(), number);
            }
        }
    }

    /// The names in label order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of a class, if it is one of these or another name of one.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.numbers.get(name).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_every_kind_of_file() {
        let names = |text: &str| Classes::parse(text).unwrap().names;
        assert_eq!(names(r#"{"b": 0, "a": 1}"#), ["b", "a"]);
        assert_eq!(names(r#"["b", "a", "b"]"#), ["b", "a"]);
        assert_eq!(names("b\r\na\r\n"), ["b", "a"]);
        assert_eq!(names("/x\t/b\n/y\t/a\n/z\t/b\n"), ["/a", "/b"]);
        assert_eq!(Classes::parse("b\na").unwrap().number("a"), Some(1));
        let fault = |text: &str| Classes::parse(text).unwrap_err().detail;
        assert_eq!(
            fault(r#"{"b": 1, "a": 1}"#),
            "a has number 1, expected 0: the numbers go from 0 without a gap"
        );
        assert!(fault(" ").starts_with("expected class names"));
    }
}
