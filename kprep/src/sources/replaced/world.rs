//! What is known of the items that occur in aligned pages.

use anyhow::Result;
use kprep_align::Pools;
use kprep_align::distant::{EntityNames, Error, Facts, TypeFilter};
use kprep_schemas::{AlignedPage, Dataset, EntityId, Names, Split};
use rustc_hash::{FxHashMap, FxHashSet};

/// Names and kinds of the items.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) names: EntityNames,
    pub(crate) pools: Pools,
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
    /// Reads the entities, and keeps those of `items`.
    pub(crate) fn load(entities: &Dataset, items: &FxHashSet<u32>) -> Result<Self> {
        let mut world = Self::default();
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
                    world.pools.add(item, classes);
                }
            }
        }
        Ok(world)
    }
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
