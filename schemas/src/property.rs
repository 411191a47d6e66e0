//! `Property`: a property of Wikidata and what it is called.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{EntityId, GroupBy, Record, Result, Rules, Words};

/// One property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Wikidata id (`P36`).
    pub id: String,
    /// The label in the first language of the chain that has one.
    pub label: Option<String>,
    /// The description, by the same chain.
    pub description: Option<String>,
    /// Other names in the languages of the chain.
    pub aliases: Words,
    /// What its values are, by Wikidata's names: `wikibase-item`, `time`, `quantity`, …
    pub datatype: String,
}

impl Record for Property {
    const NAME: &'static str = "Property";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "Wikidata id"),
        (
            "label",
            "label, in the first language of the chain that has one",
        ),
        ("description", "description, by the same chain"),
        ("aliases", "other names in the languages of the chain"),
        ("datatype", "what its values are, by Wikidata's names"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
        huggingface_schema(
            vec![
                text("id", false),
                text("label", true),
                text("description", true),
                Field::new("aliases", list_of(DataType::Utf8), false),
                text("datatype", false),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        columns::batch(
            schema,
            vec![
                columns::utf8(rows.iter().map(|r| r.id.as_str())),
                columns::utf8_opt(rows.iter().map(|r| r.label.as_deref())),
                columns::utf8_opt(rows.iter().map(|r| r.description.as_deref())),
                columns::words(rows.iter().map(|r| Some(&r.aliases)))?,
                columns::utf8(rows.iter().map(|r| r.datatype.as_str())),
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, label, description, datatype] =
            columns.utf8s(["id", "label", "description", "datatype"])?;
        let aliases = columns.words("aliases")?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    label: columns::opt(label, i),
                    description: columns::opt(description, i),
                    aliases: aliases.get(i)?.unwrap_or_default(),
                    datatype: datatype.value(i).to_owned(),
                })
            })
            .collect()
    }

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        let id: EntityId = self
            .id
            .parse()
            .map_err(|e: crate::entity_id::NotAnId| e.to_string())?;
        match id.as_property() {
            Some(_) => Ok(()),
            None => Err(format!("{id} is no property")),
        }
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}
