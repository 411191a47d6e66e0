//! Negatives of a set of pairs against its positives.

use std::collections::{HashMap, HashSet};

use super::Report;
use crate::{Dataset, PairExample, Result, Split, stable_hash};

/// The positives of a dataset, hashed. Memory: 21 bytes at most for each, twice.
#[derive(Default)]
struct Positives {
    /// The split of each by its id.
    splits: HashMap<u64, Split>,
    /// What each says.
    said: HashSet<u64>,
}

/// Each negative was made of a positive of its own split, and no negative says what a positive of any
/// split says. A dataset of some rows of another one need not have the positive.
pub(super) fn check_negatives(dataset: &Dataset, report: &mut Report) {
    if let Err(e) = check(dataset, report) {
        // The shard that cannot be read has a line of its own by now.
        report.problem(format!("negatives: not compared with the positives: {e}"));
    }
}

fn check(dataset: &Dataset, report: &mut Report) -> Result<()> {
    let mut positives = Positives::default();
    for split in Split::ALL {
        for row in dataset.rows::<PairExample>(split)? {
            let row = row?;
            if row.positive.is_empty() {
                positives
                    .splits
                    .insert(stable_hash([row.id.as_bytes()]), split);
                positives.said.insert(said(&row));
            }
        }
    }
    let is_whole = dataset.manifest.command.starts_with("knowledge ");
    for split in Split::ALL {
        for row in dataset.rows::<PairExample>(split)? {
            let row = row?;
            if row.positive.is_empty() {
                continue;
            }
            if let Some(fault) = positives.fault(&row, split, is_whole) {
                report.problem(format!("{} ({}): {fault}", split.name(), row.id));
            }
        }
    }
    Ok(())
}

impl Positives {
    fn fault(&self, row: &PairExample, split: Split, is_whole: bool) -> Option<String> {
        let positive = &row.positive;
        match self.splits.get(&stable_hash([positive.as_bytes()])) {
            Some(other) if *other != split => {
                let other = other.name();
                return Some(format!("a negative of {positive}, which is in {other}"));
            }
            None if is_whole => {
                return Some(format!("a negative of {positive}, which is no positive"));
            }
            _ => {}
        }
        let (first, second) = (&row.first, &row.second);
        self.said
            .contains(&said(row))
            .then(|| format!("a negative, but {first:?} and {second:?} are a positive, too"))
    }
}

/// What a row says, hashed: two phrases in either direction, or a relation from one to the other.
fn said(row: &PairExample) -> u64 {
    fn of<'a>(id: &'a str, phrase: &'a str) -> &'a [u8] {
        let told = if id.is_empty() { phrase } else { id };
        told.as_bytes()
    }
    let first = of(&row.first_id, &row.first);
    let second = of(&row.second_id, &row.second);
    if row.relation.is_empty() {
        return stable_hash([first.min(second), first.max(second)]);
    }
    let relation = of(&row.relation_id, &row.relation);
    stable_hash([first, relation, second])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::pair as positive;

    fn negative() -> PairExample {
        PairExample {
            id: "8".into(),
            second: "stone".into(),
            second_id: "stone".into(),
            positive: positive().id,
            replaced: "second".into(),
            negative: "random".into(),
            ..positive()
        }
    }

    fn positives() -> Positives {
        let id = stable_hash([positive().id.as_bytes()]);
        Positives {
            splits: [(id, Split::Test)].into(),
            said: [said(&positive())].into(),
        }
    }

    #[test]
    fn each_fault_is_named() {
        let fault = |row: &PairExample, split| positives().fault(row, split, true);
        assert_eq!(fault(&negative(), Split::Test), None);
        assert_eq!(
            fault(&negative(), Split::Train).unwrap(),
            "a negative of 7, which is in test"
        );
        let mut row = negative();
        row.positive = "6".into();
        assert_eq!(
            fault(&row, Split::Test).unwrap(),
            "a negative of 6, which is no positive"
        );
        assert_eq!(positives().fault(&row, Split::Test, false), None);
        let mut row = negative();
        (row.first_id, row.second_id) = ("bird".into(), "goose".into());
        assert!(
            fault(&row, Split::Test)
                .unwrap()
                .contains("are a positive, too")
        );
        // With a relation, the direction counts.
        row.relation = "is a".into();
        assert_eq!(fault(&row, Split::Test), None);
    }
}
