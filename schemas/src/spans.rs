//! What records with spans of words have in common.

use crate::{GroupBy, Record, Words, stable_hash};

/// The group of a row with an id, a document and a text, whose spans have these ids.
pub(crate) fn group(by: GroupBy, [id, doc_id, text]: [&str; 3], spans: &Words) -> Vec<u8> {
    let group = match by {
        GroupBy::Document if !doc_id.is_empty() => doc_id,
        GroupBy::Document | GroupBy::Row => id,
        GroupBy::Entity | GroupBy::Word if !spans.is_empty() => &spans.join(" "),
        _ => text,
    };
    group.as_bytes().to_vec()
}

/// What rows of several splits may share: the document and the sentence, hashed.
pub(crate) fn hashed_groups<R: Record>(row: &R) -> Vec<u64> {
    let kinds = [GroupBy::Document, GroupBy::Sentence];
    kinds.map(|by| stable_hash([&row.group(by)[..]])).into()
}

/// Spans of words: first and last word, from 0, inclusive.
pub(crate) fn check_spans(
    words: usize,
    starts: &[i32],
    ends: &[i32],
) -> std::result::Result<(), String> {
    if starts.len() != ends.len() {
        return Err(format!(
            "span_start and span_end have {} and {} entries",
            starts.len(),
            ends.len()
        ));
    }
    let mut before = (-1, -1);
    for (number, (&start, &end)) in starts.iter().zip(ends).enumerate() {
        if !(0 <= start && start <= end && (end as usize) < words) {
            return Err(format!("span {number} is words {start}..={end} of {words}"));
        }
        if before >= (start, end) {
            return Err(format!("span {number} is not after the one before it"));
        }
        before = (start, end);
    }
    Ok(())
}

/// Lists that have an entry for each span.
pub(crate) fn check_lengths(
    spans: usize,
    lists: &[(&str, usize)],
) -> std::result::Result<(), String> {
    match lists.iter().find(|(_, length)| *length != spans) {
        Some((name, length)) => Err(format!("{name} has {length} entries for {spans} spans")),
        None => Ok(()),
    }
}

/// A list that names spans by their numbers, in their order.
pub(crate) fn check_numbers(
    name: &str,
    spans: usize,
    numbers: &[i32],
) -> std::result::Result<(), String> {
    let outside = |number: &&i32| !(0..spans as i32).contains(*number);
    if let Some(number) = numbers.iter().find(outside) {
        return Err(format!("{name} is {number} of {spans} spans"));
    }
    if !numbers.is_sorted() {
        return Err(format!("{name} is not in the order of the spans"));
    }
    Ok(())
}
