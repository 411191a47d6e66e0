//! Rows with spans for people to read.

use std::fmt::Write;

use kprep_schemas::{LabelExample, LinkExample, Words};

/// Candidates of a span that are shown.
const SHOWN: usize = 6;

/// The words with the spans in brackets, and under them the classes of each.
pub(crate) fn label(row: &LabelExample) -> String {
    let mut out = marked(&row.token, &row.span_start, &row.span_end);
    let mut classes = row.class_span.iter().zip(row.class.iter()).peekable();
    for (span, (&start, &end)) in row.span_start.iter().zip(&row.span_end).enumerate() {
        let mut allowed = Vec::new();
        while let Some((_, class)) = classes.next_if(|(of, _)| **of == span as i32) {
            allowed.push(class);
        }
        let _ = write!(
            out,
            "  {}: {}",
            form(&row.token, start, end),
            allowed.join(", ")
        );
        let told = [("", &row.span_id), ("was ", &row.span_was)];
        for (what, list) in told {
            let text = list.iter().nth(span).unwrap_or_default();
            if !text.is_empty() {
                let _ = write!(out, "  ({what}{text})");
            }
        }
        out.push('\n');
    }
    let _ = writeln!(out, "  {}", row.doc_id);
    out
}

/// The words with the spans in brackets, and under them what each means and could mean.
pub(crate) fn link(row: &LinkExample) -> String {
    let mut out = marked(&row.token, &row.span_start, &row.span_end);
    for (span, (&start, &end)) in row.span_start.iter().zip(&row.span_end).enumerate() {
        let entity = match row.entity.iter().nth(span) {
            Some(entity) if !entity.is_empty() => entity,
            _ => "none",
        };
        let _ = write!(out, "  {}: {entity}", form(&row.token, start, end));
        let candidates: Vec<_> = row.candidates(span).collect();
        for (number, (id, prior)) in candidates.iter().take(SHOWN).enumerate() {
            let comma = if number == 0 { " of" } else { "," };
            let _ = write!(out, "{comma} {id} {prior:.3}");
        }
        match candidates.len().saturating_sub(SHOWN) {
            0 => {}
            more => drop(write!(out, " and {more} more")),
        }
        out.push('\n');
    }
    let _ = writeln!(out, "  {}", row.doc_id);
    out
}

fn marked(token: &Words, starts: &[i32], ends: &[i32]) -> String {
    let mut out = String::new();
    for (number, word) in (0..).zip(token.iter()) {
        if number > 0 {
            out.push(' ');
        }
        let opens = starts.iter().filter(|&&start| start == number).count();
        let closes = ends.iter().filter(|&&end| end == number).count();
        out.push_str(&"[".repeat(opens));
        out.push_str(word);
        out.push_str(&"]".repeat(closes));
    }
    out.push('\n');
    out
}

fn form(token: &Words, start: i32, end: i32) -> String {
    let words = token.iter().skip(start as usize);
    let words: Vec<&str> = words.take((end - start + 1) as usize).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows;

    #[test]
    fn spans_are_marked_and_told() {
        assert_eq!(
            label(&example_rows::label()),
            "The [goose] met a [gander] .\n  goose: noun.animal, noun.food\n  gander: noun.animal\n  geese\n"
        );
        assert_eq!(
            link(&example_rows::link()),
            "[Bern] is old .\n  Bern: Q70 of Q70 0.750, Q11911 0.250\n  12\n"
        );
    }
}
