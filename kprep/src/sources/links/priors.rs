//! What mentions may mean: from the links of the pages, or from a file.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use kprep_align::distant::Titles;
use kprep_align::{Priors, chunks};
use kprep_ingest::{Input, mention_priors, words};
use kprep_schemas::{AlignedPage, Dataset, Names, Split, Splitter};

/// The priors of the links of pages that are for training: their sentences are not cut apart.
pub(crate) fn of_links(pages: &Dataset, splitter: Splitter, most: usize) -> Result<Priors> {
    let mut priors = Priors::default();
    let links = ["link".to_owned()];
    for split in Split::ALL {
        for page in pages.rows::<AlignedPage>(split)? {
            let page = page?;
            if splitter.split(page.id.as_bytes()) != Split::Train {
                continue;
            }
            for sentence in chunks(&page, 1, &links).chunks {
                for slot in &sentence.slots {
                    let form = sentence.text(slot.start..slot.end + 1);
                    priors.add(&form, slot.end - slot.start + 1, slot.item, 1.0);
                }
            }
        }
    }
    priors.finish(most);
    Ok(priors)
}

/// The priors of a file, whose titles are those of entities.
pub(crate) fn of_file(path: &Path, entities: &Dataset, most: usize) -> Result<(Priors, Input)> {
    let input = Input::new(path)?;
    let each = |take: &mut dyn FnMut(kprep_ingest::MentionPriors)| {
        input.visit(&Arc::default(), |name, content| -> Result<()> {
            for line in mention_priors(content) {
                let (_, line) = line.map_err(|error| anyhow!("{name}, {error}"))?;
                take(line);
            }
            Ok(())
        })
    };
    let mut titles = Titles::default();
    each(&mut |line| line.titles.iter().for_each(|(title, _)| titles.want(title)))?;
    for split in Split::ALL {
        for entity in entities.views::<Names>(split)? {
            let entity = entity?;
            let item = entity
                .id
                .as_item()
                .and_then(|item| u32::try_from(item).ok());
            if let (Some(title), Some(item)) = (entity.title, item) {
                titles.assign(&title, item);
            }
        }
    }
    titles.resolve();
    let mut priors = Priors::default();
    each(&mut |line| {
        let count = words(&line.mention).count();
        for (title, share) in &line.titles {
            if let Some(item) = titles.get(title).filter(|_| *share > 0.0) {
                priors.add(&line.mention, count, item, *share);
            }
        }
    })?;
    priors.finish(most);
    Ok((priors, input))
}
