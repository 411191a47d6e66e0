//! `relations.parquet` of a benchmark's relations.

use std::collections::HashSet;

use kprep_schemas::{RelationCount, RelationExample, Split, stable_hash};

/// Counts rows and pairs. A benchmark without ids has pairs of mentions, compared by their words.
pub(super) struct Relations {
    names: Vec<String>,
    rows: Vec<[i64; 3]>,
    pairs: Vec<HashSet<u64>>,
}

impl Relations {
    pub(super) fn new(names: &[String]) -> Self {
        Self {
            names: names.to_vec(),
            rows: vec![[0; 3]; names.len()],
            pairs: vec![HashSet::new(); names.len()],
        }
    }

    pub(super) fn add(&mut self, split: Split, row: &RelationExample) {
        let Some(label) = row.label.map(|label| label as usize) else {
            return;
        };
        self.rows[label][split as usize] += 1;
        let mention = |first: i32, last: i32| -> Vec<&[u8]> {
            let tokens = (first..=last).map(|i| row.token[i as usize].as_bytes());
            tokens.collect()
        };
        let mut pair = mention(row.subj_start, row.subj_end);
        pair.push(b"\t");
        pair.extend(mention(row.obj_start, row.obj_end));
        self.pairs[label].insert(stable_hash(pair));
    }

    pub(super) fn table(&self) -> Vec<RelationCount> {
        let counts = self.rows.iter().zip(&self.pairs);
        let rows = (0..).zip(self.names.iter().zip(counts));
        rows.map(|(label, (name, (rows, pairs)))| RelationCount {
            label,
            relation: name.clone(),
            name: None,
            pairs: pairs.len() as i64,
            train: rows[0],
            validation: rows[1],
            test: rows[2],
        })
        .collect()
    }
}
