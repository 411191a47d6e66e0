//! The names of classes in a file from elsewhere: one a line, a JSON list, a JSON object that gives each its number, or
//! a Python source with lists of them (the released code's `utils_glue.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::{Error, Result};

/// `name = [ … ]` at the start of a line; no name of a class has a bracket.
static LISTS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?m)^(\w+)\s*=\s*\[([^\[\]]*)\]").ok());
/// What a list holds: a name in quotes, a comment, or something else.
static ITEMS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"'([^'\n]*)'|"([^"\n]*)"|#[^\n]*|([^\s,])"#).ok());

/// The names of `count` classes in label order. Of several lists in a Python source it is the one with so many.
///
/// # Errors
/// [`Error::Io`]; [`Error::Unfit`] with the reason.
pub fn read(path: &Path, count: usize) -> Result<Vec<String>> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let wrong = |reason: String| Error::Unfit {
        path: path.to_owned(),
        reason,
    };
    let names = parse(text.trim_start_matches('\u{feff}'), count).map_err(wrong)?;
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(wrong(format!(
            "{twice:?} occurs twice, expected each class once"
        ))),
        None => Ok(names),
    }
}

fn parse(text: &str, count: usize) -> std::result::Result<Vec<String>, String> {
    let lists = python_lists(text);
    if !lists.is_empty() {
        return one_of(lists, count);
    }
    let json = |e: serde_json::Error| format!("expected JSON: {e}");
    let names = match text.trim_start().as_bytes().first() {
        Some(b'[') => serde_json::from_str(text).map_err(json)?,
        Some(b'{') => numbered(serde_json::from_str(text).map_err(json)?)?,
        _ => {
            let lines = text.lines().map(|line| line.trim().to_owned());
            lines.filter(|line| !line.is_empty()).collect::<Vec<_>>()
        }
    };
    match names.len() {
        found if found == count => Ok(names),
        found => Err(format!(
            "{found} names, but the adapter's file has {count} classes"
        )),
    }
}

/// The lists of names that are assigned in a Python source.
fn python_lists(text: &str) -> Vec<(&str, Vec<String>)> {
    let lists = LISTS.iter().flat_map(|lists| lists.captures_iter(text));
    let named = lists.filter_map(|list| {
        let (_, [name, body]) = list.extract();
        let mut names = Vec::new();
        for item in ITEMS.iter().flat_map(|items| items.captures_iter(body)) {
            if item.get(3).is_some() {
                return None; // numbers, or code
            }
            names.extend(
                item.get(1)
                    .or(item.get(2))
                    .map(|name| name.as_str().to_owned()),
            );
        }
        (!names.is_empty()).then_some((name, names))
    });
    named.collect()
}

fn one_of(
    lists: Vec<(&str, Vec<String>)>,
    count: usize,
) -> std::result::Result<Vec<String>, String> {
    let described: Vec<String> = lists
        .iter()
        .map(|(name, names)| format!("{name} has {}", names.len()))
        .collect();
    let mut fitting: Vec<_> = lists
        .into_iter()
        .filter(|(_, names)| names.len() == count)
        .collect();
    fitting.dedup_by(|a, b| a.1 == b.1);
    let [_] = fitting.as_slice() else {
        let many = if fitting.is_empty() {
            "no list"
        } else {
            "several lists"
        };
        return Err(format!(
            "{many} of {count} names, as many as the adapter's file has classes: {}",
            described.join(", ")
        ));
    };
    Ok(fitting.remove(0).1)
}

/// An object like `{"P17": 0, "P19": 1}`, by number.
fn numbered(object: BTreeMap<String, usize>) -> std::result::Result<Vec<String>, String> {
    let mut names: Vec<(usize, String)> = object.into_iter().map(|(name, n)| (n, name)).collect();
    names.sort();
    match names
        .iter()
        .enumerate()
        .find(|(place, (number, _))| place != number)
    {
        Some((place, (number, name))) => Err(format!(
            "{name} has number {number}, expected {place}: the numbers go from 0 without a gap"
        )),
        None => Ok(names.into_iter().map(|(_, name)| name).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "import os\nrelations = ['per:title', \"no_relation\",  # TACRED\n   'org:x/y']\nsizes = [1, 2]\n\
                          trex_relations = ['P17', 'P19',\n  'P36', 'P30',\n]\n\ndef f():\n    return ['a']\n";

    #[test]
    fn names_come_in_four_forms() {
        let names = ["P17", "P19", "P36", "P30"];
        for text in [
            SOURCE,
            "P17\r\nP19\r\n\r\nP36\r\nP30",
            r#"["P17", "P19", "P36", "P30"]"#,
            r#"{"P36": 2, "P17": 0, "P30": 3, "P19": 1}"#,
        ] {
            assert_eq!(parse(text, 4).unwrap(), names, "{text}");
        }
        assert_eq!(
            parse(SOURCE, 3).unwrap(),
            ["per:title", "no_relation", "org:x/y"]
        );
    }

    #[test]
    fn another_number_of_names_is_refused() {
        assert_eq!(
            parse(SOURCE, 5).unwrap_err(),
            "no list of 5 names, as many as the adapter's file has classes: relations has 3, trex_relations has 4"
        );
        let twice = "a = ['x']\nb = ['y']\n";
        assert!(
            parse(twice, 1)
                .unwrap_err()
                .starts_with("several lists of 1 names")
        );
        assert_eq!(
            parse("P17\n", 2).unwrap_err(),
            "1 names, but the adapter's file has 2 classes"
        );
        assert_eq!(
            parse(r#"{"P17": 0, "P19": 2}"#, 2).unwrap_err(),
            "P19 has number 2, expected 1: the numbers go from 0 without a gap"
        );
        assert!(
            parse("[P17]", 1)
                .unwrap_err()
                .starts_with("expected JSON: ")
        );
    }
}
