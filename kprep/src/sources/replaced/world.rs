//! What is known of the items that occur in aligned pages.

use anyhow::Result;
use kprep_align::Pools;
use kprep_align::distant::{EntityNames, Error, Facts, TypeFilter};
use kprep_schemas::{AlignedPage, Dataset, EntityId, Names, Split, Splitter};
use rustc_hash::{FxHashMap, FxHashSet};

/// Names and kinds of the items.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) names: EntityNames,
    /// The items of each split; all in the first where items have none.
    pools: [Pools; 3],
    items: Option<Splitter>,
}

/// The items that pages are about or mention.
pub(crate) fn items(pages: &Dataset) -> Result<FxHashSet<u32>> {
    let mut items = FxHashSet::default();
    for split in Split::ALL {
        for page in pages.rows::<AlignedPage>(split)? {
            let page = page?;
            items.extend(number(&page.entity));
            items.extend(page.mention_id.iter().filter_map(number));
        }
    }
    Ok(items)
}

/// The number of an item by its id.
pub(crate) fn number(id: &str) -> Option<u32> {
    id.strip_prefix('Q')?.parse().ok()
}

impl World {
    /// What may take a mention's place in rows of a split.
    pub(crate) fn pools(&self, split: Split) -> &Pools {
        &self.pools[self.items.map_or(0, |_| split as usize)]
    }

    /// Whether an item is one of another split than this one.
    pub(crate) fn is_of_another(&self, item: u32, split: Split) -> bool {
        self.items
            .is_some_and(|splitter| split_of(splitter, item) != split)
    }

    /// Reads the entities, and keeps those of `items`, which have splits if there is a `splitter`.
    pub(crate) fn load(
        entities: &Dataset,
        items: &FxHashSet<u32>,
        splitter: Option<Splitter>,
    ) -> Result<Self> {
        let mut world = Self {
            items: splitter,
            ..Self::default()
        };
        let filter = TypeFilter::default();
        for split in Split::ALL {
            for entity in entities.views::<Names>(split)? {
                let entity = entity?;
                let Some(item) = entity
                    .id
                    .as_item()
                    .and_then(|item| u32::try_from(item).ok())
                else {
                    continue;
                };
                if !items.contains(&item) {
                    continue;
                }
                world.names.add(item, &entity, &filter);
                // What has no label has no name to be drawn.
                if entity.label.is_some() {
                    let classes = entity.instance_of.iter();
                    let classes =
                        classes.filter_map(|class| class.parse::<EntityId>().ok()?.as_item());
                    let classes = classes.filter_map(|class| u32::try_from(class).ok());
                    let split = splitter.map_or(Split::Train, |splitter| split_of(splitter, item));
                    world.pools[split as usize].add(item, classes);
                }
            }
        }
        Ok(world)
    }
}

/// The split of an item, by its id.
fn split_of(splitter: Splitter, item: u32) -> Split {
    splitter.split(format!("Q{item}").as_bytes())
}

/// The items that statements connect an item with, of one page.
pub(crate) struct Connections<'a> {
    facts: &'a Facts,
    /// Objects by subject.
    of: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Connections<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        Self {
            facts,
            of: FxHashMap::default(),
        }
    }

    /// Whether some statement about one of both has the other as its value.
    pub(crate) fn any(&mut self, item: u32, others: &[u32]) -> Result<bool, Error> {
        if self
            .objects(item)?
            .iter()
            .any(|object| others.contains(object))
        {
            return Ok(true);
        }
        for &other in others {
            if self.objects(other)?.contains(&item) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn objects(&mut self, item: u32) -> Result<&[u32], Error> {
        if !self.of.contains_key(&item) {
            let facts = self.facts.of(item)?.items.into_iter();
            let objects = facts.map(|(object, _)| object).collect();
            self.of.insert(item, objects);
        }
        Ok(self.of.get(&item).map_or(&[], Vec::as_slice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_splits_where_they_are_asked_for() {
        let splitter = Splitter {
            seed: 1,
            validation: 20,
            test: 30,
        };
        let mut world = World::default();
        assert!((1..100).all(|item| !world.is_of_another(item, Split::Test)));
        world.items = Some(splitter);
        for item in 1..100 {
            let own = Split::ALL
                .into_iter()
                .filter(|&split| !world.is_of_another(item, split));
            assert_eq!(own.count(), 1);
        }
        let is_of_test = |item: &u32| !world.is_of_another(*item, Split::Test);
        assert!((15..45).contains(&(1..100).filter(is_of_test).count()));
    }
}
