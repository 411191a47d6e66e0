//! Types of entities: FIGER's label files, and plain lists.
//!
//! FIGER's files (`exp.label` and `exp.out` of its release) have a `TOKEN<TAB>TAG` a line and an empty line between
//! sentences. A tag is `O`, `B-` at an entity's first token or `I-` at its others, followed by the entity's types with
//! commas between them; as in FIGER's own scorer, those at the first token count. A plain list has the types of an
//! entity a line, with commas or spaces between them.

use std::collections::BTreeMap;

use super::{AnswerFile, same_length};
use crate::Result;
use crate::evaluate::scoring::labels::Typed;

/// An entity of a label file: where it is, and its types.
struct Entity<'a> {
    /// Its first line.
    line: u64,
    /// The line behind its last.
    end: u64,
    types: Vec<&'a str>,
}

/// The types and predicted types of each entity. Files of different forms do not go together.
///
/// # Errors
/// [`crate::Error::Line`] for a line of another form, or where predictions are for other tokens or entities than the
/// labels.
pub fn typed(gold: &AnswerFile, predicted: &AnswerFile) -> Result<Vec<Typed>> {
    let pairs = if is_tagged(gold) {
        tagged(gold, predicted)?
    } else {
        let (labels, guesses) = (listed(gold)?, listed(predicted)?);
        same_length(gold, labels.len(), predicted, guesses.len())?;
        labels.into_iter().zip(guesses).collect()
    };
    let mut names = BTreeMap::new();
    let mut numbers = |types: Vec<&str>| {
        let types = types.into_iter().map(|name| {
            let next = names.len() as u32;
            *names.entry(name.to_owned()).or_insert(next)
        });
        let mut types: Vec<u32> = types.collect();
        types.sort_unstable();
        types.dedup();
        types
    };
    let pairs = pairs.into_iter();
    let typed = pairs.map(|(gold, predicted)| Typed {
        gold: numbers(gold),
        predicted: numbers(predicted),
    });
    Ok(typed.collect())
}

/// Whether it is a label file, by its first line.
fn is_tagged(file: &AnswerFile) -> bool {
    let first = file.text.lines().next().unwrap_or_default();
    first.contains('\t')
}

/// The types of each line.
fn listed(file: &AnswerFile) -> Result<Vec<Vec<&str>>> {
    let lines = file.lines().map(|(number, line)| {
        if line.contains('\t') {
            return Err(file.wrong(number, "expected the types of an entity, found a tab"));
        }
        Ok(types(line))
    });
    lines.collect()
}

fn types(list: &str) -> Vec<&str> {
    let types = list.split([',', ' ']).map(str::trim);
    types.filter(|name| !name.is_empty()).collect()
}

type Types<'a> = Vec<&'a str>;

/// The types of the labels' entities, and of the same in the predictions; none where these have no entity there.
fn tagged<'a>(
    gold: &'a AnswerFile,
    predicted: &'a AnswerFile,
) -> Result<Vec<(Types<'a>, Types<'a>)>> {
    same_tokens(gold, predicted)?;
    let guesses = entities(predicted)?.into_iter();
    let mut guesses: BTreeMap<(u64, u64), Entity> = guesses
        .map(|entity| ((entity.line, entity.end), entity))
        .collect();
    let mut pairs = Vec::new();
    for Entity { line, end, types } in entities(gold)? {
        let guess = guesses.remove(&(line, end));
        pairs.push((types, guess.map(|guess| guess.types).unwrap_or_default()));
    }
    if let Some(entity) = guesses.into_values().next() {
        let path = gold.path.display();
        let reason =
            format!("an entity that {path} does not have: types of its entities alone are scored");
        return Err(predicted.wrong(entity.line, reason));
    }
    Ok(pairs)
}

/// Refuses predictions for other tokens.
fn same_tokens(gold: &AnswerFile, predicted: &AnswerFile) -> Result<()> {
    let token = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
    let (mut labels, mut guesses) = (gold.lines(), predicted.lines());
    loop {
        match (labels.next(), guesses.next()) {
            (Some((_, label)), Some((_, guess))) if token(label) == token(guess) => {}
            (None, None) => return Ok(()),
            // An empty line at the end of one of them.
            (None, Some((_, rest))) | (Some((_, rest)), None) if rest.trim().is_empty() => {}
            (Some((number, label)), guess) => {
                let found = guess.map_or_else(
                    || "the end".to_owned(),
                    |(_, guess)| format!("{:?}", token(guess)),
                );
                let reason = format!(
                    "expected the token {:?} as in {}, found {found}",
                    token(label),
                    gold.path.display()
                );
                return Err(predicted.wrong(number, reason));
            }
            (None, Some((number, _))) => {
                return Err(
                    predicted.wrong(number, format!("{} ends before it", gold.path.display()))
                );
            }
        }
    }
}

/// The entities of a label file.
fn entities(file: &AnswerFile) -> Result<Vec<Entity<'_>>> {
    let mut all: Vec<Entity> = Vec::new();
    // Whether an entity may go on in the next line.
    let mut open = false;
    for (number, line) in file.lines() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let form = || file.wrong(number, format!("expected TOKEN<TAB>TAG, found {line:?}"));
        let mut columns = line.split('\t').skip(1);
        let tag = columns.next().ok_or_else(form)?.trim_end();
        // Some lines of FIGER's own file end in a tab.
        if columns.any(|column| !column.trim().is_empty()) {
            return Err(form());
        }
        if tag == "O" {
            open = false;
        } else if let Some(list) = tag.strip_prefix("B-") {
            let types = types(list);
            if types.is_empty() {
                return Err(file.wrong(number, "expected the entity's types behind B-"));
            }
            all.push(Entity {
                line: number,
                end: number + 1,
                types,
            });
            open = true;
        } else if tag.starts_with("I-") {
            let entity = all.last_mut().filter(|_| open);
            let entity =
                entity.ok_or_else(|| file.wrong(number, "I- behind no token of an entity"))?;
            entity.end = number + 1;
        } else {
            return Err(file.wrong(
                number,
                format!("expected a tag O, B-TYPES or I-TYPES, found {tag:?}"),
            ));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(gold: &str, predicted: &str) -> Result<Vec<Typed>> {
        let file = |name: &str, text: &str| AnswerFile {
            path: name.into(),
            text: text.to_owned(),
        };
        typed(&file("g", gold), &file("p", predicted))
    }

    fn one(gold: &[u32], predicted: &[u32]) -> Typed {
        Typed {
            gold: gold.to_vec(),
            predicted: predicted.to_vec(),
        }
    }

    const GOLD: &str = "In\tO\t\r\nNew\tB-/location,/location/city\r\nYork\tI-/location/city,/location\r\n\t\r\n\
                        Ann\tB-/person\r\nBob\tB-/person\r\n";

    #[test]
    fn label_files_are_paired_by_entity() {
        let predicted = "In\tO\nNew\tB-/location\nYork\tI-/location\n\nAnn\tO\nBob\tB-/person,/person/actor\n\n";
        let expected = [one(&[0, 1], &[0]), one(&[2], &[]), one(&[2], &[2, 3])];
        assert_eq!(read(GOLD, predicted).unwrap(), expected);
    }

    #[test]
    fn lists_are_paired_by_line() {
        let expected = [one(&[0, 1], &[1]), one(&[2], &[]), one(&[], &[0])];
        assert_eq!(read("/a,/b\n/c\n\n", "/b /b\n\n/a\n").unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_line() {
        let message = |predicted: &str| read(GOLD, predicted).unwrap_err().to_string();
        let rest = "\n\nAnn\tO\nBob\tO\n";
        let with = |york: &str| message(&format!("In\tO\nNew\tB-/location\n{york}{rest}"));
        assert_eq!(
            with("Jersey\tO"),
            "p: line 3: expected the token \"York\" as in g, found \"Jersey\""
        );
        assert_eq!(
            with("York\tO"),
            "p: line 2: an entity that g does not have: types of its entities alone are scored"
        );
        assert_eq!(
            with("York\tO\tx"),
            "p: line 3: expected TOKEN<TAB>TAG, found \"York\\tO\\tx\""
        );
        assert_eq!(
            with("York\t/location"),
            "p: line 3: expected a tag O, B-TYPES or I-TYPES, found \"/location\""
        );
        assert_eq!(
            with("York"),
            "p: line 3: expected TOKEN<TAB>TAG, found \"York\""
        );
        assert_eq!(
            message("In\tO\n"),
            "p: line 2: expected the token \"New\" as in g, found the end"
        );
        let message = read("/a\n", "/a\n/b\n").unwrap_err().to_string();
        assert_eq!(
            message,
            "p: line 2: no label is left: there are 2 predictions, and 1 labels in g"
        );
    }
}
