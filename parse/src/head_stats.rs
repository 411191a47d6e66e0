//! What the sentences of a dependency dataset are like, counted.

use std::collections::BTreeMap;

use kprep_schemas::{DependencyExample, Distribution, check_tree};

use crate::shape::Shape;

/// Counts over the sentences of a dependency dataset; [`HeadSummary`](crate::HeadSummary) has the
/// figures that follow from them.
///
/// All are whole numbers, so counts of parts merge to the counts of the whole in any order. Memory
/// grows with the distinct labels, lengths and depths, not with the sentences.
///
/// An *arc* leads from a word to the word that is its head: the root has none, nor has a word whose
/// head is [`NO_HEAD`](kprep_schemas::NO_HEAD) or outside the sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeadStats {
    /// Words a sentence.
    pub sentence_lengths: Distribution,
    /// Words from a word to its head, 1 for neighbours, over all arcs.
    pub arc_lengths: Distribution,
    /// Arcs whose head stands right of the word.
    pub heads_right: u64,
    /// Arcs whose head is the next word.
    pub right_neighbours: u64,
    /// Arcs whose head is the word before.
    pub left_neighbours: u64,
    /// Words with head 0.
    pub roots: u64,
    /// Roots that are the last word.
    pub last_roots: u64,
    /// Words without a head.
    pub headless: u64,
    /// The words that have a head, by label; the label is empty where the source gives none.
    pub labels: BTreeMap<String, LabelCount>,
    /// Arcs from the artificial root to the deepest word, over the sentences that are trees.
    pub tree_depths: Distribution,
    /// Arcs of the sentences that are trees.
    pub tree_arcs: u64,
    /// Arcs that are not projective, of sentences that are trees: a word between the two does not
    /// descend from the head (Kübler et al., *Dependency Parsing*, 2009, section 2.1). Words
    /// without a head are no part of the tree and do not count as between.
    pub non_projective_arcs: u64,
    /// Trees with such an arc.
    pub non_projective_trees: u64,
    /// Sentences to which [`check_tree`] objects. They count everywhere but in what is said of
    /// trees.
    pub not_trees: u64,
}

/// The words with one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelCount {
    /// How many.
    pub words: u64,
    /// Those that have an arc: all but roots.
    pub arcs: u64,
    /// The lengths of these arcs together.
    pub arc_length: u64,
}

impl HeadStats {
    /// Counts a sentence. One that is no tree is no fault here.
    pub fn add(&mut self, row: &DependencyExample) {
        self.sentence_lengths.add(row.head.len() as u64);
        for (word, (&head, label)) in (1..).zip(row.head.iter().zip(row.deprel.iter())) {
            self.add_word(word, head, row.head.len(), label);
        }
        if check_tree(&row.head).is_err() {
            self.not_trees += 1;
            return;
        }
        let shape = Shape::of(&row.head);
        self.tree_depths.add(shape.depth);
        self.tree_arcs += shape.arcs;
        self.non_projective_arcs += shape.non_projective;
        self.non_projective_trees += u64::from(shape.non_projective > 0);
    }

    fn add_word(&mut self, word: usize, head: i32, words: usize, label: &str) {
        let Some(head) = usize::try_from(head).ok().filter(|&head| head <= words) else {
            self.headless += 1;
            return;
        };
        let mut count = LabelCount {
            words: 1,
            ..LabelCount::default()
        };
        if head == 0 {
            self.roots += 1;
            self.last_roots += u64::from(word == words);
        } else {
            count.arcs = 1;
            count.arc_length = head.abs_diff(word) as u64;
            self.arc_lengths.add(count.arc_length);
            self.heads_right += u64::from(head > word);
            self.right_neighbours += u64::from(head == word + 1);
            self.left_neighbours += u64::from(head + 1 == word);
        }
        self.add_label(label, count);
    }

    fn add_label(&mut self, label: &str, more: LabelCount) {
        // Few labels are new: a name of its own only for those.
        if !self.labels.contains_key(label) {
            self.labels.insert(label.to_owned(), LabelCount::default());
        }
        if let Some(count) = self.labels.get_mut(label) {
            count.words += more.words;
            count.arcs += more.arcs;
            count.arc_length += more.arc_length;
        }
    }

    /// Counts what the other one has counted, too.
    pub fn merge(&mut self, other: &Self) {
        let Self {
            sentence_lengths,
            arc_lengths,
            heads_right,
            right_neighbours,
            left_neighbours,
            roots,
            last_roots,
            headless,
            labels,
            tree_depths,
            tree_arcs,
            non_projective_arcs,
            non_projective_trees,
            not_trees,
        } = other;
        self.sentence_lengths.merge(sentence_lengths);
        self.arc_lengths.merge(arc_lengths);
        self.heads_right += heads_right;
        self.right_neighbours += right_neighbours;
        self.left_neighbours += left_neighbours;
        self.roots += roots;
        self.last_roots += last_roots;
        self.headless += headless;
        for (label, &count) in labels {
            self.add_label(label, count);
        }
        self.tree_depths.merge(tree_depths);
        self.tree_arcs += tree_arcs;
        self.non_projective_arcs += non_projective_arcs;
        self.non_projective_trees += non_projective_trees;
        self.not_trees += not_trees;
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{NO_HEAD, Words};

    use super::*;

    fn row(head: &[i32], deprel: &[&str]) -> DependencyExample {
        DependencyExample {
            id: String::new(),
            doc_id: String::new(),
            sent_id: None,
            text: None,
            token: head.iter().map(|_| "w").collect(),
            head: head.to_vec(),
            deprel: Words::from_iter(deprel),
            upos: None,
            xpos: None,
        }
    }

    fn stats(rows: &[DependencyExample]) -> HeadStats {
        let mut stats = HeadStats::default();
        for row in rows {
            stats.add(row);
        }
        stats
    }

    fn distribution(values: &[u64]) -> Distribution {
        let mut counts = Distribution::default();
        counts.extend(values.iter().copied());
        counts
    }

    #[test]
    fn sentences_by_hand() {
        let rows = [
            row(&[2, 3, 0, NO_HEAD], &["det", "nsubj", "root", ""]),
            row(&[4, 0, 2, 2], &["advmod", "root", "", "advmod"]), // 2 between 4 and 1
            row(&[0], &["root"]),
        ];
        let label = |words, arcs, arc_length| LabelCount {
            words,
            arcs,
            arc_length,
        };
        let expected = HeadStats {
            sentence_lengths: distribution(&[4, 4, 1]),
            arc_lengths: distribution(&[1, 1, 3, 1, 2]),
            heads_right: 3,
            right_neighbours: 2,
            left_neighbours: 1,
            roots: 3,
            last_roots: 1,
            headless: 1,
            labels: BTreeMap::from([
                (String::new(), label(1, 1, 1)),
                ("advmod".into(), label(2, 2, 5)),
                ("det".into(), label(1, 1, 1)),
                ("nsubj".into(), label(1, 1, 1)),
                ("root".into(), label(3, 0, 0)),
            ]),
            tree_depths: distribution(&[3, 3, 1]),
            tree_arcs: 5,
            non_projective_arcs: 1,
            non_projective_trees: 1,
            not_trees: 0,
        };
        assert_eq!(stats(&rows), expected);
        let mut merged = stats(&rows[2..]);
        merged.merge(&stats(&rows[..2]));
        assert_eq!(merged, expected);
    }

    #[test]
    fn what_is_no_tree_is_counted_but_not_measured() {
        let rows = [
            row(&[2, 1, 0], &["a", "b", "c"]),              // a cycle
            row(&[0, 0], &["a", "a"]),                      // two roots
            row(&[1, 0], &["a", "a"]),                      // its own head
            row(&[9, 0, i32::MIN, -7], &["", "a", "", ""]), // no words of this sentence
            row(&[NO_HEAD], &[""]),
            row(&[], &[]),
        ];
        let stats = stats(&rows);
        assert_eq!(stats.not_trees, rows.len() as u64);
        assert_eq!(stats.arc_lengths, distribution(&[1, 1, 0]));
        assert_eq!((stats.headless, stats.roots), (4, 5));
        assert_eq!(stats.tree_depths, Distribution::default());
        assert_eq!((stats.tree_arcs, stats.non_projective_trees), (0, 0));
    }
}
