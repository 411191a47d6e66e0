//! Some columns of a dataset, for passes that do not need the rest.

use arrow::array::{Array, RecordBatch};

use crate::batches::{Part, batches};
use crate::columns::{self, Columns};
use crate::dataset::flattened;
use crate::{
    Dataset, Entity, EntityId, Error, Page, Rank, Record, Result, Split, Triple, Value, Words,
};

/// A row type that needs only some columns of a record: the others are not even decompressed.
pub trait View: Sized + 'static {
    /// The record whose columns these are.
    type Of: Record;

    /// The columns that are read.
    const COLUMNS: &'static [&'static str];

    /// Columns to rows.
    ///
    /// # Errors
    /// [`Error::Column`] names a column that is missing or of another type.
    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>>;
}

impl Dataset {
    /// A view of the rows of a split in their stored order. After an error it ends. Memory: the columns
    /// of one row group as they are stored, and one batch of a few thousand rows.
    ///
    /// # Errors
    /// [`Error::WrongRecord`] if the dataset holds other records; then each row may fail with
    /// [`Error::Io`], [`Error::Parquet`], [`Error::Damaged`] or [`Error::Column`].
    pub fn views<V: View>(&self, split: Split) -> Result<impl Iterator<Item = Result<V>> + use<V>> {
        self.manifest.expect_record::<V::Of>(&self.dir)?;
        let part = Part {
            columns: Some(V::COLUMNS),
            ..Part::default()
        };
        let views = self.each_shard(split, move |file| {
            batches(file, &part).map(|batch| V::from_batch(&batch?))
        });
        Ok(flattened(views))
    }
}

/// A statement without its qualifiers and references, for a graph of facts.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is about.
    pub subject: EntityId,
    /// The property.
    pub property: EntityId,
    /// Its rank.
    pub rank: Rank,
    /// An entity, a time or a quantity (both without calendar and bounds); `None` for anything else.
    pub value: Option<Value>,
}

impl View for Statement {
    type Of = Triple;

    const COLUMNS: &'static [&'static str] = &[
        "subject",
        "property",
        "rank",
        "object_id",
        "time",
        "time_precision",
        "amount",
        "unit",
    ];

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [subject, property, rank] = columns.utf8s(["subject", "property", "rank"])?;
        let [object, time, amount, unit] =
            columns.utf8s(["object_id", "time", "amount", "unit"])?;
        let [precision] = columns.i32s(["time_precision"])?;
        let value = |row: usize| -> Result<Option<Value>> {
            Ok(if object.is_valid(row) {
                Some(Value::Entity(id("object_id", object.value(row))?))
            } else if time.is_valid(row) {
                Some(Value::Time {
                    time: time.value(row).to_owned(),
                    precision: precision.value(row),
                    calendar: None,
                })
            } else if amount.is_valid(row) {
                let unit = columns::opt(unit, row);
                Some(Value::Quantity {
                    amount: amount.value(row).to_owned(),
                    unit: unit.map(|unit| id("unit", &unit)).transpose()?,
                    lower: None,
                    upper: None,
                })
            } else {
                None
            })
        };
        (0..batch.num_rows())
            .map(|row| {
                Ok(Self {
                    subject: id("subject", subject.value(row))?,
                    property: id("property", property.value(row))?,
                    rank: Rank::named(rank.value(row))
                        .ok_or_else(|| wrong("rank", "a rank", rank.value(row)))?,
                    value: value(row)?,
                })
            })
            .collect()
    }
}

/// The titles that a page has to do with: its own, and those that its links lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTitles {
    /// Its title.
    pub title: String,
    /// The titles of its links.
    pub links: Words,
}

impl View for PageTitles {
    type Of = Page;

    const COLUMNS: &'static [&'static str] = &["title", "mention_title"];

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let title = columns.utf8("title")?;
        let links = columns.words("mention_title")?;
        (0..batch.num_rows())
            .map(|row| {
                Ok(Self {
                    title: title.value(row).to_owned(),
                    links: links.get(row)?.unwrap_or_default(),
                })
            })
            .collect()
    }
}

/// What an item is called and what it is; no description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Wikidata id.
    pub id: EntityId,
    /// The label.
    pub label: Option<String>,
    /// Other names.
    pub aliases: Words,
    /// What it is.
    pub instance_of: Words,
    /// Title of its page on the chosen site.
    pub title: Option<String>,
    /// On how many sites it has a page.
    pub sitelinks: i32,
}

impl View for Names {
    type Of = Entity;

    const COLUMNS: &'static [&'static str] = &[
        "id",
        "label",
        "aliases",
        "instance_of",
        "title",
        "sitelinks",
    ];

    fn from_batch(batch: &RecordBatch) -> Result<Vec<Self>> {
        let columns = Columns::new(batch);
        let [entity, label, title] = columns.utf8s(["id", "label", "title"])?;
        let aliases = columns.words("aliases")?;
        let instance_of = columns.words("instance_of")?;
        let [sitelinks] = columns.i32s(["sitelinks"])?;
        (0..batch.num_rows())
            .map(|row| {
                Ok(Self {
                    id: id("id", entity.value(row))?,
                    label: columns::opt(label, row),
                    aliases: aliases.get(row)?.unwrap_or_default(),
                    instance_of: instance_of.get(row)?.unwrap_or_default(),
                    title: columns::opt(title, row),
                    sitelinks: sitelinks.value(row),
                })
            })
            .collect()
    }
}

fn id(column: &str, text: &str) -> Result<EntityId> {
    text.parse()
        .map_err(|_| wrong(column, "an entity's id", text))
}

fn wrong(column: &str, expected: &'static str, found: &str) -> Error {
    Error::Column {
        name: column.to_owned(),
        expected,
        found: found.to_owned(),
    }
}
