//! `RelationCount`: one row of `relations.parquet`.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema};
use crate::{GroupBy, Record, Result, Rules};

/// A relation of a relation set with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationCount {
    /// Index among the class names.
    pub label: i64,
    /// Wikidata property (`P36`).
    pub relation: String,
    /// English label, if known.
    pub name: Option<String>,
    /// Distinct (subject, object) pairs over all splits.
    pub pairs: i64,
    /// Rows in train.
    pub train: i64,
    /// Rows in validation.
    pub validation: i64,
    /// Rows in test.
    pub test: i64,
}

impl Record for RelationCount {
    const NAME: &'static str = "RelationCount";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("label", "index among the class names"),
        ("relation", "Wikidata property"),
        ("name", "English label"),
        ("pairs", "distinct (subject, object) pairs over all splits"),
        ("train", "rows in train"),
        ("validation", "rows in validation"),
        ("test", "rows in test"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let count = |name| Field::new(name, DataType::Int64, true);
        huggingface_schema(
            vec![
                count("label"),
                Field::new("relation", DataType::Utf8, false),
                Field::new("name", DataType::Utf8, true),
                count("pairs"),
                count("train"),
                count("validation"),
                count("test"),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let count = |get: fn(&Self) -> i64| columns::i64_opt(rows.iter().map(|r| Some(get(r))));
        columns::batch(
            schema,
            vec![
                count(|r| r.label),
                columns::utf8(rows.iter().map(|r| r.relation.as_str())),
                columns::utf8_opt(rows.iter().map(|r| r.name.as_deref())),
                count(|r| r.pairs),
                count(|r| r.train),
                count(|r| r.validation),
                count(|r| r.test),
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [relation, name] = columns.utf8s(["relation", "name"])?;
        let [label, pairs, train, validation, test] =
            columns.i64s(["label", "pairs", "train", "validation", "test"])?;
        let row = |i| Self {
            label: label.value(i),
            relation: relation.value(i).to_owned(),
            name: columns::opt(name, i),
            pairs: pairs.value(i),
            train: train.value(i),
            validation: validation.value(i),
            test: test.value(i),
        };
        Ok((0..batch.num_rows()).map(row).collect())
    }

    fn check(&self, rules: &Rules<'_>) -> std::result::Result<(), String> {
        match rules.class_names.get(self.label as usize) {
            Some(name) if *name == self.relation => Ok(()),
            _ => Err(format!(
                "label {} is not relation {}",
                self.label, self.relation
            )),
        }
    }

    fn id(&self) -> &str {
        &self.relation
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.relation.clone().into_bytes()
    }
}
