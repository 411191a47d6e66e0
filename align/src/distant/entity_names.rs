//! What items are called, and whether pages about them are wanted.

use kprep_schemas::Names;
use rustc_hash::{FxHashMap, FxHashSet};

/// Labels and aliases by item.
///
/// Memory: the bytes of the names of the items that the pages at hand are about or link to, one
/// more for each, and some 40 for each item: at most 2 GB for the whole English Wikipedia.
#[derive(Debug, Clone, Default)]
pub struct EntityNames {
    /// All names, each followed by a line feed, which no name holds.
    text: String,
    items: FxHashMap<u32, Item>,
}

#[derive(Debug, Clone, Copy)]
struct Item {
    start: usize,
    /// Bytes of the label, or none.
    label: Option<u32>,
    /// Bytes of all names.
    bytes: u32,
    verdict: Verdict,
}

/// Whether pages about an item are wanted, by what it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Verdict {
    /// They are.
    #[default]
    Wanted,
    /// It is none of the types that are wanted.
    OtherType,
    /// It is of a type that is not wanted.
    Excluded,
}

/// Types of items, by their instance-of statements.
#[derive(Debug, Clone, Default)]
pub struct TypeFilter {
    /// If there are any, an item must be one of these.
    pub wanted: FxHashSet<String>,
    /// An item must be none of these.
    pub excluded: FxHashSet<String>,
}

impl TypeFilter {
    fn verdict(&self, names: &Names) -> Verdict {
        let mut types = names.instance_of.iter();
        if types.clone().any(|class| self.excluded.contains(class)) {
            Verdict::Excluded
        } else if self.wanted.is_empty() || types.any(|class| self.wanted.contains(class)) {
            Verdict::Wanted
        } else {
            Verdict::OtherType
        }
    }
}

impl EntityNames {
    /// Adds an item.
    pub fn add(&mut self, item: u32, names: &Names, filter: &TypeFilter) {
        let start = self.text.len();
        for name in names
            .label
            .as_deref()
            .into_iter()
            .chain(names.aliases.iter())
        {
            self.text.push_str(name);
            self.text.push('\n');
        }
        let item_names = Item {
            start,
            label: names.label.as_ref().map(|label| label.len() as u32),
            bytes: (self.text.len() - start) as u32,
            verdict: filter.verdict(names),
        };
        self.items.insert(item, item_names);
    }

    /// Whether pages about an item are wanted. Of an item that is not known it is not known what
    /// it is.
    pub fn verdict(&self, item: u32) -> Verdict {
        self.items
            .get(&item)
            .map_or(Verdict::Wanted, |item| item.verdict)
    }

    /// The label of an item.
    pub fn label(&self, item: u32) -> Option<&str> {
        let item = self.items.get(&item)?;
        let end = item.start + item.label? as usize;
        self.text.get(item.start..end)
    }

    /// The other names of an item.
    pub fn aliases(&self, item: u32) -> impl Iterator<Item = &str> {
        let names = self.items.get(&item).and_then(|item| {
            let names = self
                .text
                .get(item.start..item.start + item.bytes as usize)?;
            let label = item.label.map_or(0, |label| label as usize + 1);
            names.get(label..)
        });
        names.unwrap_or_default().lines()
    }
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{EntityId, Words};

    use super::*;

    fn names(label: Option<&str>, aliases: Words, instance_of: Words) -> Names {
        Names {
            id: EntityId::item(1),
            label: label.map(Into::into),
            aliases,
            instance_of,
            title: None,
            sitelinks: 0,
        }
    }

    #[test]
    fn names_and_types_come_back() {
        let filter = TypeFilter {
            wanted: ["Q5".to_owned()].into_iter().collect(),
            excluded: ["Q4167410".to_owned()].into_iter().collect(),
        };
        let mut all = EntityNames::default();
        all.add(
            1,
            &names(Some("Zoë"), ["Zoé", "Z"].into(), ["Q5"].into()),
            &filter,
        );
        all.add(2, &names(None, ["Bern"].into(), ["Q515"].into()), &filter);
        all.add(
            3,
            &names(None, Words::default(), ["Q5", "Q4167410"].into()),
            &filter,
        );
        let aliases = |item| all.aliases(item).collect::<Vec<_>>();
        assert_eq!((all.label(1), aliases(1)), (Some("Zoë"), vec!["Zoé", "Z"]));
        assert_eq!((all.label(2), aliases(2)), (None, vec!["Bern"]));
        assert_eq!((all.label(3), aliases(3)), (None, vec![]));
        assert_eq!((all.label(4), aliases(4)), (None, vec![]));
        assert_eq!(
            [1, 2, 3].map(|item| all.verdict(item)),
            [Verdict::Wanted, Verdict::OtherType, Verdict::Excluded]
        );
    }
}
