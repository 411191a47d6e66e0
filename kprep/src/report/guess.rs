//! What one gets right who always gives the same answer.

use std::collections::BTreeMap;

use kprep_schemas::Share;
use serde::Serialize;

use super::tally::Tally;

/// The most frequent right answer to what is asked for: that of train; of all splits where train
/// has none.
#[derive(Debug, Serialize)]
pub(crate) struct Guess {
    /// What is asked for, e.g. a relation.
    pub(crate) asked: String,
    /// Distinct answers.
    pub(crate) answers: u64,
    pub(crate) answer: String,
    /// How often it is right.
    pub(crate) train: Share,
    pub(crate) validation: Share,
    pub(crate) test: Share,
}

impl Guess {
    /// How often it was asked.
    pub(crate) fn asked(&self) -> u64 {
        self.train.of + self.validation.of + self.test.of
    }
}

/// A guess for whatever is asked for, what is asked most first; `all` is the three splits together.
pub(crate) fn guesses([train, validation, test]: [&Tally; 3], all: &Tally) -> Vec<Guess> {
    let of = |tally: &Tally, asked: &str, answer: &str| {
        let answers = tally.answers.get(asked);
        let right = answers.and_then(|answers| answers.get(answer));
        let total = answers.map_or(0, |answers| answers.values().sum());
        Share::new(right.copied().unwrap_or(0), total)
    };
    let guess = |(asked, answers): (&String, &BTreeMap<String, u64>)| {
        let of_train = train.answers.get(asked).unwrap_or(answers);
        // Of several, the first by its name.
        let (answer, _) = of_train.iter().rev().max_by_key(|(_, rows)| **rows)?;
        Some(Guess {
            asked: asked.clone(),
            answers: answers.len() as u64,
            answer: answer.clone(),
            train: of(train, asked, answer),
            validation: of(validation, asked, answer),
            test: of(test, asked, answer),
        })
    };
    let mut guesses: Vec<Guess> = all.answers.iter().filter_map(guess).collect();
    guesses.sort_by_key(|guess| std::cmp::Reverse(guess.asked()));
    guesses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guess_is_that_of_train_where_there_is_one() {
        let tally = |answers: &[(&str, &str)]| {
            let mut tally = Tally::default();
            for (asked, answer) in answers {
                tally.answer(asked, answer);
            }
            tally
        };
        let train = tally(&[("P1", "b"), ("P1", "a")]);
        let test = tally(&[
            ("P1", "b"),
            ("P2", "x"),
            ("P2", "y"),
            ("P2", "y"),
            ("P2", "y"),
        ]);
        let none = Tally::default();
        let mut all = tally(&[]);
        all.merge(&train);
        all.merge(&test);
        let guesses = guesses([&train, &none, &test], &all);
        let told = |guess: &Guess| {
            let Guess { asked, answer, .. } = guess;
            (
                asked.clone(),
                answer.clone(),
                guess.train.share,
                guess.test.share,
            )
        };
        let told: Vec<_> = guesses.iter().map(told).collect();
        let expected = [
            ("P2", "y", None, Some(0.75)),
            ("P1", "a", Some(0.5), Some(0.0)),
        ];
        let expected = expected.map(|(p, a, x, y)| (p.to_owned(), a.to_owned(), x, y));
        assert_eq!(told, expected);
    }
}
