//! The names of classes in the order of their labels, as files have them.

use std::collections::BTreeMap;

use serde_json::Value;

/// How the released code of K-Adapter (`utils_glue.py`) has its relations.
const RELEASED: &str = "trex_relations = [";

/// The class names of a file in label order: a name a line, a list in JSON or Python, a JSON object
/// that gives each its number, or K-Adapter's `utils_glue.py`, whose list `trex_relations` counts.
/// Names stand as often as the file has them.
///
/// # Errors
/// One sentence about what was expected.
pub fn class_names(text: &str) -> Result<Vec<String>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.find(RELEASED).map_or(text, |at| {
        let list = &text[at + RELEASED.len() - 1..];
        list.split_inclusive(']').next().unwrap_or(list)
    });
    match text.trim_start().as_bytes().first() {
        Some(b'[') => list(text.trim()),
        Some(b'{') => numbered(text),
        _ => {
            let lines = text.lines().map(str::trim);
            let names = lines.filter(|line| !line.is_empty());
            Ok(names.map(str::to_owned).collect())
        }
    }
}

fn list(text: &str) -> Result<Vec<String>, String> {
    let json = serde_json::from_str(text);
    json.or_else(|_| serde_json::from_str(&python(text)))
        .map_err(|error| format!("expected a list of class names: {error}"))
}

/// A list in Python as JSON: its quotes are single ones, and it may end in a comma.
fn python(text: &str) -> String {
    let list = text.replace('\'', "\"");
    let list = list.trim_end_matches(']').trim_end();
    format!("{}]", list.strip_suffix(',').unwrap_or(list))
}

/// An object like `{"P17": 0, "P19": 1}`, by number.
fn numbered(text: &str) -> Result<Vec<String>, String> {
    let object: Value = serde_json::from_str(text)
        .map_err(|error| format!("expected a JSON object of class names: {error}"))?;
    let numbers: BTreeMap<String, usize> = serde_json::from_value(object)
        .map_err(|error| format!("expected a number for each class: {error}"))?;
    let mut names: Vec<_> = numbers.into_iter().map(|(name, n)| (n, name)).collect();
    names.sort();
    for (place, (number, name)) in names.iter().enumerate() {
        if place != *number {
            return Err(format!(
                "{name} has number {number}, expected {place}: the numbers go from 0 without a gap"
            ));
        }
    }
    Ok(names.into_iter().map(|(_, name)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_come_in_five_forms() {
        let expected = ["P17", "P19", "P36"].map(str::to_owned).to_vec();
        for text in [
            "P17\nP19\nP36\n",
            "\u{feff}P17\r\n\r\nP19\r\nP36",
            r#"["P17", "P19", "P36"]"#,
            "['P17',\n 'P19', 'P36',\n]\n",
            r#"{"P36": 2, "P17": 0, "P19": 1}"#,
            "import json\nkinds = ['a']\ntrex_relations = ['P17',\n    'P19', 'P36']\n\nother = ['Q1']\n",
        ] {
            assert_eq!(class_names(text).unwrap(), expected, "{text}");
        }
        assert_eq!(class_names(r#"["it's", "b"]"#).unwrap(), ["it's", "b"]);
        assert_eq!(class_names("\n").unwrap(), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_list_is_told() {
        let error = |text| class_names(text).unwrap_err();
        assert_eq!(
            error(r#"{"P17": 0, "P19": 2}"#),
            "P19 has number 2, expected 1: the numbers go from 0 without a gap"
        );
        assert!(error("[P17]").starts_with("expected a list of class names: "));
        assert!(error(r#"{"P17": "a"}"#).starts_with("expected a number for each class: "));
        assert!(error("{P17").starts_with("expected a JSON object of class names: "));
    }
}
