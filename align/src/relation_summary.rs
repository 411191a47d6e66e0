//! The figures that describe a relation dataset.

use std::collections::BTreeMap;

use kprep_schemas::{Share, Spread};
use serde::Serialize;

use crate::RelationStats;

/// What is told of the rows of a relation dataset.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RelationSummary {
    /// Distinct (subject, object); of all of them, those that have several relations.
    pub pairs_with_several_relations: Share,
    /// Words a sentence, over the rows.
    pub sentence_length: Spread,
    /// Words between the mentions, where these do not overlap; 0 for neighbours.
    pub mention_distance: Spread,
    /// Rows whose mentions overlap.
    pub overlapping_mentions: Share,
    /// Words a subject.
    pub subject_length: Spread,
    /// Words an object.
    pub object_length: Spread,
    /// Rows in which the subject starts before the object.
    pub subject_first: Share,
    /// The most frequent first.
    pub relations: Vec<Named>,
    /// What the object is, the most frequent first.
    pub object_types: Vec<Named>,
    /// The aligners that found the facts, the most frequent first; a row can have several.
    pub aligners: Vec<Named>,
}

/// How many rows have something of this name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Rows, of all.
    pub rows: Share,
}

impl From<RelationStats> for RelationSummary {
    fn from(mut stats: RelationStats) -> Self {
        let (pairs, several) = stats.pairs();
        let of_rows = |count| Share::new(count, stats.rows);
        let named = |counts: &BTreeMap<String, u64>| {
            let name = |(name, rows): (&String, &u64)| Named {
                name: name.clone(),
                rows: of_rows(*rows),
            };
            let mut all: Vec<Named> = counts.iter().map(name).collect();
            // Stable: names of equal counts keep their order.
            all.sort_by_key(|named| std::cmp::Reverse(named.rows.count));
            all
        };
        Self {
            pairs_with_several_relations: Share::new(several, pairs),
            overlapping_mentions: of_rows(stats.overlapping),
            subject_first: of_rows(stats.subject_first),
            relations: named(&stats.relations),
            object_types: named(&stats.object_types),
            aligners: named(&stats.aligners),
            sentence_length: stats.sentence_lengths.into(),
            mention_distance: stats.distances.into(),
            subject_length: stats.subject_lengths.into(),
            object_length: stats.object_lengths.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::RelationExample;

    use super::*;

    fn row(relation: &str, subject: (i32, i32), object: (i32, i32), pair: &str) -> RelationExample {
        RelationExample {
            id: String::new(),
            doc_id: String::new(),
            title: String::new(),
            text: String::new(),
            token: ["a", "b", "c", "d", "e"].into(),
            subj_start: subject.0,
            subj_end: subject.1,
            obj_start: object.0,
            obj_end: object.1,
            subj_char_start: 0,
            subj_char_end: 0,
            obj_char_start: 0,
            obj_char_end: 0,
            subj_id: pair.into(),
            obj_id: "Q1".into(),
            obj_type: "item".into(),
            relation: relation.into(),
            label: None,
            aligners: ["X", "Y"].into(),
        }
    }

    #[test]
    fn figures_by_hand() {
        let mut stats = RelationStats::default();
        stats.add(&row("P1", (0, 0), (2, 4), "Q2"));
        let mut more = RelationStats::default();
        for row in [
            row("P2", (3, 4), (2, 2), "Q2"),
            row("P2", (0, 2), (1, 1), "Q3"),
            row("P2", (0, 2), (4, 4), "Q3"),
        ] {
            more.add(&row);
        }
        stats.merge(&more);
        let summary = RelationSummary::from(stats);
        assert_eq!(summary.pairs_with_several_relations, Share::new(1, 2));
        assert_eq!(summary.overlapping_mentions, Share::new(1, 4));
        assert_eq!(summary.subject_first, Share::new(3, 4));
        let distances = &summary.mention_distance.counts;
        assert_eq!((distances.count(0), distances.count(1)), (1, 2));
        assert_eq!(summary.subject_length.counts.count(3), 2);
        assert_eq!(summary.object_length.max, Some(3));
        let relations: Vec<_> = summary
            .relations
            .iter()
            .map(|r| (&*r.name, r.rows.count))
            .collect();
        assert_eq!(relations, [("P2", 3), ("P1", 1)]);
        assert_eq!(summary.aligners[1].rows, Share::new(4, 4));
    }
}
