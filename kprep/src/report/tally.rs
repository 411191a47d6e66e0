//! Counts under names, whatever the record type.

use std::collections::BTreeMap;

use kprep_schemas::Distribution;

/// What rows of a benchmark are like, counted under keys like `words_a_question`.
///
/// Counts of parts merge to the counts of the whole in any order. Memory grows with the distinct
/// names, lengths and answers, not with the rows.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Rows.
    pub(crate) rows: u64,
    /// How often each length occurs.
    pub(crate) lengths: BTreeMap<&'static str, Distribution>,
    /// How many of how many.
    pub(crate) shares: BTreeMap<&'static str, (u64, u64)>,
    /// How often each name occurs.
    pub(crate) names: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// How often each answer is the right one, by what is asked for.
    pub(crate) answers: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Tally {
    pub(crate) fn length(&mut self, of: &'static str, length: usize) {
        self.lengths.entry(of).or_default().add(length as u64);
    }

    pub(crate) fn share(&mut self, of: &'static str, yes: bool) {
        let (count, all) = self.shares.entry(of).or_default();
        *count += u64::from(yes);
        *all += 1;
    }

    pub(crate) fn name(&mut self, of: &'static str, name: &str) {
        count(self.names.entry(of).or_default(), name, 1);
    }

    /// An answer that is right, where always the same one could be guessed.
    pub(crate) fn answer(&mut self, asked: &str, answer: &str) {
        if let Some(answers) = self.answers.get_mut(asked) {
            count(answers, answer, 1);
        } else {
            let answers = BTreeMap::from([(answer.to_owned(), 1)]);
            self.answers.insert(asked.to_owned(), answers);
        }
    }

    /// Counts what the other one has counted, too.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        for (of, lengths) in &other.lengths {
            self.lengths.entry(of).or_default().merge(lengths);
        }
        for (of, (yes, all)) in &other.shares {
            let share = self.shares.entry(of).or_default();
            *share = (share.0 + yes, share.1 + all);
        }
        for (of, names) in &other.names {
            let all = self.names.entry(of).or_default();
            for (name, rows) in names {
                count(all, name, *rows);
            }
        }
        for (asked, answers) in &other.answers {
            let all = self.answers.entry(asked.clone()).or_default();
            for (answer, rows) in answers {
                count(all, answer, *rows);
            }
        }
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str, more: u64) {
    match counts.get_mut(name) {
        Some(count) => *count += more,
        None => {
            counts.insert(name.to_owned(), more);
        }
    }
}
