//! What the sentences of a dependency dataset are like, in figures.

use std::cmp::Reverse;

use kprep_schemas::{Share, Spread};
use serde::Serialize;

use crate::HeadStats;

/// The figures of a dependency dataset: what [`HeadStats`] counts, with means, percentiles and
/// shares. The JSON of `kprep stats` is this.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeadSummary {
    /// Sentences.
    pub sentences: u64,
    /// Words.
    pub words: u64,
    /// Words a sentence.
    pub sentence_length: Spread,
    /// Words without a head, of all words.
    pub headless_words: Share,
    /// The arcs from words to their heads.
    pub arcs: Arcs,
    /// What it would score to guess the next word as the head of each word and the root as that of
    /// the last, of the words that have a head: the baseline beside which `ktrain` reports its
    /// score.
    pub right_neighbour_baseline: Share,
    /// What the heads of a sentence form.
    pub trees: Trees,
    /// The labels of the words that have a head, the most frequent first, then by name.
    pub labels: Vec<Label>,
}

/// The arcs between words: roots have none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Arcs {
    /// How many.
    pub count: u64,
    /// Words from the dependent to its head, 1 for neighbours.
    pub length: Spread,
    /// Of length 1.
    pub neighbour: Share,
    /// Whose head is the next word.
    pub right_neighbour: Share,
    /// Whose head is the word before.
    pub left_neighbour: Share,
    /// Whose head stands somewhere on the right.
    pub head_right: Share,
    /// Whose head stands somewhere on the left.
    pub head_left: Share,
}

/// The trees; [`HeadStats`] says what is not projective.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trees {
    /// Sentences whose heads form no tree, of all sentences. The other figures leave them out.
    pub not_trees: Share,
    /// Arcs from the artificial root to the deepest word.
    pub depth: Spread,
    /// Trees with an arc that is not projective, of all trees.
    pub non_projective: Share,
    /// Arcs that are not projective, of all arcs of trees.
    pub non_projective_arcs: Share,
}

/// The words with one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Label {
    /// The label; empty where the source gives none.
    pub label: String,
    /// Words with it, of all words that have a head.
    #[serde(flatten)]
    pub words: Share,
    /// Mean length of their arcs; `None` for a label that only roots have.
    pub mean_arc_length: Option<f64>,
}

impl From<HeadStats> for HeadSummary {
    fn from(stats: HeadStats) -> Self {
        let sentences = stats.sentence_lengths.total();
        let words = stats.sentence_lengths.sum();
        let arcs = stats.arc_lengths.total();
        let with_head = arcs + stats.roots;
        let trees = sentences - stats.not_trees;
        let of_arcs = |count| Share::new(count, arcs);
        let guessed = stats.right_neighbours + stats.last_roots;
        let loops = stats.arc_lengths.count(0);
        let labels = labels(&stats, with_head);
        Self {
            sentences,
            words,
            sentence_length: stats.sentence_lengths.into(),
            headless_words: Share::new(stats.headless, words),
            arcs: Arcs {
                count: arcs,
                neighbour: of_arcs(stats.arc_lengths.count(1)),
                length: stats.arc_lengths.into(),
                right_neighbour: of_arcs(stats.right_neighbours),
                left_neighbour: of_arcs(stats.left_neighbours),
                head_right: of_arcs(stats.heads_right),
                head_left: of_arcs(arcs - stats.heads_right - loops),
            },
            right_neighbour_baseline: Share::new(guessed, with_head),
            trees: Trees {
                not_trees: Share::new(stats.not_trees, sentences),
                depth: stats.tree_depths.into(),
                non_projective: Share::new(stats.non_projective_trees, trees),
                non_projective_arcs: Share::new(stats.non_projective_arcs, stats.tree_arcs),
            },
            labels,
        }
    }
}

fn labels(stats: &HeadStats, with_head: u64) -> Vec<Label> {
    let mut counts: Vec<_> = stats.labels.iter().collect();
    // A stable sort leaves labels of one count by name, as the map has them.
    counts.sort_by_key(|(_, count)| Reverse(count.words));
    let label = |(label, count): (&String, &crate::LabelCount)| Label {
        label: label.clone(),
        words: Share::new(count.words, with_head),
        mean_arc_length: (count.arcs > 0).then(|| count.arc_length as f64 / count.arcs as f64),
    };
    counts.into_iter().map(label).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kprep_schemas::Distribution;
    use serde_json::json;

    use super::*;
    use crate::LabelCount;

    fn stats() -> HeadStats {
        let distribution = |values: &[u64]| {
            let mut counts = Distribution::default();
            counts.extend(values.iter().copied());
            counts
        };
        let label = |words, arcs, arc_length| LabelCount {
            words,
            arcs,
            arc_length,
        };
        HeadStats {
            sentence_lengths: distribution(&[4, 2, 2]),
            arc_lengths: distribution(&[1, 3, 0, 1]),
            heads_right: 2,
            right_neighbours: 1,
            left_neighbours: 1,
            roots: 3,
            last_roots: 1,
            headless: 1,
            labels: BTreeMap::from([
                ("b".into(), label(2, 2, 4)),
                ("a".into(), label(2, 2, 1)),
                ("root".into(), label(3, 0, 0)),
            ]),
            tree_depths: distribution(&[3, 2]),
            tree_arcs: 3,
            non_projective_arcs: 1,
            non_projective_trees: 1,
            not_trees: 1,
        }
    }

    #[test]
    fn figures_of_counts() {
        let share = |count: u64, of: u64| json!({"count": count, "of": of, "share": count as f64 / of as f64});
        let label = |label: &str, count: u64, mean: Option<f64>| {
            let share = count as f64 / 7.0;
            json!({"label": label, "count": count, "of": 7, "share": share, "mean_arc_length": mean})
        };
        let expected = json!({
            "sentences": 3,
            "words": 8,
            "sentence_length": {
                "min": 2, "mean": 8.0 / 3.0, "median": 2, "p90": 4, "p99": 4, "max": 4,
                "counts": {"2": 2, "4": 1},
            },
            "headless_words": share(1, 8),
            "arcs": {
                "count": 4,
                "length": {
                    "min": 0, "mean": 1.25, "median": 1, "p90": 3, "p99": 3, "max": 3,
                    "counts": {"0": 1, "1": 2, "3": 1},
                },
                "neighbour": share(2, 4),
                "right_neighbour": share(1, 4),
                "left_neighbour": share(1, 4),
                "head_right": share(2, 4),
                "head_left": share(1, 4),
            },
            "right_neighbour_baseline": share(2, 7),
            "trees": {
                "not_trees": share(1, 3),
                "depth": {
                    "min": 2, "mean": 2.5, "median": 2, "p90": 3, "p99": 3, "max": 3,
                    "counts": {"2": 1, "3": 1},
                },
                "non_projective": share(1, 2),
                "non_projective_arcs": share(1, 3),
            },
            "labels": [label("root", 3, None), label("a", 2, Some(0.5)), label("b", 2, Some(2.0))],
        });
        let summary = HeadSummary::from(stats());
        assert_eq!(serde_json::to_value(summary).unwrap(), expected);
        let nothing = HeadSummary::from(HeadStats::default());
        assert_eq!((nothing.sentences, nothing.arcs.neighbour.share), (0, None));
    }
}
