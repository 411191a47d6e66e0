//! Records with spans, and what is asked about each span.

use kprep_schemas::{LabelExample, LinkExample, Record, Words};

use crate::report::tally::Tally;

/// A span, and what is right for it.
pub(crate) struct Span<'a> {
    /// Its words.
    pub(super) form: String,
    pub(super) words: usize,
    pub(super) lemma: &'a str,
    /// The answers that are right.
    pub(super) right: Vec<&'a str>,
    /// Its candidates, and the likeliest of them.
    pub(super) candidates: usize,
    pub(super) likeliest: Option<&'a str>,
}

/// A record type with spans.
pub(crate) trait Spanned: Record {
    /// What a row is called, in the plural.
    const ROWS: &'static str;

    fn spans(&self) -> Vec<Span<'_>>;
    fn words(&self) -> usize;
    /// Counts what the answers to a span are like.
    fn answers(span: &Span<'_>, figures: &mut Tally);
}

impl Spanned for LabelExample {
    const ROWS: &'static str = "texts";

    fn answers(span: &Span<'_>, figures: &mut Tally) {
        figures.length("classes_a_span", span.right.len());
        figures.share("spans_of_one_class", span.right.len() == 1);
        for right in &span.right {
            figures.name("classes", right);
        }
    }

    fn words(&self) -> usize {
        self.token.len()
    }

    fn spans(&self) -> Vec<Span<'_>> {
        let mut classes = self.class_span.iter().zip(self.class.iter()).peekable();
        let spans = self.span_start.iter().zip(&self.span_end).enumerate();
        let spans = spans.map(|(number, (&start, &end))| {
            let mut right = Vec::new();
            while let Some((_, class)) = classes.next_if(|(of, _)| **of == number as i32) {
                right.push(class);
            }
            Span {
                form: form(&self.token, start, end),
                words: (end - start + 1) as usize,
                lemma: self.span_lemma.iter().nth(number).unwrap_or_default(),
                right,
                candidates: 0,
                likeliest: None,
            }
        });
        spans.collect()
    }
}

impl Spanned for LinkExample {
    const ROWS: &'static str = "texts";

    fn answers(span: &Span<'_>, figures: &mut Tally) {
        figures.length("candidates_a_span", span.candidates);
        figures.share("spans_of_no_entity", span.right == [""]);
    }

    fn words(&self) -> usize {
        self.token.len()
    }

    fn spans(&self) -> Vec<Span<'_>> {
        let spans = self
            .span_start
            .iter()
            .zip(&self.span_end)
            .zip(self.entity.iter());
        let spans = spans.enumerate().map(|(number, ((&start, &end), entity))| {
            let candidates: Vec<(&str, f64)> = self.candidates(number).collect();
            // Of several, the first: they come in their order.
            let mut likeliest: Option<(&str, f64)> = None;
            for &(id, prior) in &candidates {
                if likeliest.is_none_or(|(_, best)| prior > best) {
                    likeliest = Some((id, prior));
                }
            }
            Span {
                form: form(&self.token, start, end),
                words: (end - start + 1) as usize,
                lemma: "",
                right: vec![entity],
                candidates: candidates.len(),
                likeliest: likeliest.map(|(id, _)| id),
            }
        });
        spans.collect()
    }
}

fn form(token: &Words, start: i32, end: i32) -> String {
    let words = token.iter().skip(start as usize);
    let words: Vec<&str> = words.take((end - start + 1) as usize).collect();
    words.join(" ")
}
