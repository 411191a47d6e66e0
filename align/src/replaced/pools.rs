//! Items by what they are.

use rustc_hash::FxHashMap;

/// For each item those that are the same: what may take its place.
///
/// Memory: 8 bytes for each class of each item, and some 40 for each item and each class.
#[derive(Debug, Default)]
pub struct Pools {
    classes: FxHashMap<u32, Vec<u32>>,
    items: FxHashMap<u32, Vec<u32>>,
}

impl Pools {
    /// Adds an item with its classes, by their numbers. Items come once each.
    pub fn add(&mut self, item: u32, classes: impl IntoIterator<Item = u32>) {
        let mut classes: Vec<u32> = classes.into_iter().collect();
        classes.sort_unstable();
        classes.dedup();
        for &class in &classes {
            self.classes.entry(class).or_default().push(item);
        }
        self.items.insert(item, classes);
    }

    /// The items of the rarest class of an item that has at least so many others; of several such
    /// classes that of the lowest number.
    pub fn of(&self, item: u32, min_others: usize) -> Option<&[u32]> {
        let classes = self.items.get(&item)?.iter();
        let pools = classes.filter_map(|class| self.classes.get(class));
        let large = pools.filter(|pool| pool.len() > min_others.max(1));
        large.min_by_key(|pool| pool.len()).map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_class_that_is_large_enough() {
        let mut pools = Pools::default();
        for (item, classes) in [
            (1, vec![5, 7, 5]),
            (2, vec![5, 7]),
            (3, vec![5]),
            (4, vec![9]),
        ] {
            pools.add(item, classes);
        }
        assert_eq!(pools.of(1, 0), Some(&[1, 2][..]));
        assert_eq!(pools.of(1, 2), Some(&[1, 2, 3][..]));
        assert_eq!(
            (pools.of(1, 3), pools.of(4, 0), pools.of(8, 0)),
            (None, None, None)
        );
    }
}
