//! A page and the world's knowledge to a page with the facts in its text.

use aho_corasick::BuildError;
use kprep_schemas::{AlignedPage, Page, Record, Rules, Words};

use super::aligners::{FoundTriple, PageFacts, Scene, triples};
use super::entity_names::{EntityNames, Verdict};
use super::facts::Facts;
use super::linker::{Found, mentions};
use super::mention::{Key, Mention, PageText, Target};
use super::page_loss::PageLoss;
use super::property_names::PropertyNames;
use super::quantities::Quantities;
use super::titles::Titles;
use super::units::Units;
use super::{Dates, Error};

/// What is known of the items that the pages at hand are about or link to.
#[derive(Debug)]
pub struct World {
    /// Items by title.
    pub titles: Titles,
    /// What items are called.
    pub names: EntityNames,
    /// What properties are called.
    pub properties: PropertyNames,
    /// What units are called.
    pub units: Units,
    /// How they hang together.
    pub facts: Facts,
    /// Finds dates.
    pub dates: Dates,
    /// Finds quantities.
    pub quantities: Quantities,
}

/// Which pages are taken, and what counts as a mention.
#[derive(Debug, Clone, Copy)]
pub struct PageOptions {
    /// A page must have so many mentions.
    pub min_entities: usize,
    /// A page must not have more mentions.
    pub max_entities: usize,
    /// Pronouns at the start of sentences stand for the page's item.
    pub coreference: bool,
}

/// What a page gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOutcome {
    /// The page with its facts, or why there is none.
    pub page: Result<AlignedPage, (PageLoss, String)>,
    /// Its links that lead to a title without an item.
    pub unknown_links: u64,
}

/// What stops an alignment.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlignError {
    /// The facts cannot be read any more.
    #[error(transparent)]
    Facts(#[from] Error),
    /// More names than there can be.
    #[error("the names of a page: {0}")]
    Names(BuildError),
}

impl From<BuildError> for AlignError {
    fn from(error: BuildError) -> Self {
        Self::Names(error)
    }
}

/// Finds the entities in a page and the facts between them.
///
/// # Errors
/// [`AlignError::Facts`] if the facts cannot be read.
pub fn align_page(
    page: &Page,
    world: &World,
    options: &PageOptions,
) -> Result<PageOutcome, AlignError> {
    let lost = |loss, detail, unknown_links| PageOutcome {
        page: Err((loss, detail)),
        unknown_links,
    };
    let none = String::new;
    if let Err(fault) = page.check(&Rules::default()) {
        return Ok(lost(PageLoss::Malformed, fault, 0));
    }
    let Some(item) = world.titles.get(&page.title) else {
        return Ok(lost(PageLoss::NoItem, none(), 0));
    };
    match world.names.verdict(item) {
        Verdict::Wanted => {}
        Verdict::OtherType => return Ok(lost(PageLoss::OtherType, format!("Q{item}"), 0)),
        Verdict::Excluded => return Ok(lost(PageLoss::ExcludedType, format!("Q{item}"), 0)),
    }
    let text = PageText::new(page);
    let Found {
        mentions,
        unknown_links,
    } = mentions(&text, item, world, options.coreference)?;
    let count = || mentions.len().to_string();
    if mentions.len() < options.min_entities {
        return Ok(lost(PageLoss::FewEntities, count(), unknown_links));
    }
    if mentions.len() > options.max_entities {
        return Ok(lost(PageLoss::ManyEntities, count(), unknown_links));
    }
    let facts = facts_among(item, &mentions, &world.facts)?;
    let mut properties = Vec::new();
    if !facts.is_empty() {
        let is_whole = |bytes: &_| text.is_whole(&text.points(bytes));
        let found = world.properties.find(&page.text, is_whole).into_iter();
        properties.extend(found.map(|(bytes, property)| (text.points(&bytes), property)));
    }
    let scene = Scene {
        item,
        mentions: &mentions,
        properties: &properties,
        facts: &facts,
    };
    let triples = triples(&scene, text.sentences());
    if triples.is_empty() {
        return Ok(lost(PageLoss::NoFact, none(), unknown_links));
    }
    Ok(PageOutcome {
        page: Ok(aligned(page, &scene, &triples)),
        unknown_links,
    })
}

/// All facts between the items and literals of a page. As in T-REx, an item has none with itself:
/// that the country of a country is itself is no fact between two names of it.
fn facts_among(item: u32, mentions: &[Mention], facts: &Facts) -> Result<PageFacts, Error> {
    let mut keys: Vec<Key> = mentions.iter().map(|m| m.target.key()).collect();
    keys.push(Key::Item(item));
    keys.sort_unstable();
    keys.dedup();
    let is_there = |key: Key| keys.binary_search(&key).is_ok();
    let mut among = Vec::new();
    for &key in &keys {
        let Key::Item(subject) = key else { continue };
        let of = facts.of(subject)?;
        let items = of
            .items
            .into_iter()
            .map(|(object, p)| (Key::Item(object), p));
        let literals = of
            .literals
            .into_iter()
            .map(|(key, p)| (Key::Literal(key), p));
        let facts = items
            .chain(literals)
            .filter(|&(object, _)| object != key && is_there(object));
        among.extend(facts.map(|(object, property)| (subject, object, property)));
    }
    Ok(PageFacts::new(among))
}

/// Page, mentions and triples as a row. Names of properties are mentions only where a triple has
/// them.
fn aligned(page: &Page, scene: &Scene<'_>, triples: &[FoundTriple]) -> AlignedPage {
    let mut row = AlignedPage {
        id: page.id.clone(),
        revision: page.revision,
        title: page.title.clone(),
        entity: Target::Item(scene.item).id(),
        text: page.text.clone(),
        sentence_start: page.sentence_start.clone(),
        sentence_end: page.sentence_end.clone(),
        word_start: page.word_start.clone(),
        word_end: page.word_end.clone(),
        ..AlignedPage::default()
    };
    for mention in scene.mentions {
        let link = mention.link.map_or("", |link| &page.mention_title[link]);
        let source = mention.source.name();
        push(
            &mut row,
            &mention.points,
            &mention.target.id(),
            source,
            link,
        );
    }
    let mut numbers = vec![None; scene.properties.len()];
    let mut named: Vec<usize> = triples
        .iter()
        .filter_map(|triple| triple.property_mention)
        .collect();
    named.sort_unstable();
    named.dedup();
    for mention in named {
        numbers[mention] = Some(row.mentions() as i32);
        let (points, property) = &scene.properties[mention];
        push(&mut row, points, &format!("P{property}"), "property", "");
    }
    let number = |mention: Option<usize>| mention.map_or(-1, |mention| mention as i32);
    for triple in triples {
        let property = triple.property_mention.and_then(|mention| numbers[mention]);
        row.triple_subject.push(number(triple.subject));
        row.triple_property.push(&format!("P{}", triple.property));
        row.triple_property_mention.push(property.unwrap_or(-1));
        row.triple_object.push(triple.object as i32);
        row.triple_sentence.push(triple.sentence as i32);
        row.triple_aligner.push(triple.aligner.name());
    }
    row
}

fn push(
    row: &mut AlignedPage,
    points: &std::ops::Range<usize>,
    id: &str,
    source: &str,
    link: &str,
) {
    row.mention_start.push(points.start as i32);
    row.mention_end.push(points.end as i32);
    let lists: [(&mut Words, &str); 3] = [
        (&mut row.mention_id, id),
        (&mut row.mention_source, source),
        (&mut row.mention_link, link),
    ];
    for (list, word) in lists {
        list.push(word);
    }
}
