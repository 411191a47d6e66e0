//! What differs, for people and for programs.

use std::fmt;

use kprep_schemas::thousands;
use serde::Serialize;
use serde_json::Value;

use super::origin::Origin;
use super::rows::{Change, RelationRows, Rows};

/// Relations that are told one by one; further ones are only counted.
const TOLD: usize = 20;

/// All differences of two datasets.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What a class is called: relation or type.
    #[serde(skip)]
    class: &'static str,
    pub(crate) equal: bool,
    #[serde(flatten)]
    origin: Origin,
    relations: Vec<RelationRows>,
    rows: Rows,
    /// The rows are the same, their order or form in the shards is not.
    only_shards_differ: bool,
}

impl Report {
    pub(crate) fn new(
        class: &'static str,
        origin: Origin,
        relations: Vec<RelationRows>,
        rows: Rows,
        shards_differ: bool,
    ) -> Self {
        let same_rows = rows.same == rows.a && rows.same == rows.b;
        Self {
            class,
            equal: origin == Origin::default() && same_rows && !shards_differ,
            only_shards_differ: same_rows && shards_differ,
            origin,
            relations,
            rows,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for setting in &self.origin.settings {
            let (a, b) = (short(&setting.a), short(&setting.b));
            writeln!(f, "{}: {a} -> {b}", setting.name)?;
        }
        let inputs = &self.origin.inputs;
        for (what, names) in [
            ("added", &inputs.added),
            ("removed", &inputs.removed),
            ("changed", &inputs.changed),
        ] {
            for name in names {
                writeln!(f, "input {what}: {name}")?;
            }
        }
        if self.origin.classes_renumbered {
            writeln!(
                f,
                "classes renumbered: the same label means another {}",
                self.class
            )?;
        }
        self.relations(f)?;
        self.rows(f)
    }
}

/// A value, if it has not too many words; --json has all.
fn short(value: &Value) -> String {
    const SHOWN: usize = 60;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

impl Report {
    fn relations(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.relations.iter().take(TOLD) {
            let what = match (row.a, row.b) {
                (0, _) => ", gained",
                (_, 0) => ", lost",
                _ => "",
            };
            let (a, b) = (thousands(row.a), thousands(row.b));
            let class = self.class;
            writeln!(f, "{class} {}: {a} -> {b} rows{what}", row.relation)?;
        }
        let more = self.relations.len().saturating_sub(TOLD);
        if more > 0 {
            writeln!(
                f,
                "and {} further {}s (--json has all)",
                thousands(more as u64),
                self.class
            )?;
        }
        Ok(())
    }

    fn rows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = &self.rows;
        let (a, b) = (thousands(rows.a), thousands(rows.b));
        writeln!(f, "rows: {a} -> {b}, {} the same", thousands(rows.same))?;
        let other = match self.class {
            "type" => "with other types",
            _ => "with another relation",
        };
        let changes: [(&str, &Change); 5] = [
            ("added", &rows.added),
            ("removed", &rows.removed),
            (other, &rows.other_relation),
            ("in another split", &rows.other_split),
            ("with other content", &rows.other_content),
        ];
        for (what, change) in changes {
            if change.count == 0 {
                continue;
            }
            writeln!(f, "  {} {what}", thousands(change.count))?;
            for example in &change.examples {
                writeln!(f, "    {example}")?;
            }
        }
        if self.only_shards_differ {
            writeln!(f, "the rows are the same, but in another order or form")?;
        }
        if self.equal {
            writeln!(f, "nothing differs")?;
        }
        Ok(())
    }
}
