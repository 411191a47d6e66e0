//! One piece of work for records of any type.

use std::any::Any;
use std::borrow::Cow;

use anyhow::{Result, bail};
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Dataset, Entity, HeadExample, JsonLines, Page,
    Property, QuestionExample, Record, Redirect, RelationExample, Triple, TypingExample,
    stable_hash,
};
use rustc_hash::FxHashMap;

/// Names of all record types.
pub(crate) const NAMES: [&str; 12] = [
    RelationExample::NAME,
    HeadExample::NAME,
    AlignedPage::NAME,
    Entity::NAME,
    Property::NAME,
    Triple::NAME,
    Page::NAME,
    Redirect::NAME,
    TypingExample::NAME,
    ChoiceExample::NAME,
    QuestionExample::NAME,
    ClozeExample::NAME,
];

/// What can be done with records of any type.
pub(crate) trait Work {
    /// What it gives.
    type Output;

    fn run<R: Record>(self) -> Result<Self::Output>;
}

/// Does the work for the record type of this name.
pub(crate) fn for_record<W: Work>(record: &str, work: W) -> Result<W::Output> {
    match record {
        RelationExample::NAME => work.run::<RelationExample>(),
        HeadExample::NAME => work.run::<HeadExample>(),
        AlignedPage::NAME => work.run::<AlignedPage>(),
        Entity::NAME => work.run::<Entity>(),
        Property::NAME => work.run::<Property>(),
        Triple::NAME => work.run::<Triple>(),
        Page::NAME => work.run::<Page>(),
        Redirect::NAME => work.run::<Redirect>(),
        TypingExample::NAME => work.run::<TypingExample>(),
        ChoiceExample::NAME => work.run::<ChoiceExample>(),
        QuestionExample::NAME => work.run::<QuestionExample>(),
        ClozeExample::NAME => work.run::<ClozeExample>(),
        other => bail!(
            "{other}: no such record type in this version, expected {}",
            NAMES.join(", ")
        ),
    }
}

/// Whether some of these datasets have heads that need not form a tree.
pub(crate) fn allow_non_tree(datasets: &[Dataset]) -> bool {
    let mut datasets = datasets.iter();
    datasets.any(|dataset| dataset.manifest.rules().allow_non_tree)
}

/// The row as one of a relation set, if it is.
pub(crate) fn relation<R: Record>(row: &R) -> Option<&RelationExample> {
    (row as &dyn Any).downcast_ref()
}

/// The same, to be changed.
pub(crate) fn relation_mut<R: Record>(row: &mut R) -> Option<&mut RelationExample> {
    (row as &mut dyn Any).downcast_mut()
}

/// The row as one of a typing set, if it is.
pub(crate) fn typing<R: Record>(row: &R) -> Option<&TypingExample> {
    (row as &dyn Any).downcast_ref()
}

/// Whether rows of this type have labels that are numbers of the dataset's classes.
pub(crate) fn has_classes<R: Record>() -> bool {
    [RelationExample::NAME, TypingExample::NAME].contains(&R::NAME)
}

/// What a row is one of: its relation, or all its types together. None of those that have no label, and
/// of other record types.
pub(crate) fn class<R: Record>(row: &R) -> Option<Cow<'_, str>> {
    let row = row as &dyn Any;
    if let Some(row) = row.downcast_ref::<RelationExample>() {
        return row.label.map(|_| Cow::Borrowed(row.relation.as_str()));
    }
    if let Some(row) = row.downcast_ref::<ClozeExample>() {
        return Some(Cow::Borrowed(&row.relation));
    }
    let row = row.downcast_ref::<TypingExample>()?;
    (!row.types.is_empty()).then(|| Cow::Owned(row.types.join(", ")))
}

/// Takes the classes out of a row, with their labels: its relation, if it has a label, or its types by the
/// alphabet, whatever their numbers are.
pub(crate) fn take_classes<R: Record>(row: &mut R) -> Vec<String> {
    let row = row as &mut dyn Any;
    if let Some(row) = row.downcast_mut::<RelationExample>() {
        let relation = std::mem::take(&mut row.relation);
        return row.label.take().map(|_| relation).into_iter().collect();
    }
    let Some(row) = row.downcast_mut::<TypingExample>() else {
        return Vec::new();
    };
    row.labels.clear();
    let types = std::mem::take(&mut row.types);
    let mut types: Vec<String> = types.iter().map(str::to_owned).collect();
    types.sort_unstable();
    types
}

/// Renumbers the classes of a row: its relation, if it has a label, or its types.
///
/// # Errors
/// The class that has no number.
pub(crate) fn relabel<R: Record>(
    row: &mut R,
    labels: &FxHashMap<String, i64>,
) -> Result<(), String> {
    let label = |name: &str| labels.get(name).copied().ok_or_else(|| name.to_owned());
    let row = row as &mut dyn Any;
    if let Some(row) = row.downcast_mut::<RelationExample>() {
        row.label = row.label.map(|_| label(&row.relation)).transpose()?;
    } else if let Some(row) = row.downcast_mut::<TypingExample>() {
        let numbered = row.types.iter().map(|name| Ok((label(name)?, name)));
        let mut numbered = numbered.collect::<Result<Vec<_>, String>>()?;
        numbered.sort_unstable();
        let types = numbered.iter().map(|&(_, name)| name).collect();
        row.labels = numbered.into_iter().map(|(label, _)| label).collect();
        row.types = types;
    }
    Ok(())
}

/// What stands for each row where rows are told apart: a hash of its id, or of all that it says where
/// the record type has no ids (statements).
pub(crate) fn keys<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    if rows.iter().all(|row| !row.id().is_empty()) {
        let ids = rows.iter().map(|row| stable_hash([row.id().as_bytes()]));
        return Ok(ids.collect());
    }
    contents(rows)
}

/// A hash of all that each row says.
pub(crate) fn contents<R: Record>(rows: &[R]) -> Result<Vec<u64>> {
    let lines = JsonLines::of(rows)?;
    // JSON has no line breaks within a line.
    let lines = lines.split_inclusive(|&byte| byte == b'\n');
    Ok(lines.map(|line| stable_hash([line])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_numbered_anew_in_the_order_of_their_labels() {
        let mut row = TypingExample {
            id: "1".into(),
            doc_id: String::new(),
            text: "Zoë sang .".into(),
            mention_start: 0,
            mention_end: 3,
            labels: vec![0, 1],
            types: ["/artist", "/person"].into(),
        };
        assert_eq!(class(&row).as_deref(), Some("/artist, /person"));
        let labels = [("/person".to_owned(), 0), ("/artist".to_owned(), 2)];
        let labels = labels.into_iter().collect();
        assert_eq!(relabel(&mut row, &labels), Ok(()));
        assert_eq!(
            (row.labels.clone(), row.types.join(" ")),
            (vec![0, 2], "/person /artist".into())
        );
        let none = relabel(&mut row, &FxHashMap::default());
        assert_eq!(none, Err("/person".to_owned()));
        // By the alphabet, whatever the numbers are.
        assert_eq!(take_classes(&mut row), ["/artist", "/person"]);
        assert_eq!((class(&row), row.labels.len()), (None, 0));
    }
}
