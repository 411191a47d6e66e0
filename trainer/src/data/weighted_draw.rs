//! Draws of items by how often each of them occurs.

use crate::data::masks::share;
use crate::data::random::Random;

/// Items that are drawn with a probability in proportion to the 3/4 power of their counts (Mikolov et al., 2013). Where all
/// counts are 0, all items have the same.
#[derive(Debug, Clone)]
pub struct WeightedDraw {
    /// The sum of the weights of each item and of those before it.
    sums: Vec<f64>,
}

impl WeightedDraw {
    /// Items with these counts.
    pub fn new(counts: impl Iterator<Item = i64>) -> Self {
        let counts: Vec<i64> = counts.collect();
        let are_counted = counts.iter().any(|&count| count > 0);
        let mut sum = 0.0;
        let sums = counts.into_iter().map(|count| {
            // Roots are the same on every machine; powers are not.
            let root = (count.max(0) as f64).sqrt();
            sum += if are_counted { root * root.sqrt() } else { 1.0 };
            sum
        });
        Self {
            sums: sums.collect(),
        }
    }

    /// The distinct items, from 0, of so many draws, ascending: a function of the seed alone.
    pub fn distinct(&self, draws: usize, seed: u64) -> Vec<usize> {
        let Some(&all) = self.sums.last() else {
            return Vec::new();
        };
        let mut random = Random::new(seed, 0);
        let draws = (0..draws).map(|_| {
            let at = share(random.next()) * all;
            // What follows the last item that can be drawn is never reached, but for rounding.
            let item = self.sums.partition_point(|&sum| sum <= at);
            item.min(self.sums.len() - 1)
        });
        let mut found: Vec<usize> = draws.collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_drawn_by_the_power_of_their_counts() {
        // 16, 1 and 81 to the power of 3/4 are 8, 1 and 27, of 36 together.
        let draw = WeightedDraw::new([16, 0, 1, 81].into_iter());
        let mut drawn = [0u32; 4];
        for seed in 0..36_000 {
            for item in draw.distinct(1, seed) {
                drawn[item] += 1;
            }
        }
        assert_eq!(drawn[1], 0);
        for (item, expected) in [(0, 8000.0), (2, 1000.0), (3, 27_000.0)] {
            let found = f64::from(drawn[item]);
            assert!(
                (found - expected).abs() < 4.0 * f64::sqrt(expected),
                "{drawn:?}"
            );
        }
        assert_eq!(draw.distinct(1000, 7), [0, 2, 3]);
        assert_eq!(draw.distinct(2, 7), draw.distinct(2, 7));
    }

    #[test]
    fn items_without_counts_are_drawn_alike() {
        let draw = WeightedDraw::new([0, 0, 0].into_iter());
        assert_eq!(draw.distinct(100, 7), [0, 1, 2]);
        assert_eq!(WeightedDraw::new([].into_iter()).distinct(9, 7), [0; 0]);
    }
}
