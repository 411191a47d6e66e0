//! English labels of Wikidata properties.

use std::collections::HashMap;

/// Labels by property. The table that ships with the program holds the common ones.
#[derive(Debug, Clone)]
pub struct PropertyLabels(HashMap<String, String>);

impl PropertyLabels {
    /// The table that ships with the program.
    pub fn bundled() -> Self {
        Self(
            lines(include_str!("property_labels.tsv"))
                .filter_map(Result::ok)
                .collect(),
        )
    }

    /// Adds labels from lines `P36<TAB>capital`; further columns are ignored, as are lines that
    /// start with `#`. Later labels replace earlier ones.
    ///
    /// # Errors
    /// The number of the first line that is not so.
    pub fn extend(&mut self, tsv: &str) -> Result<(), usize> {
        for line in lines(tsv) {
            let (property, label) = line?;
            self.0.insert(property, label);
        }
        Ok(())
    }

    /// The label of a property.
    pub fn get(&self, property: &str) -> Option<&str> {
        self.0.get(property).map(String::as_str)
    }
}

fn lines(tsv: &str) -> impl Iterator<Item = Result<(String, String), usize>> {
    let lines = tsv.lines().enumerate();
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(i, line)| {
            let mut columns = line.split('\t');
            match (columns.next().and_then(crate::property), columns.next()) {
                (Some(property), Some(label)) => Ok((property.to_owned(), label.trim().to_owned())),
                _ => Err(i + 1),
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_table_is_whole_and_can_be_extended() {
        let bad: Vec<usize> = lines(include_str!("property_labels.tsv"))
            .filter_map(Result::err)
            .collect();
        assert!(bad.is_empty(), "lines {bad:?}");
        let mut labels = PropertyLabels::bundled();
        assert_eq!(labels.get("P36"), Some("capital"));
        assert_eq!(
            labels.extend("P36\tseat\nhttp://x/P99999\tnew\t1\n"),
            Ok(())
        );
        assert_eq!(
            (labels.get("P36"), labels.get("P99999")),
            (Some("seat"), Some("new"))
        );
        assert_eq!(labels.extend("# comment\nQ36\tx\n"), Err(2));
    }
}
