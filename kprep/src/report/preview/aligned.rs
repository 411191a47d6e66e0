//! An aligned page for people to read.

use std::fmt::Write;

use kprep_schemas::AlignedPage;

/// Each sentence that has triples, and these under it.
pub(crate) fn aligned(row: &AlignedPage) -> String {
    let slice = |start: i32, end: i32| {
        let chars = row.text.chars().skip(start as usize);
        chars.take((end - start) as usize).collect::<String>()
    };
    let mention = |number: i32| {
        let number = usize::try_from(number).ok()?;
        let surface = slice(row.mention_start[number], row.mention_end[number]);
        let (id, source) = (&row.mention_id[number], &row.mention_source[number]);
        Some(format!("{surface} ({id}, {source})"))
    };
    let mut out = format!("{} ({}, page {})\n", row.title, row.entity, row.id);
    for (sentence, (&start, &end)) in row.sentence_start.iter().zip(&row.sentence_end).enumerate() {
        let here = |triple: &usize| row.triple_sentence[*triple] == sentence as i32;
        let mut triples = (0..row.triples()).filter(here).peekable();
        if triples.peek().is_some() {
            let _ = writeln!(out, "  {}", slice(start, end));
        }
        for triple in triples {
            let subject = mention(row.triple_subject[triple]);
            let property = mention(row.triple_property_mention[triple]);
            let _ = writeln!(
                out,
                "    {} - {} - {}  [{}]",
                subject.unwrap_or_else(|| format!("({}, not mentioned)", row.entity)),
                property.unwrap_or_else(|| row.triple_property[triple].to_owned()),
                mention(row.triple_object[triple]).unwrap_or_default(),
                &row.triple_aligner[triple],
            );
        }
    }
    out
}
