//! Pairs of phrases, and concepts, for people to read.

use std::fmt::Write;

use kprep_schemas::{Concept, PairExample};

/// Both phrases with the relation between them, and the class under them.
pub(crate) fn pair(row: &PairExample) -> String {
    let between = match row.relation.as_str() {
        "" => "|",
        relation => relation,
    };
    let origin = if row.positive.is_empty() {
        row.relation_id.clone()
    } else {
        let (replaced, draw) = (&row.replaced, &row.negative);
        format!("{replaced} replaced ({draw}), of {}", row.positive)
    };
    let (first, second) = (&row.first, &row.second);
    format!(
        "{first} {between} {second}\n  {}  {origin}  {}\n",
        row.class, row.id
    )
}

/// Id, label and kinds, and under them its other names and what it is.
pub(crate) fn concept(row: &Concept) -> String {
    let mut out = format!("{} {}", row.id, row.label);
    if !row.types.is_empty() {
        let _ = write!(out, " ({})", row.types.join(", "));
    }
    out.push('\n');
    if !row.names.is_empty() {
        let _ = writeln!(out, "  also {}", row.names.join(", "));
    }
    if !row.description.is_empty() {
        let _ = writeln!(out, "  {}", row.description);
    }
    if row.count > 0 {
        let _ = writeln!(out, "  seen {} times", row.count);
    }
    out
}
