//! Outcomes of predictions of one class each: accuracy, macro-F1, and the baseline of the most frequent class.

use crate::evaluate::metrics::Scores;

/// What was right and wrong so far.
#[derive(Default, Clone)]
pub(crate) struct ClassCounts {
    /// The most frequent class of the training split.
    majority: Option<u16>,
    decisions: u64,
    right: u64,
    right_by_baseline: u64,
    classes: Vec<Class>,
}

/// Outcomes of one class.
#[derive(Default, Clone)]
struct Class {
    true_positive: u64,
    false_positive: u64,
    false_negative: u64,
}

impl Class {
    /// 2·TP / (2·TP + FP + FN); `None` for a class that never occurs.
    fn f1(&self) -> Option<f64> {
        let occurrences = 2 * self.true_positive + self.false_positive + self.false_negative;
        (occurrences > 0).then(|| 2.0 * self.true_positive as f64 / occurrences as f64)
    }
}

impl ClassCounts {
    /// None yet.
    pub(crate) fn new(majority: Option<u16>) -> Self {
        Self {
            majority,
            ..Self::default()
        }
    }

    /// Counts predictions.
    pub(crate) fn add(&mut self, labels: &[i64], predicted: &[i64]) {
        for (&label, &guess) in labels.iter().zip(predicted) {
            self.decisions += 1;
            self.right += u64::from(label == guess);
            self.right_by_baseline += u64::from(self.majority.map(i64::from) == Some(label));
            let needed = label.max(guess) as usize + 1;
            if self.classes.len() < needed {
                self.classes.resize(needed, Class::default());
            }
            if label == guess {
                self.classes[label as usize].true_positive += 1;
            } else {
                self.classes[label as usize].false_negative += 1;
                self.classes[guess as usize].false_positive += 1;
            }
        }
    }

    /// Accuracy and baseline.
    pub(crate) fn scores(&self) -> Scores {
        let counts = [self.decisions, self.right, self.right_by_baseline];
        Scores::of_counts(self.decisions, counts)
    }

    /// Of two classes, the F1 of the second, which is the positive one, by its name.
    pub(crate) fn positive_f1(&self, names: &[String]) -> Option<(String, f64)> {
        let [_, positive] = names else { return None };
        let f1 = self.classes.get(1).and_then(Class::f1).unwrap_or(0.0);
        Some((format!("f1_{positive}"), f1))
    }

    /// The unweighted mean of the classes' F1, over those that occur among labels or predictions.
    pub(crate) fn macro_f1(&self) -> f64 {
        let f1: Vec<f64> = self.classes.iter().filter_map(Class::f1).collect();
        f1.iter().sum::<f64>() / f1.len().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_scored_as_by_hand() {
        let mut count = ClassCounts::new(Some(0));
        // Class 0: TP 2, FP 1, FN 1; class 1: TP 1, FP 0, FN 1; class 3: FP 1; class 2 never occurs.
        count.add(&[0, 0, 0, 1, 1], &[0, 0, 3, 1, 0]);
        let scores = count.scores();
        assert_eq!(
            (scores.decisions, scores.accuracy, scores.baseline),
            (5, 0.6, 0.6)
        );
        let expected = (4.0 / 6.0 + 2.0 / 3.0 + 0.0) / 3.0;
        assert!((count.macro_f1() - expected).abs() < 1e-12);
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        let (name, f1) = count.positive_f1(&names(&["fake", "real"])).unwrap();
        assert_eq!((name.as_str(), f1), ("f1_real", 2.0 / 3.0));
        assert_eq!(count.positive_f1(&names(&["a", "b", "c"])), None);
    }
}
