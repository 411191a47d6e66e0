//! The area under the ROC curve (Mann and Whitney's U).

/// How often a positive has a higher score than a negative, half where they are equal; `None` without both.
pub(crate) fn auc(scores: &[(f64, bool)]) -> Option<f64> {
    let positives = scores.iter().filter(|(_, positive)| *positive).count() as f64;
    let negatives = scores.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut before) = (0.0, 0);
    for equals in sorted.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let mean = before as f64 + (equals.len() + 1) as f64 / 2.0;
        ranks += mean * equals.iter().filter(|(_, positive)| *positive).count() as f64;
        before += equals.len();
    }
    Some((ranks - positives * (positives + 1.0) / 2.0) / (positives * negatives))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_share_of_pairs_in_the_right_order() {
        // Pairs of a positive and a negative: 2 > 1, 2 > 2 by half, 3 > 1, 3 > 2.
        let scores = [(2.0, true), (1.0, false), (2.0, false), (3.0, true)];
        assert_eq!(auc(&scores), Some(3.5 / 4.0));
        assert_eq!(auc(&scores[..1]), None);
    }
}
