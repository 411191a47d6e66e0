//! `LinkExample`: spans of a text, and the entity that each one means.

use crate::column::{Column, floats, ints, text, words};
use crate::spans::{check_lengths, check_numbers, check_spans, group, hashed_groups};
use crate::{Classes, GroupBy, Record, Rules, Words};

/// One example of entity linking or word sense disambiguation.
///
/// The `span_` lists and `entity` have an entry for each span; the three candidate lists have one
/// for each candidate of a span. Where a dataset tells no candidates, these are empty. Beside the
/// shards, `entities.parquet` has a [`Concept`](crate::Concept) for each id that occurs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LinkExample {
    /// Stable hash, unique in the dataset.
    pub id: String,
    /// The source's document id; empty if the source has none.
    pub doc_id: String,
    /// The text.
    pub text: String,
    /// Its words.
    pub token: Words,
    /// First word of each span, from 0.
    pub span_start: Vec<i32>,
    /// Last word of each span, inclusive.
    pub span_end: Vec<i32>,
    /// Id of the entity that each span means; empty where it means none of those at hand.
    pub entity: Words,
    /// For each candidate, its span, from 0.
    pub candidate_span: Vec<i32>,
    /// Its id.
    pub candidate: Words,
    /// How likely it is before the text is read; those of a span sum to 1.
    pub prior: Vec<f64>,
}

/// How far the priors of a span may be from 1 together: sources write them with few digits.
const TOLERANCE: f64 = 1e-3;

impl Classes for LinkExample {
    const ENTITY_TABLE: bool = true;

    fn entities(&self) -> Vec<(&str, bool)> {
        let meant = self.entity.iter().filter(|id| !id.is_empty());
        let meant = meant.map(|id| (id, true));
        let others = self.candidate.iter().map(|id| (id, false));
        meant.chain(others).collect()
    }
}

impl Record for LinkExample {
    const NAME: &'static str = "LinkExample";
    const VERSION: u32 = 1;
    #[rustfmt::skip] // it is a table
    const COLUMNS: &'static [Column<Self>] = &[
        text("id", "stable hash, unique in the dataset",
            |r: &Self| &r.id, |r| &mut r.id).without_dictionary(),
        text("doc_id", "the source's document id, empty if it has none",
            |r| &r.doc_id, |r| &mut r.doc_id),
        text("text", "the text", |r: &Self| &r.text, |r| &mut r.text).without_dictionary(),
        words("token", "its words; the spans count them",
            |r: &Self| &r.token, |r| &mut r.token).without_statistics(),
        ints("span_start", "first word of each span, from 0", |r| &r.span_start, |r| &mut r.span_start),
        ints("span_end", "last word of each span, inclusive", |r| &r.span_end, |r| &mut r.span_end),
        words("entity", "id of the entity that each span means; empty where it means none",
            |r| &r.entity, |r| &mut r.entity),
        ints("candidate_span", "for each candidate, its span, from 0",
            |r| &r.candidate_span, |r| &mut r.candidate_span),
        words("candidate", "id of each candidate", |r| &r.candidate, |r| &mut r.candidate),
        floats("prior", "how likely each is before the text is read; those of a span sum to 1",
            |r| &r.prior, |r| &mut r.prior),
    ];

    const SHAREABLE: &'static [&'static str] = &["documents", "sentences"];

    const SPLIT_BY: Option<GroupBy> = Some(GroupBy::Document);

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        check_spans(self.token.len(), &self.span_start, &self.span_end)?;
        let spans = self.span_start.len();
        check_lengths(spans, &[("entity", self.entity.len())])?;
        check_numbers("candidate_span", spans, &self.candidate_span)?;
        let candidates = self.candidate_span.len();
        if (self.candidate.len(), self.prior.len()) != (candidates, candidates) {
            return Err(format!(
                "candidate_span, candidate and prior have {candidates}, {} and {} entries",
                self.candidate.len(),
                self.prior.len()
            ));
        }
        if candidates == 0 {
            return Ok(());
        }
        for (span, entity) in self.entity.iter().enumerate() {
            self.check_candidates(span, entity)?;
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn long_bytes(&self) -> usize {
        self.text.len()
    }

    fn shareable(&self) -> Vec<u64> {
        hashed_groups(self)
    }

    fn group(&self, by: GroupBy) -> Vec<u8> {
        group(by, [&self.id, &self.doc_id, &self.text], &self.entity)
    }
}

impl LinkExample {
    /// Candidates of a span, each with its prior.
    pub fn candidates(&self, span: usize) -> impl Iterator<Item = (&str, f64)> {
        let spans = self.candidate_span.iter();
        let candidates = spans.zip(self.candidate.iter()).zip(&self.prior);
        let of_span = candidates.filter(move |((of, _), _)| **of == span as i32);
        of_span.map(|((_, candidate), &prior)| (candidate, prior))
    }

    fn check_candidates(&self, span: usize, entity: &str) -> std::result::Result<(), String> {
        let candidates: Vec<(&str, f64)> = self.candidates(span).collect();
        let mut ids: Vec<&str> = candidates.iter().map(|&(id, _)| id).collect();
        ids.sort_unstable();
        if let Some([twice, _]) = ids.windows(2).find(|two| two[0] == two[1]) {
            return Err(format!("span {span} has candidate {twice:?} twice"));
        }
        if !entity.is_empty() && ids.binary_search(&entity).is_err() {
            return Err(format!(
                "span {span} means {entity:?}, which is none of its candidates"
            ));
        }
        let sum: f64 = candidates.iter().map(|&(_, prior)| prior).sum();
        let in_range = candidates
            .iter()
            .all(|(_, prior)| (0.0..=1.0).contains(prior));
        if !in_range || (sum - 1.0).abs() > TOLERANCE {
            return Err(format!(
                "the priors of span {span} sum to {sum}, expected numbers from 0 that sum to 1"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::link as example;

    #[test]
    fn each_fault_is_named_and_columns_come_back() {
        let rules = Rules::default();
        assert_eq!(example().check(&rules), Ok(()));
        let fault = |change: fn(&mut LinkExample)| {
            let mut row = example();
            change(&mut row);
            row.check(&rules).unwrap_err()
        };
        assert_eq!(
            fault(|r| r.entity = ["Q1"].into()),
            "span 0 means \"Q1\", which is none of its candidates"
        );
        assert_eq!(
            fault(|r| r.prior[0] = 0.5),
            "the priors of span 0 sum to 0.75, expected numbers from 0 that sum to 1"
        );
        assert_eq!(
            fault(|r| r.prior = vec![f64::NAN, 0.25]),
            "the priors of span 0 sum to NaN, expected numbers from 0 that sum to 1"
        );
        assert_eq!(
            fault(|r| r.candidate = ["Q70", "Q70"].into()),
            "span 0 has candidate \"Q70\" twice"
        );
        assert_eq!(
            fault(|r| r.candidate_span[1] = 1),
            "candidate_span is 1 of 1 spans"
        );
        let mut bare = example();
        (bare.candidate_span, bare.candidate, bare.prior) = Default::default();
        assert_eq!(bare.check(&rules), Ok(()));
        let rows = vec![example(), bare];
        let batch = LinkExample::to_batch(&rows, &LinkExample::arrow_schema(&[])).unwrap();
        assert_eq!(LinkExample::from_batch(&batch).unwrap(), rows);
    }
}
