//! `Entity`: an item of Wikidata, what it is called, and what it is.

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};

use crate::columns::{self, Columns, huggingface_schema, list_of};
use crate::{GroupBy, Record, Result, Rules, Words};

/// One item. What it is called is in the languages that the dataset was built for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entity {
    /// Wikidata id (`Q42`).
    pub id: String,
    /// The label in the first language of the chain that has one.
    pub label: Option<String>,
    /// Which language that is.
    pub label_lang: Option<String>,
    /// The description, by the same chain.
    pub description: Option<String>,
    /// Other names: the aliases of all languages of the chain, and their labels that are not `label`.
    pub aliases: Words,
    /// What it is: the items of its best-ranked P31 statements.
    pub instance_of: Words,
    /// Title of its page on the chosen site (enwiki).
    pub title: Option<String>,
    /// On how many sites it has a page.
    pub sitelinks: i32,
}

impl Record for Entity {
    const NAME: &'static str = "Entity";
    const VERSION: u32 = 1;
    const COLUMNS: &'static [(&'static str, &'static str)] = &[
        ("id", "Wikidata id"),
        (
            "label",
            "label, in the first language of the chain that has one",
        ),
        ("label_lang", "the language of the label"),
        ("description", "description, by the same chain"),
        ("aliases", "other names in the languages of the chain"),
        (
            "instance_of",
            "what it is: the items of its best-ranked P31 statements",
        ),
        ("title", "title of its page on the chosen site"),
        ("sitelinks", "on how many sites it has a page"),
    ];

    fn arrow_schema(_class_names: &[String]) -> SchemaRef {
        let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
        huggingface_schema(
            vec![
                text("id", false),
                text("label", true),
                text("label_lang", true),
                text("description", true),
                Field::new("aliases", list_of(DataType::Utf8), false),
                Field::new("instance_of", list_of(DataType::Utf8), false),
                text("title", true),
                Field::new("sitelinks", DataType::Int32, false),
            ],
            None,
        )
    }

    fn to_batch(rows: &[Self], schema: &SchemaRef) -> Result<RecordBatch> {
        let text = |get: fn(&Self) -> Option<&str>| columns::utf8_opt(rows.iter().map(get));
        columns::batch(
            schema,
            vec![
                columns::utf8(rows.iter().map(|r| r.id.as_str())),
                text(|r| r.label.as_deref()),
                text(|r| r.label_lang.as_deref()),
                text(|r| r.description.as_deref()),
                columns::words(rows.iter().map(|r| Some(&r.aliases)))?,
                columns::words(rows.iter().map(|r| Some(&r.instance_of)))?,
                text(|r| r.title.as_deref()),
                columns::i32(rows.iter().map(|r| r.sitelinks)),
            ],
        )
    }

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [id, label, label_lang, description, title] =
            columns.utf8s(["id", "label", "label_lang", "description", "title"])?;
        let aliases = columns.words("aliases")?;
        let instance_of = columns.words("instance_of")?;
        let [sitelinks] = columns.i32s(["sitelinks"])?;
        (0..batch.num_rows())
            .map(|i| {
                Ok(Self {
                    id: id.value(i).to_owned(),
                    label: columns::opt(label, i),
                    label_lang: columns::opt(label_lang, i),
                    description: columns::opt(description, i),
                    aliases: aliases.get(i)?.unwrap_or_default(),
                    instance_of: instance_of.get(i)?.unwrap_or_default(),
                    title: columns::opt(title, i),
                    sitelinks: sitelinks.value(i),
                })
            })
            .collect()
    }

    fn check(&self, _rules: &Rules<'_>) -> std::result::Result<(), String> {
        self.id
            .parse::<crate::EntityId>()
            .map_err(|e| e.to_string())?;
        if self.label.is_some() != self.label_lang.is_some() {
            return Err("a label and its language go together, one of them is missing".into());
        }
        Ok(())
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn group(&self, _by: GroupBy) -> Vec<u8> {
        self.id.clone().into_bytes()
    }
}
