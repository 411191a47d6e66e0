//! The graph of facts: which item has what to do with which, in files that are made once.

use std::path::{Path, PathBuf};

use kprep_schemas::{EntityId, Rank, Statement, Value};

use super::error::Result;
use super::literal::Literal;
use super::sorted_file::{Identity, SortedFile};
use super::sorter::Sorter;

/// Subject, object, property: 10 bytes, so that 800 million facts take 8 GB.
const ITEM_FACT: usize = 4 + 4 + 2;

/// Subject, 64 bits of a hash of the value, property.
const LITERAL_FACT: usize = 4 + 8 + 2;

/// A unit of a quantity.
const UNIT: usize = 4;

/// Memory for each of the two sorted tables while they are made.
const RUN_BYTES: usize = 512 << 20;

/// The facts of all items: two tables, of facts about items and about literals, and the units that
/// occur. What was read of them stays in the system's page cache as far as there is room; the
/// program itself keeps two indexes of 4 bytes for every 128 facts.
#[derive(Debug)]
pub struct Facts {
    items: SortedFile<ITEM_FACT>,
    literals: SortedFile<LITERAL_FACT>,
    units: Vec<u32>,
}

/// What an item's statements say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactsOf {
    /// Number of another item and of the property, in order.
    pub items: Vec<(u32, u16)>,
    /// [`Literal::key`] of a value and number of the property, in order.
    pub literals: Vec<(u64, u16)>,
}

impl Facts {
    /// Opens the tables in a folder.
    ///
    /// # Errors
    /// [`super::Error::Stale`] if they were made from something else, [`super::Error::Damaged`] if
    /// they are not what they were, [`super::Error::Io`] if they cannot be read.
    pub fn open(dir: &Path, identity: &Identity) -> Result<Self> {
        let [items, literals, units] = paths(dir);
        let units = SortedFile::<UNIT>::open(&units, identity)?.read_all()?;
        Ok(Self {
            items: SortedFile::open(&items, identity)?,
            literals: SortedFile::open(&literals, identity)?,
            units: units.into_iter().map(u32::from_be_bytes).collect(),
        })
    }

    /// How many facts have an item, and how many a literal as their object.
    pub fn counts(&self) -> [u64; 2] {
        [self.items.len(), self.literals.len()]
    }

    /// The numbers of the units that quantities have, in order.
    pub fn units(&self) -> &[u32] {
        &self.units
    }

    /// The facts of an item.
    ///
    /// # Errors
    /// [`super::Error::Io`] if they cannot be read.
    pub fn of(&self, item: u32) -> Result<FactsOf> {
        let items =
            self.items
                .starting_with(item)?
                .into_iter()
                .map(|[_, _, _, _, a, b, c, d, p, q]| {
                    (u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([p, q]))
                });
        let literals = self
            .literals
            .starting_with(item)?
            .into_iter()
            .map(|record| {
                let [_, _, _, _, key @ .., p, q] = record;
                (u64::from_be_bytes(key), u16::from_be_bytes([p, q]))
            });
        Ok(FactsOf {
            items: items.collect(),
            literals: literals.collect(),
        })
    }
}

fn paths(dir: &Path) -> [PathBuf; 3] {
    ["items.facts", "literals.facts", "units.facts"].map(|name| dir.join(name))
}

/// Makes the tables from statements.
///
/// Memory: 1 GiB, and the statements of one subject. Statements of a subject must come one after
/// the other, as kprep writes them: of those with one property only the ones of the best rank
/// count, and none that are deprecated.
pub struct FactsWriter {
    items: Sorter<ITEM_FACT>,
    literals: Sorter<LITERAL_FACT>,
    units: Sorter<UNIT>,
    /// The subject's statements so far.
    subject: Vec<Statement>,
    counts: FactCounts,
}

/// What became of statements. Facts that several statements give are in the tables once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactCounts {
    /// All that came.
    pub read: u64,
    /// Of a lower rank than others of their subject and property, or deprecated.
    pub rank: u64,
    /// Of something that is no item, or of a property beyond P65535.
    pub subject: u64,
    /// Whose value is not known or does not exist.
    pub no_value: u64,
    /// Whose value is no item, no time of a day, month or year, and no number.
    pub other_value: u64,
}

impl FactsWriter {
    /// Starts tables in a folder that exists.
    pub fn new(dir: &Path) -> Self {
        let [items, literals, units] = paths(dir);
        Self {
            items: Sorter::new(&items, RUN_BYTES),
            literals: Sorter::new(&literals, RUN_BYTES),
            units: Sorter::new(&units, 1 << 20),
            subject: Vec::new(),
            counts: FactCounts::default(),
        }
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// [`super::Error::Io`] if something cannot be written.
    pub fn add(&mut self, statement: Statement) -> Result<()> {
        let before = self.subject.last().map(|before| before.subject);
        if before.is_some_and(|before| before != statement.subject) {
            self.end_subject()?;
        }
        self.counts.read += 1;
        self.subject.push(statement);
        Ok(())
    }

    fn end_subject(&mut self) -> Result<()> {
        let mut statements = std::mem::take(&mut self.subject);
        statements.sort_by_key(|statement| statement.property);
        for same in statements.chunk_by(|a, b| a.property == b.property) {
            let best = same
                .iter()
                .map(|statement| statement.rank)
                .max()
                .filter(|&rank| rank != Rank::Deprecated);
            for statement in same {
                if Some(statement.rank) == best {
                    self.fact(statement)?;
                } else {
                    self.counts.rank += 1;
                }
            }
        }
        statements.clear();
        self.subject = statements;
        Ok(())
    }

    fn fact(&mut self, statement: &Statement) -> Result<()> {
        let property = statement
            .property
            .as_property()
            .and_then(|p| u16::try_from(p).ok());
        let (Some(subject), Some(property)) = (item(statement.subject), property) else {
            self.counts.subject += 1;
            return Ok(());
        };
        let Some(value) = &statement.value else {
            self.counts.no_value += 1;
            return Ok(());
        };
        let (s, p) = (subject.to_be_bytes(), property.to_be_bytes());
        if let &Value::Entity(object) = value {
            let Some(object) = item(object) else {
                self.counts.other_value += 1;
                return Ok(());
            };
            return self.items.push(joined([&s, &object.to_be_bytes(), &p]));
        }
        let Some(literal) = Literal::of(value) else {
            self.counts.other_value += 1;
            return Ok(());
        };
        if let Literal::Quantity(quantity) = &literal
            && let Some(unit) = quantity.unit
        {
            self.units.push(unit.to_be_bytes())?;
        }
        let key = literal.key().to_be_bytes();
        self.literals.push(joined([&s, &key, &p]))
    }

    /// Writes the tables. Tells what became of the statements.
    ///
    /// # Errors
    /// [`super::Error::Io`] if they cannot be written.
    pub fn finish(mut self, identity: &Identity) -> Result<FactCounts> {
        self.end_subject()?;
        self.items.finish(identity)?;
        self.literals.finish(identity)?;
        self.units.finish(identity)?;
        Ok(self.counts)
    }
}

fn item(id: EntityId) -> Option<u32> {
    u32::try_from(id.as_item()?).ok()
}

fn joined<const N: usize>(parts: [&[u8]; 3]) -> [u8; N] {
    let mut record = [0; N];
    let mut at = 0;
    for part in parts {
        record[at..at + part.len()].copy_from_slice(part);
        at += part.len();
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(
        subject: u64,
        property: u64,
        rank: Rank,
        value: impl Into<Option<Value>>,
    ) -> Statement {
        Statement {
            subject: EntityId::item(subject),
            property: EntityId::property(property),
            rank,
            value: value.into(),
        }
    }

    fn to_item(number: u64) -> Value {
        Value::Entity(EntityId::item(number))
    }

    #[test]
    fn only_the_best_rank_of_each_property_counts() {
        let dir = tempfile::tempdir().unwrap();
        let year = Value::Time {
            time: "+1900-00-00T00:00:00Z".into(),
            precision: 9,
            calendar: None,
        };
        let area = Value::Quantity {
            amount: "+468".into(),
            unit: Some(EntityId::item(712_226)),
            lower: None,
            upper: None,
        };
        let image = Value::Text {
            text: "Bern.jpg".into(),
            lang: None,
        };
        let statements = [
            statement(2, 17, Rank::Normal, to_item(5)),
            statement(2, 36, Rank::Normal, to_item(7)),
            statement(2, 36, Rank::Preferred, to_item(8)),
            statement(2, 17, Rank::Normal, to_item(6)),
            statement(2, 17, Rank::Deprecated, to_item(9)),
            statement(2, 47, Rank::Deprecated, to_item(9)),
            statement(2, 19, Rank::Preferred, None), // unknown: what is normal does not count
            statement(2, 19, Rank::Normal, to_item(3)),
            statement(1, 571, Rank::Normal, year.clone()),
            statement(1, 2046, Rank::Normal, area.clone()),
            statement(1, 99_999, Rank::Normal, to_item(3)),
            statement(1, 18, Rank::Normal, image),
        ];
        let identity = [0; 32];
        let mut writer = FactsWriter::new(dir.path());
        for statement in statements {
            writer.add(statement).unwrap();
        }
        let counts = writer.finish(&identity).unwrap();
        let expected = FactCounts {
            read: 12,
            rank: 4,
            subject: 1,
            no_value: 1,
            other_value: 1,
        };
        assert_eq!(counts, expected);
        let facts = Facts::open(dir.path(), &identity).unwrap();
        assert_eq!(facts.counts(), [3, 2]);
        assert_eq!(facts.units(), [712_226]);
        assert_eq!(facts.of(2).unwrap().items, [(5, 17), (6, 17), (8, 36)]);
        let key = |value: &Value| Literal::of(value).unwrap().key();
        let mut expected = [(key(&year), 571), (key(&area), 2046)];
        expected.sort_unstable();
        assert_eq!(facts.of(1).unwrap().literals, expected);
        assert_eq!(facts.of(3).unwrap(), FactsOf::default());
    }
}
