//! How many rows each stratum gets.

/// Parts of `rows` in the proportion of `counts`, by the method of the largest remainder; at least
/// one for each count that is not zero where `rows` suffice, taken from where the most are. Never
/// more than there are.
pub(crate) fn shares(counts: &[u64], rows: u64) -> Vec<u64> {
    let total: u64 = counts.iter().sum();
    if rows >= total {
        return counts.to_vec();
    }
    // Of a product of rows that needs more than 64 bits.
    let exact = |&count: &u64| u128::from(count) * u128::from(rows);
    let whole = u128::from(total);
    let mut shares: Vec<u64> = counts.iter().map(|c| (exact(c) / whole) as u64).collect();
    let mut by_rest: Vec<usize> = (0..counts.len()).collect();
    by_rest.sort_by_key(|&i| std::cmp::Reverse(exact(&counts[i]) % whole));
    let left = rows - shares.iter().sum::<u64>();
    for &i in by_rest.iter().take(left as usize) {
        shares[i] += 1;
    }
    let present = counts.iter().filter(|&&count| count > 0).count() as u64;
    if rows >= present {
        for i in 0..counts.len() {
            if counts[i] > 0 && shares[i] == 0 {
                let largest = (0..counts.len()).rev().max_by_key(|&i| shares[i]);
                shares[largest.unwrap_or(i)] -= 1;
                shares[i] = 1;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_proportional_and_nobody_goes_without() {
        assert_eq!(shares(&[50, 30, 20], 10), [5, 3, 2]);
        assert_eq!(shares(&[10, 10, 10], 4), [2, 1, 1]);
        assert_eq!(shares(&[997, 0, 2, 1], 10), [8, 0, 1, 1]);
        assert_eq!(shares(&[5, 5, 5], 2), [1, 1, 0]);
        assert_eq!(shares(&[2, 3], 9), [2, 3]);
        assert_eq!(shares(&[u64::MAX / 2, u64::MAX / 2], 3), [2, 1]);
    }
}
