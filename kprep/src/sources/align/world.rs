//! What is known of the items that the pages are about or link to.

use anyhow::Result;
use kprep_align::distant::{
    Dates, EntityNames, Facts, PropertyNames, Quantities, Titles, Units, World,
};
use kprep_schemas::{Names, PageTitles, Property, Redirect, ShardReader, Split};

use super::args::Args;
use super::sources::Sources;

/// Reads titles, redirects, entities and properties, in this order: what pages do not mention is
/// not kept.
pub(crate) fn load(args: &Args, sources: &Sources, facts: Facts) -> Result<World> {
    let mut titles = Titles::default();
    let mut left = args.limit.unwrap_or(usize::MAX);
    for split in Split::ALL {
        for page in sources.pages.views::<PageTitles>(split)?.take(left) {
            let page = page?;
            titles.want(&page.title);
            page.links.iter().for_each(|title| titles.want(title));
            left -= 1;
        }
    }
    if sources.redirects.is_empty() {
        args.tell("no redirects beside the pages: links are taken unchanged");
    }
    for file in &sources.redirects {
        for batch in ShardReader::<Redirect>::open(file)? {
            for Redirect { title, target } in batch? {
                titles.redirect(&title, &target);
            }
        }
    }
    titles.follow();
    let mut names = EntityNames::default();
    let mut units = Units::default();
    let types = args.types();
    for split in Split::ALL {
        for entity in sources.entities.views::<Names>(split)? {
            let entity = entity?;
            let Some(item) = entity
                .id
                .as_item()
                .and_then(|item| u32::try_from(item).ok())
            else {
                continue;
            };
            let title = entity.title.as_deref();
            if title.is_some_and(|title| titles.assign(title, item)) {
                names.add(item, &entity, &types);
            }
            if facts.units().binary_search(&item).is_ok() {
                units.add(item, &entity);
            }
        }
    }
    titles.resolve();
    let mut properties = Vec::new();
    for split in Split::ALL {
        let rows = sources.properties.rows::<Property>(split)?;
        properties.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(World {
        titles,
        names,
        properties: PropertyNames::new(&properties)?,
        units,
        facts,
        dates: Dates::new()?,
        quantities: Quantities::new()?,
    })
}
