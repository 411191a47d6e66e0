//! What a dependency tree looks like: how deep it is, and which arcs are not projective.

use std::ops::Range;

/// The shape of a dependency tree.
///
/// An arc from a head to a word is *projective* if the head dominates every word of the tree that
/// stands between the two, and a tree is if all its arcs are: Kübler et al., *Dependency Parsing*
/// (2009), section 2.1. Words without a head are no part of the tree and stand between nothing. The
/// artificial root dominates all words, so its arc is always projective.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Arcs from the artificial root to the deepest word; 1 if the root is the only word.
    pub(crate) depth: u64,
    /// Arcs between words; the root's own is not among them.
    pub(crate) arcs: u64,
    /// Those of them that are not projective.
    pub(crate) non_projective: u64,
}

impl Shape {
    /// The shape of a tree to which [`check_tree`](kprep_schemas::check_tree) has no objection.
    ///
    /// Takes O(n log n) for n words, whatever the tree.
    pub(crate) fn of(head: &[i32]) -> Self {
        let depths = depths(head);
        let subtrees = subtrees(head, &depths);
        let words = 1..=head.len();
        let left = first_strangers(words.clone(), &subtrees);
        let right = first_strangers(words.clone().rev(), &subtrees);
        let (mut arcs, mut non_projective) = (0, 0);
        for (word, &head) in words.zip(head).filter(|&(_, &head)| head > 0) {
            let head = head as usize;
            arcs += 1;
            let interrupted = if head < word {
                right[head].is_some_and(|stranger| stranger < word)
            } else {
                left[head].is_some_and(|stranger| stranger > word)
            };
            non_projective += u64::from(interrupted);
        }
        Self {
            depth: depths.into_iter().max().unwrap_or(0).into(),
            arcs,
            non_projective,
        }
    }
}

/// Arcs from the artificial root, entry 0, to each word; 0 for words without a head, too.
fn depths(head: &[i32]) -> Vec<u32> {
    let mut depths = vec![0; head.len() + 1];
    let mut path = Vec::new();
    for start in 1..=head.len() {
        let mut word = start;
        while word > 0 && depths[word] == 0 && head[word - 1] >= 0 {
            path.push(word);
            word = head[word - 1] as usize;
        }
        let mut depth = depths[word];
        while let Some(word) = path.pop() {
            depth += 1;
            depths[word] = depth;
        }
    }
    depths
}

/// For each word the places of its subtree when the tree is written head first: one word dominates
/// another if its range has the start of the other's. Empty for words without a head.
fn subtrees(head: &[i32], depths: &[u32]) -> Vec<Range<u32>> {
    let mut heads_first: Vec<usize> = (1..=head.len()).filter(|&word| depths[word] > 0).collect();
    heads_first.sort_by_key(|&word| depths[word]);
    let parent = |word: usize| head[word - 1] as usize;

    let mut sizes = vec![1; head.len() + 1];
    for &word in heads_first.iter().rev() {
        sizes[parent(word)] += sizes[word];
    }
    let mut subtrees = vec![0..0; head.len() + 1];
    let mut free = vec![0; head.len() + 1]; // the next place in each word's subtree
    for &word in &heads_first {
        let start = free[parent(word)];
        free[parent(word)] += sizes[word];
        free[word] = start + 1;
        subtrees[word] = start..start + sizes[word];
    }
    subtrees
}

/// For each word the nearest one, among those that come before it in `order`, that is not in its
/// subtree.
fn first_strangers(
    order: impl Iterator<Item = usize>,
    subtrees: &[Range<u32>],
) -> Vec<Option<usize>> {
    let mut strangers = vec![None; subtrees.len()];
    // Words that came, without those that a nearer one outdoes for good: the places of `low` rise
    // from the oldest word to the nearest, those of `high` fall.
    let (mut low, mut high) = (Vec::<usize>::new(), Vec::<usize>::new());
    let place = |word: usize| subtrees[word].start;
    // The distance of words is that of their turns, which works in both directions.
    let mut turns = vec![0; subtrees.len()];
    let in_tree = order.filter(|&word| !subtrees[word].is_empty());
    for (turn, word) in in_tree.enumerate() {
        turns[word] = turn;
        let below = low.partition_point(|&w| place(w) < subtrees[word].start);
        let above = high.partition_point(|&w| place(w) >= subtrees[word].end);
        let nearest = |words: &[usize], found: usize| Some(words[found.checked_sub(1)?]);
        let candidates = [nearest(&low, below), nearest(&high, above)];
        strangers[word] = candidates.into_iter().flatten().max_by_key(|&w| turns[w]);
        while low.pop_if(|w| place(*w) > place(word)).is_some() {}
        while high.pop_if(|w| place(*w) < place(word)).is_some() {}
        low.push(word);
        high.push(word);
    }
    strangers
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{NO_HEAD, check_tree};
    use proptest::prelude::*;

    use super::*;

    fn shape(depth: u64, arcs: u64, non_projective: u64) -> Shape {
        Shape {
            depth,
            arcs,
            non_projective,
        }
    }

    #[test]
    fn trees_by_hand() {
        assert_eq!(Shape::of(&[0]), shape(1, 0, 0));
        assert_eq!(Shape::of(&[2, 0, 2]), shape(2, 2, 0));
        assert_eq!(Shape::of(&[0, 1, 2, 3]), shape(4, 3, 0));
        // "A hearing is scheduled on the issue today .": `scheduled` stands between `hearing` and
        // its dependent `on`, and that one between `scheduled` and its `today`.
        assert_eq!(Shape::of(&[2, 3, 0, 3, 2, 7, 5, 4, 3]), shape(5, 8, 2));
        // The root under an arc that it does not depend on.
        assert_eq!(Shape::of(&[2, 4, 0, 3]), shape(4, 3, 1));
        // A word without a head is no part of the tree.
        assert_eq!(Shape::of(&[3, NO_HEAD, 0, 1, NO_HEAD]), shape(3, 2, 1));
        assert_eq!(Shape::of(&[0, NO_HEAD, 1]), shape(2, 1, 0));
    }

    /// The definition, word by word: O(n^3).
    fn by_definition(head: &[i32]) -> Shape {
        let up = |word: usize| head[word - 1] as usize;
        let chain = |word| std::iter::successors(Some(word), |&w| (w > 0).then(|| up(w)));
        let in_tree = |word: &usize| head[word - 1] != NO_HEAD;
        let words: Vec<usize> = (1..=head.len()).filter(in_tree).collect();
        let arcs: Vec<(usize, usize)> = words
            .iter()
            .map(|&word| (up(word), word))
            .filter(|&(head, _)| head > 0)
            .collect();
        let projective = |&&(head, word): &&(usize, usize)| {
            let between = head.min(word) + 1..head.max(word);
            between
                .filter(in_tree)
                .all(|other| chain(other).any(|ancestor| ancestor == head))
        };
        Shape {
            depth: words
                .iter()
                .map(|&w| chain(w).count() as u64 - 1)
                .max()
                .unwrap(),
            arcs: arcs.len() as u64,
            non_projective: (arcs.len() - arcs.iter().filter(projective).count()) as u64,
        }
    }

    prop_compose! {
        /// A random tree: words in random order, each under one that came before; some of the
        /// leaves lose their heads.
        fn tree()(
            order in (1..24usize).prop_flat_map(|n| Just((1..=n).collect::<Vec<_>>()).prop_shuffle()),
            picks in prop::collection::vec((any::<prop::sample::Index>(), prop::bool::weighted(0.2)), 24),
        ) -> Vec<i32> {
            let mut head = vec![0; order.len()];
            for (i, &word) in order.iter().enumerate().skip(1) {
                head[word - 1] = order[picks[i].0.index(i)] as i32;
            }
            for &word in order.iter().skip(1).filter(|&&word| picks[word].1) {
                if !head.contains(&(word as i32)) {
                    head[word - 1] = NO_HEAD;
                }
            }
            head
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn shapes_are_as_defined(head in tree()) {
            prop_assert_eq!(check_tree(&head), Ok(()));
            prop_assert_eq!(Shape::of(&head), by_definition(&head));
        }
    }

    /// Trees on which ways that look at every word under every arc take minutes.
    #[test]
    fn no_tree_takes_long() {
        let n = 200_000;
        let chain: Vec<i32> = (0..n).collect();
        let star: Vec<i32> = (0..n).map(|word| word.min(1)).collect();
        // 1 -> n -> 2 -> n-1 -> …, around a word in the middle that is none of theirs.
        let zigzag = |word: i32| match word {
            1 => 0,
            word if word == n / 2 => 1,
            word if word < n / 2 => n + 2 - word,
            word => n + 1 - word,
        };
        let zigzag: Vec<i32> = (1..=n).map(zigzag).collect();
        assert_eq!(Shape::of(&chain).non_projective, 0);
        assert_eq!(Shape::of(&star), shape(2, n as u64 - 1, 0));
        check_tree(&zigzag).unwrap();
        assert!(Shape::of(&zigzag).non_projective > n as u64 / 2);
    }
}
