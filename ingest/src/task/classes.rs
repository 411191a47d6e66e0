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

    /// From a file: what [`class_names`] reads, each name once, or a table of two columns with a
    /// tab between them, of which the second has the names in any order (FIGER's `types.map`):
    /// these are sorted, and what stands in the first column counts as the class of its line.
    ///
    /// # Errors
    /// A [`Fault`] that says what was expected.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim_start_matches('\u{feff}').trim();
        let is_table = !text.starts_with(['{', '[']) && text.contains('\t');
        let classes = match class_names(text) {
            _ if is_table => {
                let rows = table(text)?;
                let names: BTreeSet<String> =
                    rows.iter().map(|&(_, name)| name.to_owned()).collect();
                let mut classes = Self::new(names);
                classes.rename(&rows);
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

    /// Takes the first column of a table as further names of the classes in the second one. A
    /// class's own name stays its own.
    fn rename(&mut self, table: &[(&str, &str)]) {
        for &(other, class) in table {
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

/// The rows of a table of two columns; empty columns at the end of a line do not count.
fn table(text: &str) -> Result<Vec<(&str, &str)>, Fault> {
    let mut rows = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_end();
        match line.split_once('\t') {
            Some((first, second)) if !second.contains('\t') => {
                rows.push((first.trim(), second.trim()));
            }
            _ => {
                let columns = line.split('\t').count();
                return Err(Fault::malformed(format!(
                    "line {number}: expected two columns with a tab between them, found {columns}"
                )));
            }
        }
    }
    Ok(rows)
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
        assert_eq!(
            Classes::parse("/x\t/b\t\n/y\t/a\n").unwrap().names,
            ["/a", "/b"]
        );
        assert_eq!(
            fault("/x\t/b\n/y\tz\t/a\n"),
            "line 2: expected two columns with a tab between them, found 3"
        );
    }
}
