//! How often each value of a measure occurs: lengths, depths, counts.

use std::collections::BTreeMap;

use serde::Serialize;

/// How often each whole number occurs.
///
/// Exact, and the same in whatever order the values came. Memory grows with the distinct values,
/// not with how many values there are. As JSON: an object from value to count, values ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Distribution {
    counts: BTreeMap<u64, u64>,
}

/// Neighbouring values of a [`Distribution`] taken together: one bar of its histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bin {
    /// The least value.
    pub from: u64,
    /// The greatest value; `None` in a last bin that takes all the rest.
    pub to: Option<u64>,
    /// How many values there are.
    pub count: u64,
}

impl Distribution {
    /// Counts a value.
    pub fn add(&mut self, value: u64) {
        *self.counts.entry(value).or_default() += 1;
    }

    /// Counts what the other one has counted, too.
    pub fn merge(&mut self, other: &Self) {
        for (&value, &count) in &other.counts {
            *self.counts.entry(value).or_default() += count;
        }
    }

    /// How many values there are.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// How often `value` occurs.
    pub fn count(&self, value: u64) -> u64 {
        self.counts.get(&value).copied().unwrap_or_default()
    }

    /// The sum of the values.
    pub fn sum(&self) -> u64 {
        self.counts.iter().map(|(value, count)| value * count).sum()
    }

    /// The least value; `None` if there is none.
    pub fn min(&self) -> Option<u64> {
        self.counts.keys().next().copied()
    }

    /// The greatest value; `None` if there is none.
    pub fn max(&self) -> Option<u64> {
        self.counts.keys().next_back().copied()
    }

    /// The percentile by nearest rank: the least value that is not exceeded by `percent` in a
    /// hundred of the values, so always one that occurs. 50 gives the (lower) median.
    pub fn percentile(&self, percent: u64) -> Option<u64> {
        // In 128 bits, where a hundred times a count has room.
        let rank = (u128::from(self.total()) * u128::from(percent)).div_ceil(100);
        let mut below = 0;
        let reaches = |(&value, &count): (&u64, &u64)| {
            below += u128::from(count);
            (below >= rank).then_some(value)
        };
        self.counts.iter().find_map(reaches)
    }

    /// The histogram in at most `most` bins and one for the rest. The bins cover 99 percent of the
    /// values, are 1, 2, 5, 10, 20, 50, … wide and start at 1, or at 0 if that occurs.
    pub fn bins(&self, most: u64) -> Vec<Bin> {
        let (Some(min), Some(covered)) = (self.min(), self.percentile(99)) else {
            return Vec::new();
        };
        let start = min.min(1);
        let needed = |width: u64| (covered - start) / width + 1;
        let mut width = 1;
        while needed(width) > most.max(1) {
            // 1, 2, 5 and again: after a 2 comes 2.5 times as much, else twice.
            let two = width.to_string().starts_with('2');
            width = if two { width / 2 * 5 } else { width * 2 };
        }
        let mut bins: Vec<Bin> = (0..needed(width))
            .map(|i| start + i * width)
            .map(|from| {
                let to = from + width - 1;
                let count = self.counts.range(from..=to).map(|(_, count)| count).sum();
                let to = Some(to);
                Bin { from, to, count }
            })
            .collect();
        let from = start + needed(width) * width;
        let count = self.counts.range(from..).map(|(_, count)| count).sum();
        if count > 0 {
            let to = None;
            bins.push(Bin { from, to, count });
        }
        bins
    }
}

impl Extend<u64> for Distribution {
    fn extend<T: IntoIterator<Item = u64>>(&mut self, values: T) {
        for value in values {
            self.add(value);
        }
    }
}

/// The figures that describe a [`Distribution`]; all `None` where nothing was counted.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Spread {
    /// The least value.
    pub min: Option<u64>,
    /// The mean.
    pub mean: Option<f64>,
    /// The median, the 50th percentile; all percentiles by nearest rank.
    pub median: Option<u64>,
    /// The 90th percentile.
    pub p90: Option<u64>,
    /// The 99th percentile.
    pub p99: Option<u64>,
    /// The greatest value.
    pub max: Option<u64>,
    /// How often each value occurs.
    pub counts: Distribution,
}

impl From<Distribution> for Spread {
    fn from(counts: Distribution) -> Self {
        let total = counts.total();
        Self {
            min: counts.min(),
            mean: (total > 0).then(|| counts.sum() as f64 / total as f64),
            median: counts.percentile(50),
            p90: counts.percentile(90),
            p99: counts.percentile(99),
            max: counts.max(),
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Distribution {
        let mut counts = Distribution::default();
        counts.extend(values);
        counts
    }

    #[test]
    fn figures_by_hand() {
        let mut counts = of([4, 1, 2]);
        counts.merge(&of([2, 7, 2]));
        let spread = Spread::from(counts.clone());
        assert_eq!(
            (spread.min, spread.mean, spread.max),
            (Some(1), Some(3.0), Some(7))
        );
        assert_eq!(
            (spread.median, spread.p90, spread.p99),
            (Some(2), Some(7), Some(7))
        );
        assert_eq!((counts.count(2), counts.count(3)), (3, 0));
        let json = serde_json::to_string(&counts).unwrap();
        assert_eq!(json, r#"{"1":1,"2":3,"4":1,"7":1}"#);
        assert_eq!(Spread::from(of([])), Spread::default());
    }

    #[test]
    fn percentiles_are_values_that_occur() {
        let hundred = of(1..=100);
        for (percent, value) in [(0, 1), (1, 1), (50, 50), (90, 90), (99, 99), (100, 100)] {
            assert_eq!(hundred.percentile(percent), Some(value));
        }
        assert_eq!(of([3, 9]).percentile(50), Some(3));
        assert_eq!(of([3, 9]).percentile(51), Some(9));
    }

    #[test]
    fn bins_cover_everything() {
        let bin = |from, to, count| Bin { from, to, count };
        assert_eq!(of([]).bins(9), []);
        assert_eq!(
            of([0, 2, 2]).bins(9),
            [(0, 1), (1, 0), (2, 2)].map(|(i, count)| bin(i, Some(i), count))
        );
        let mut long = of((1..=100).flat_map(|value| [value; 10]));
        long.add(1_000_000);
        let widths = |most| {
            let bins = long.bins(most);
            assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 1001);
            assert_eq!(bins.last().unwrap().to, None);
            (bins.len() as u64 - 1, bins[0].to)
        };
        assert_eq!(widths(200), (100, Some(1)));
        assert_eq!(widths(99), (50, Some(2)));
        assert_eq!(widths(20), (20, Some(5)));
        assert_eq!(widths(19), (10, Some(10)));
        assert_eq!(widths(0), (1, Some(100)));
    }
}
