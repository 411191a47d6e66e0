//! Some columns of a dataset, for passes that do not need the rest.

use crate::batches::{Part, batches};
use crate::column::{entity_id, from_batch};
use crate::dataset::flattened;
use crate::{Dataset, Entity, EntityId, Page, Rank, Record, Result, Split, Triple, Value, Words};

/// A row type that needs only some columns of a record: the others are not even decompressed.
pub trait View: Sized + 'static {
    /// The record whose columns these are.
    type Of: Record;

    /// The names of the columns that are read.
    const COLUMNS: &'static [&'static str];

    /// What it takes of a row, whose fields of other columns are at their defaults.
    ///
    /// # Errors
    /// [`Error::Column`](crate::Error::Column) names a column whose value it cannot hold.
    fn of(row: Self::Of) -> Result<Self>;
}

impl Dataset {
    /// A view of the rows of a split in their stored order. After an error it ends. Memory: the
    /// columns of one row group as they are stored, and one batch of a few thousand rows.
    ///
    /// # Errors
    /// [`Error::WrongRecord`](crate::Error::WrongRecord) if the dataset holds other records; then
    /// each batch may fail with what [`ShardReader`](crate::ShardReader) says.
    pub fn views<V: View>(&self, split: Split) -> Result<impl Iterator<Item = Result<V>> + use<V>> {
        self.manifest.expect_record::<V::Of>(&self.dir)?;
        let part = Part {
            columns: Some(V::COLUMNS),
            ..Part::default()
        };
        let views = self.each_shard(split, move |file| {
            batches(file, &part).map(|batch| {
                let columns = V::Of::COLUMNS
                    .iter()
                    .filter(|column| V::COLUMNS.contains(&column.name));
                from_batch(columns, &batch?)?
                    .into_iter()
                    .map(V::of)
                    .collect()
            })
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
    /// An entity, a time or a quantity (both without calendar and bounds); `None` for anything
    /// else.
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

    fn of(row: Triple) -> Result<Self> {
        let value = match row.value {
            Value::Entity(_) | Value::Time { .. } | Value::Quantity { .. } => Some(row.value),
            _ => None,
        };
        Ok(Self {
            subject: row.subject,
            property: row.property,
            rank: row.rank,
            value,
        })
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

    fn of(row: Page) -> Result<Self> {
        Ok(Self {
            title: row.title,
            links: row.mention_title,
        })
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

    fn of(row: Entity) -> Result<Self> {
        Ok(Self {
            id: entity_id(&row.id).map_err(|misfit| misfit.of("id"))?,
            label: row.label,
            aliases: row.aliases,
            instance_of: row.instance_of,
            title: row.title,
            sitelinks: row.sitelinks,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<V: View>() {
        let has = |name| V::Of::COLUMNS.iter().any(|column| column.name == name);
        for name in V::COLUMNS {
            assert!(has(*name), "{} has no column {name}", V::Of::NAME);
        }
    }

    #[test]
    fn views_name_columns_of_their_records() {
        check::<Statement>();
        check::<PageTitles>();
        check::<Names>();
    }
}
