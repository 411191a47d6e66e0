//! The entities in a page's text.

use std::ops::Range;

use aho_corasick::BuildError;
use rustc_hash::FxHashMap;

use super::World;
use super::literal::Literal;
use super::matcher::{Matcher, longest};
use super::mention::{Mention, PageText, Source, Target, ranges};

/// Finds all mentions in a page about `item`, from left to right, none overlapping another:
/// first the links; between them whatever is longest of names of the page's item and of the linked
/// ones, dates and quantities; last, if asked for, pronouns. All but links are whole words.
///
/// # Errors
/// [`BuildError`] with more than two billion letters of names.
pub(super) fn mentions(
    text: &PageText<'_>,
    item: u32,
    world: &World,
    coreference: bool,
) -> Result<Found, BuildError> {
    let page = text.page;
    let places: Vec<_> = ranges(&page.mention_start, &page.mention_end).collect();
    let mut mentions = Vec::new();
    for (link, (points, title)) in places.iter().zip(page.mention_title.iter()).enumerate() {
        mentions.extend(world.titles.get(title).map(|item| Mention {
            points: points.clone(),
            target: Target::Item(item),
            source: Source::Link,
            link: Some(link),
        }));
    }
    let unknown_links = (places.len() - mentions.len()) as u64;
    let mut found = named(text, item, &places, &mentions, world)?;
    let dates = world
        .dates
        .find(&page.text)
        .into_iter()
        .map(|(bytes, time)| (bytes, Source::Date, Literal::Time(time)));
    let quantities = world
        .quantities
        .find(&page.text, &world.units)
        .into_iter()
        .map(|(bytes, value)| (bytes, Source::Quantity, Literal::Quantity(value)));
    for (bytes, source, literal) in dates.chain(quantities) {
        let points = text.points(&bytes);
        if text.is_whole(&points) {
            found.push((points, (source, Target::Literal(literal))));
        }
    }
    // A link that leads nowhere takes its place, too: what stands there is something else.
    let found = longest(found, &places).into_iter();
    mentions.extend(found.map(|(points, (source, target))| Mention {
        points,
        target,
        source,
        link: None,
    }));
    mentions.sort_by_key(|mention| mention.points.start);
    if coreference {
        let pronouns = pronouns(text, item, &mentions);
        mentions.extend(pronouns);
        mentions.sort_by_key(|mention| mention.points.start);
    }
    Ok(Found {
        mentions,
        unknown_links,
    })
}

/// Code points and what they may stand for.
type Candidate = (Range<usize>, (Source, Target));

/// What was found in a page.
pub(super) struct Found {
    pub(super) mentions: Vec<Mention>,
    /// Links whose title leads to no item.
    pub(super) unknown_links: u64,
}

/// Places where the page's item and the linked ones are named again.
fn named(
    text: &PageText<'_>,
    item: u32,
    places: &[Range<usize>],
    links: &[Mention],
    world: &World,
) -> Result<Vec<Candidate>, BuildError> {
    let mut names = NamesOfPage::default();
    // Who is meant by the text of a link that leads nowhere is not known here, nor later.
    for (points, title) in places.iter().zip(text.page.mention_title.iter()) {
        if world.titles.get(title).is_none() {
            names.refuse(text.slice(points));
        }
    }
    names.add(&text.page.title, item, Tier::Page);
    names.add_known(item, world, Tier::Page);
    for link in links {
        if let Target::Item(linked) = link.target {
            names.add(text.slice(&link.points), linked, Tier::Link);
            names.add_known(linked, world, Tier::Label);
        }
    }
    let names = names.unambiguous();
    let matcher = Matcher::new(names.iter().map(|(name, _)| name))?;
    let is_whole = |bytes: &Range<usize>| text.is_whole(&text.points(bytes));
    let found = matcher.find(&text.page.text, is_whole).into_iter();
    Ok(found
        .map(|(bytes, name)| {
            (
                text.points(&bytes),
                (Source::Name, Target::Item(names[name].1)),
            )
        })
        .collect())
}

/// How close a name is to the page: of items that share one, the closest has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    /// The page's title and the label of its item: one link that calls something else by it does
    /// not take it from the page.
    Page,
    /// The text of a link.
    Link,
    /// The label of a linked item.
    Label,
    /// An alias.
    Alias,
}

/// Names and whom they may stand for.
#[derive(Default)]
struct NamesOfPage<'a>(FxHashMap<&'a str, (Tier, Option<u32>)>);

impl<'a> NamesOfPage<'a> {
    fn add_known(&mut self, item: u32, world: &'a World, label: Tier) {
        if let Some(name) = world.names.label(item) {
            self.add(name, item, label);
        }
        for name in world.names.aliases(item) {
            self.add(name, item, Tier::Alias);
        }
    }

    fn add(&mut self, name: &'a str, item: u32, tier: Tier) {
        if !is_name(name) {
            return;
        }
        let known = self.0.entry(name).or_insert((tier, Some(item)));
        if tier < known.0 {
            *known = (tier, Some(item));
        } else if tier == known.0 && known.1 != Some(item) {
            known.1 = None; // two items, equally close: it is not known which is meant
        }
    }

    /// A name that stands for something else.
    fn refuse(&mut self, name: &'a str) {
        self.0.insert(name, (Tier::Link, None));
    }

    /// The names that stand for one item, in order.
    fn unambiguous(self) -> Vec<(&'a str, u32)> {
        let mut names: Vec<_> = self
            .0
            .into_iter()
            .filter_map(|(name, (_, item))| Some((name, item?)))
            .collect();
        names.sort_unstable();
        names
    }
}

/// Whether a name can be told from other words: it has a capital letter or a sign that is a word
/// (漢字, カナ) and is not a single one, or it has three letters or more and is no pronoun. Numbers
/// alone (the novel `1984`) are dates.
fn is_name(name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let is_distinct = name.chars().any(|c| c.is_uppercase() || is_ideograph(c));
    let lower = name.to_lowercase();
    letters >= if is_distinct { 1 } else { 3 }
        && name.chars().count() > 1
        && !PRONOUNS.contains(&lower.as_str())
        && !["the", "and", "for", "his", "her", "its", "was", "are"].contains(&lower.as_str())
}

/// Whether a letter is Chinese, or of the Japanese syllables that names of foreign origin are
/// written with: both have no capitals, and two of them make a name (北京).
fn is_ideograph(letter: char) -> bool {
    matches!(letter, '\u{30a1}'..='\u{30fa}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

const PRONOUNS: [&str; 4] = ["he", "she", "it", "they"];

/// The sentences that begin with a pronoun, which then stands for the page's item: of `he`, `she`,
/// `it` and `they` only the one that begins most of them, the first such where there are several.
/// (T-REx's paper has this rule; its code takes all four.)
fn pronouns(text: &PageText<'_>, item: u32, mentions: &[Mention]) -> Vec<Mention> {
    let mut starts = Vec::new();
    for sentence in text.sentences() {
        let word = text.page.word_start.binary_search(&(sentence.start as i32));
        let Ok(word) = word else { continue };
        let points = sentence.start..text.page.word_end[word] as usize;
        let surface = text.slice(&points).to_lowercase();
        if let Some(pronoun) = PRONOUNS.iter().position(|pronoun| *pronoun == surface) {
            starts.push((pronoun, points));
        }
    }
    let count = |pronoun| starts.iter().filter(|(other, _)| *other == pronoun).count();
    // Of equals `max_by_key` takes the last.
    let most = starts
        .iter()
        .rev()
        .max_by_key(|(pronoun, _)| count(*pronoun));
    let Some(&(most, _)) = most else {
        return Vec::new();
    };
    let free = |points: &Range<usize>| {
        let next = mentions.partition_point(|mention| mention.points.end <= points.start);
        mentions
            .get(next)
            .is_none_or(|mention| points.end <= mention.points.start)
    };
    starts
        .into_iter()
        .filter(|(pronoun, points)| *pronoun == most && free(points))
        .map(|(_, points)| Mention {
            points,
            target: Target::Item(item),
            source: Source::Pronoun,
            link: None,
        })
        .collect()
}
