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

    /// Adds labels from lines `P36<TAB>capital` (further columns are ignored, as are lines that
    /// start with `#`), or from T-REx's own table `URI<TAB>rdfs:label URI<TAB>"capital"`, whose
    /// aliases are passed over. Later labels replace earlier ones.
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
    let lines = tsv.lines().zip(1..);
    lines.filter_map(|(line, number)| label(line).transpose().map(|l| l.map_err(|()| number)))
}

/// The property and label of a line; `None` for comments, blank lines and aliases.
fn label(line: &str) -> Result<Option<(String, String)>, ()> {
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut columns = line.split('\t');
    let property = columns.next().and_then(crate::property).ok_or(())?;
    let second = columns.next().ok_or(())?;
    let label = match second.rsplit_once('#') {
        Some((_, "altLabel")) => return Ok(None),
        Some((_, "label")) => columns.next().ok_or(())?,
        _ => second,
    };
    Ok(Some((
        property.to_owned(),
        label.trim().trim_matches('"').to_owned(),
    )))
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
        let rdf = "http://www.wikidata.org/prop/direct/P16\t\
                   http://www.w3.org/2000/01/rdf-schema#label\t\"highway system\"\n\
                   http://www.wikidata.org/prop/direct/P16\t\
                   http://www.w3.org/2004/02/skos/core#altLabel\t\"network of routes\"\n";
        assert_eq!(labels.extend(rdf), Ok(()));
        assert_eq!(labels.get("P16"), Some("highway system"));
        assert_eq!(labels.extend("# comment\nQ36\tx\n"), Err(2));
    }
}
