//! What the rows of a relation dataset are like, counted.

use std::collections::BTreeMap;

use kprep_schemas::{Distribution, RelationExample, stable_hash};

/// Counts over the rows of a relation dataset; [`RelationSummary`](crate::RelationSummary) has the
/// figures that follow from them.
///
/// Counts of parts merge to the counts of the whole in any order. Memory: 16 bytes a row, and what
/// grows with the distinct relations, types and lengths.
#[derive(Debug, Clone, Default)]
pub struct RelationStats {
    /// Rows.
    pub rows: u64,
    /// Words a sentence.
    pub sentence_lengths: Distribution,
    /// Words between the two mentions, over the rows in which they do not overlap; 0 for
    /// neighbours.
    pub distances: Distribution,
    /// Rows in which the mentions overlap.
    pub overlapping: u64,
    /// Words a subject.
    pub subject_lengths: Distribution,
    /// Words an object.
    pub object_lengths: Distribution,
    /// Rows in which the subject starts before the object.
    pub subject_first: u64,
    /// Rows by relation.
    pub relations: BTreeMap<String, u64>,
    /// Rows by what the object is.
    pub object_types: BTreeMap<String, u64>,
    /// Rows by each aligner that found the fact there.
    pub aligners: BTreeMap<String, u64>,
    /// The hashes of a row's (subject, object) and of its relation.
    pairs: Vec<(u64, u64)>,
}

impl RelationStats {
    /// Counts a row.
    pub fn add(&mut self, row: &RelationExample) {
        let words = |start: i32, end: i32| (i64::from(end) - i64::from(start)).max(0) as u64;
        self.rows += 1;
        self.sentence_lengths.add(row.token.len() as u64);
        self.subject_lengths
            .add(words(row.subj_start, row.subj_end + 1));
        self.object_lengths
            .add(words(row.obj_start, row.obj_end + 1));
        let (first_end, second_start) = if row.subj_start <= row.obj_start {
            (row.subj_end, row.obj_start)
        } else {
            (row.obj_end, row.subj_start)
        };
        if second_start > first_end {
            self.distances.add(words(first_end + 1, second_start));
        } else {
            self.overlapping += 1;
        }
        self.subject_first += u64::from(row.subj_start < row.obj_start);
        count(&mut self.relations, &row.relation);
        count(&mut self.object_types, &row.obj_type);
        for aligner in row.aligners.iter() {
            count(&mut self.aligners, aligner);
        }
        let [subject, object] = &row.pair(); // without ids, the words of the mentions
        let pair = stable_hash([subject.as_bytes(), object.as_bytes()]);
        self.pairs
            .push((pair, stable_hash([row.relation.as_bytes()])));
    }

    /// Counts what the other one has counted, too.
    pub fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.overlapping += other.overlapping;
        self.subject_first += other.subject_first;
        for (all, more) in [
            (&mut self.sentence_lengths, &other.sentence_lengths),
            (&mut self.distances, &other.distances),
            (&mut self.subject_lengths, &other.subject_lengths),
            (&mut self.object_lengths, &other.object_lengths),
        ] {
            all.merge(more);
        }
        for (all, more) in [
            (&mut self.relations, &other.relations),
            (&mut self.object_types, &other.object_types),
            (&mut self.aligners, &other.aligners),
        ] {
            for (name, rows) in more {
                *all.entry(name.clone()).or_default() += rows;
            }
        }
        self.pairs.extend_from_slice(&other.pairs);
    }

    /// How many distinct (subject, object) there are, and how many have several relations.
    pub(crate) fn pairs(&mut self) -> (u64, u64) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        let pairs = || self.pairs.chunk_by(|a, b| a.0 == b.0);
        let several = pairs().filter(|relations| relations.len() > 1);
        (pairs().count() as u64, several.count() as u64)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::Words;

    use super::*;

    /// Rows of TACRED and of `SemEval` have no ids.
    #[test]
    fn pairs_without_ids_are_told_apart_by_their_words() {
        let mut stats = RelationStats::default();
        for (subject, object) in [("Bern", "Aare"), ("Rome", "Tiber"), ("Bern", "Aare")] {
            stats.add(&RelationExample {
                token: [subject, "on", object].into_iter().collect::<Words>(),
                subj_end: 0,
                obj_start: 2,
                obj_end: 2,
                ..RelationExample::default()
            });
        }
        assert_eq!(stats.pairs(), (2, 0));
    }
}
