//! Answers in words: exact match and F1 over words after `SQuAD`'s normalisation (Rajpurkar et al., 2016, `evaluate-v1.1.py`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::Prf;

static ARTICLES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(a|an|the)\b").ok());

/// Lower case, without ASCII punctuation, without articles, one space between words.
pub fn normalise(answer: &str) -> String {
    let plain: String = answer
        .to_lowercase()
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    let without = ARTICLES.as_ref().map_or(plain.as_str().into(), |articles| {
        articles.replace_all(&plain, " ")
    });
    without.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an answer is one of the right ones.
pub fn exact_match(answer: &str, golds: &[String]) -> bool {
    let answer = normalise(answer);
    golds.iter().any(|gold| normalise(gold) == answer)
}

/// The best F1 over the right answers, each counted over the words that both have.
pub fn f1(answer: &str, golds: &[String]) -> f64 {
    let best = golds.iter().map(|gold| f1_of_one(answer, gold));
    best.fold(0.0, f64::max)
}

fn f1_of_one(answer: &str, gold: &str) -> f64 {
    let (answer, gold) = (normalise(answer), normalise(gold));
    let (answer, gold) = (counted(&answer), counted(&gold));
    let sum = |words: &BTreeMap<&str, u64>| words.values().sum();
    let both = answer
        .iter()
        .map(|(word, count)| count.min(gold.get(word).unwrap_or(&0)))
        .sum();
    Prf::of_counts(both, sum(&answer), sum(&gold)).f1
}

fn counted(text: &str) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_without_case_articles_and_punctuation() {
        let golds = ["The Beatles".to_owned(), "a band".to_owned()];
        assert_eq!(
            normalise(" The  U.S.  — an Ether, theme"),
            "us — ether theme"
        );
        assert!(exact_match("beatles!", &golds));
        assert!(!exact_match("beatle", &golds));
        assert_eq!(f1("the beatles band", &golds), 2.0 / 3.0);
        assert_eq!(f1("", &golds), 0.0);
    }
}
