//! Aligned documents, in order, to the rows of a relation dataset and its counts.

use kprep_schemas::{
    Funnel, GroupBy, Record, Reject, RelationCount, RelationExample, Split, Splitter,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::count::row_hash;
use crate::{DocumentRows, Loss, LossCounts, Lost, PropertyLabels, RelationTotal, Relations};

/// The kept relations and what was made of the documents so far.
///
/// Memory: at most 21 bytes a row (hashes of the rows seen, to recognise documents that come
/// twice), and a few counters a relation.
pub struct RelationSet {
    relations: Vec<(String, RelationTotal)>,
    labels: Labels,
    splitter: Splitter,
    group_by: GroupBy,
    seen: FxHashSet<u64>,
    triples: u64,
    losses: LossCounts,
    /// Rows of each relation in each split.
    rows: Vec<[u64; Split::ALL.len()]>,
}

/// The label of each kept relation.
#[derive(Debug, Clone)]
pub struct Labels {
    ids: FxHashMap<String, i64>,
    /// Relations that reach the threshold and are no class.
    unlisted: FxHashSet<String>,
}

/// A document's rows before it is known whether they were seen in another document.
pub struct LabelledDocument {
    doc_id: String,
    triples: u64,
    rows: Vec<FactRow>,
    lost: Vec<Lost>,
}

/// A fact as a row, or why it is none.
struct FactRow {
    /// Number of its first triple in the document.
    triple: usize,
    hash: u64,
    row: Result<RelationExample, Lost>,
}

/// What becomes of a triple.
#[expect(clippy::large_enum_variant, reason = "most are rows")]
pub enum Outcome {
    /// A row of a split.
    Row(Split, RelationExample),
    /// Nothing, for a reason.
    Reject(Reject),
}

impl Labels {
    /// Labels a document's rows whose relation is kept. Depends on nothing but the document, so
    /// documents may be labelled in parallel.
    pub fn label(&self, document: DocumentRows) -> LabelledDocument {
        let rows = document.rows.into_iter().map(|(triple, row)| {
            let hash = row_hash(&row.id);
            let row = match self.of(&row.relation) {
                Ok(label) => Ok(RelationExample {
                    label: Some(label),
                    ..row
                }),
                Err(loss) => Err(Lost {
                    triple,
                    loss,
                    detail: row.relation,
                }),
            };
            FactRow { triple, hash, row }
        });
        LabelledDocument {
            doc_id: document.doc_id,
            triples: document.triples,
            rows: rows.collect(),
            lost: document.lost,
        }
    }

    /// The label of a relation, or why it has none.
    fn of(&self, relation: &str) -> Result<i64, Loss> {
        match self.ids.get(relation) {
            Some(&label) => Ok(label),
            None if self.unlisted.contains(relation) => Err(Loss::NotAmongLabels),
            None => Err(Loss::BelowThreshold),
        }
    }
}

impl RelationSet {
    /// A set of these relations.
    pub fn new(relations: Relations, splitter: Splitter, group_by: GroupBy) -> Self {
        let Relations { listed, unlisted } = relations;
        // One without rows stays a class, and does not reach the threshold.
        let with_rows = listed.iter().zip(0..).filter(|((_, t), _)| t.rows > 0);
        let labels = Labels {
            ids: with_rows.map(|((name, _), i)| (name.clone(), i)).collect(),
            unlisted: unlisted.into_iter().collect(),
        };
        let rows = vec![[0; Split::ALL.len()]; listed.len()];
        Self {
            relations: listed,
            labels,
            splitter,
            group_by,
            seen: FxHashSet::default(),
            triples: 0,
            losses: LossCounts::default(),
            rows,
        }
    }

    /// The labels, to give to threads.
    pub fn labels(&self) -> Labels {
        self.labels.clone()
    }

    /// Takes the next document. Documents must come in input order: of two equal rows the first
    /// stays.
    pub fn add(&mut self, document: LabelledDocument) -> Vec<Outcome> {
        let LabelledDocument {
            doc_id,
            triples,
            rows,
            lost,
        } = document;
        self.triples += triples;
        let mut outcomes = Vec::with_capacity(rows.len() + lost.len());
        for lost in lost {
            outcomes.push(self.lose(&doc_id, lost));
        }
        for FactRow { triple, hash, row } in rows {
            match row {
                _ if !self.seen.insert(hash) => {
                    let repeated = Lost {
                        triple,
                        loss: Loss::RepeatedDocument,
                        detail: row.map_or_else(|lost| lost.detail, |row| row.relation),
                    };
                    outcomes.push(self.lose(&doc_id, repeated));
                }
                Ok(row) => {
                    let split = self.splitter.split(&row.group(self.group_by));
                    if let Some(counts) = row.label.and_then(|l| self.rows.get_mut(l as usize)) {
                        counts[split as usize] += 1;
                    }
                    outcomes.push(Outcome::Row(split, row));
                }
                Err(lost) => outcomes.push(self.lose(&doc_id, lost)),
            }
        }
        outcomes
    }

    /// Counts a loss.
    fn lose(&mut self, doc_id: &str, lost: Lost) -> Outcome {
        self.losses.add(lost.loss);
        Outcome::Reject(Reject {
            doc_id: Some(doc_id.to_owned()),
            index: Some(lost.triple as u64),
            reason: lost.loss.reason(),
            detail: lost.detail,
            ..Reject::default()
        })
    }

    /// Rows so far.
    pub fn row_count(&self) -> u64 {
        self.rows.iter().flatten().sum()
    }

    /// Triples that gave no row so far.
    pub fn lost_count(&self) -> u64 {
        self.triples - self.row_count()
    }

    /// The counts of every stage.
    pub fn funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("triples", self.triples);
        for losses in Loss::ALL.chunk_by(|a, b| a.stage() == b.stage()) {
            let counted = losses
                .iter()
                .map(|&loss| (loss.reason(), self.losses.get(loss)));
            let optional = losses[0].stage() == Loss::NOT_TESTED;
            if optional && counted.clone().all(|(_, count)| count == 0) {
                continue;
            }
            funnel.stage(losses[0].stage(), counted);
        }
        funnel
    }

    /// `relations.parquet`.
    pub fn table(&self, labels: &PropertyLabels) -> Vec<RelationCount> {
        let rows = self.relations.iter().zip(&self.rows).zip(0..);
        rows.map(|(((relation, total), rows), label)| RelationCount {
            label,
            relation: relation.clone(),
            name: labels.get(relation).map(str::to_owned),
            pairs: total.pairs as i64,
            train: rows[Split::Train as usize] as i64,
            validation: rows[Split::Validation as usize] as i64,
            test: rows[Split::Test as usize] as i64,
        })
        .collect()
    }
}
