//! `Redirect`: another title of a Wikipedia page.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema};
use crate::{GroupBy, Record, Result, Rules};

/// A title and the one that it redirects to, which may redirect, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The title that redirects.
    pub title: String,
    /// The title that it leads to.
    pub target: String,
}

impl Record for Redirect {
    const NAME: &'static str = "Redirect";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("title", "the title that redirects"),
        ("target", "the title that it leads to"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name| Field::new(name, DataType::Utf8, false);
        huggingface_schema(vec![text("title"), text("target")], None)
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> &str| columns::utf8(rows.iter().map(get));
        columns::batch(schema, vec![text(|r| &r.title), text(|r| &r.target)])
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let [title, target] = Columns::new(batch).utf8s(["title", "target"])?;
        let row = |i| Self {
            title: title.value(i).to_owned(),
            target: target.value(i).to_owned(),
        };
        Ok((0..batch.num_rows()).map(row).collect())
    }

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        if self.title == self.target {
            return Err(format!("{:?} redirects to itself", self.title));
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.title
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.title.clone().into_bytes()
    }
}
