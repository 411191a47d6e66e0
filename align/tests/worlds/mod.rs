//! Small worlds and pages for tests.

use kprep_align::distant::{
    Dates, EntityNames, Facts, FactsWriter, PropertyNames, Quantities, Titles, TypeFilter, Units,
    World,
};
use kprep_schemas::{AlignedPage, EntityId, Names, Page, Property, Rank, Statement, Value, Words};
use tempfile::TempDir;

/// An item: number, title and label, aliases, what it is.
pub(crate) type Item = (u32, &'static str, &'static [&'static str], &'static str);

/// What a test knows of the world.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) items: Vec<Item>,
    /// Number, label, aliases.
    pub(crate) properties: Vec<(u32, &'static str, &'static [&'static str])>,
    /// Subject, property, value.
    pub(crate) facts: Vec<(u32, u32, Value)>,
    pub(crate) redirects: Vec<(&'static str, &'static str)>,
    pub(crate) types: TypeFilter,
}

pub(crate) fn item(number: u32) -> Value {
    Value::Entity(EntityId::item(number.into()))
}

pub(crate) fn time(time: &str, precision: i32) -> Value {
    Value::Time {
        time: time.into(),
        precision,
        calendar: None,
    }
}

pub(crate) fn quantity(amount: &str, unit: Option<u32>) -> Value {
    Value::Quantity {
        amount: amount.into(),
        unit: unit.map(|unit| EntityId::item(unit.into())),
        lower: None,
        upper: None,
    }
}

impl Tables {
    /// The world that a program would load; its facts lie in the folder.
    pub(crate) fn world(mut self) -> (World, TempDir) {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = FactsWriter::new(dir.path());
        self.facts.sort_by_key(|fact| fact.0);
        for (subject, property, value) in self.facts {
            writer
                .add(Statement {
                    subject: EntityId::item(subject.into()),
                    property: EntityId::property(property.into()),
                    rank: Rank::Normal,
                    value: Some(value),
                })
                .unwrap();
        }
        writer.finish(&[1; 32]).unwrap();
        let facts = Facts::open(dir.path(), &[1; 32]).unwrap();
        let (mut titles, mut names) = (Titles::default(), EntityNames::default());
        let mut units = Units::default();
        for (title, target) in &self.redirects {
            titles.want(title);
            titles.redirect(title, target);
        }
        titles.follow();
        for &(number, label, aliases, class) in &self.items {
            let entity = Names {
                id: EntityId::item(number.into()),
                label: Some(label.into()),
                aliases: aliases.iter().collect(),
                instance_of: [class].into(),
                title: Some(label.into()),
                sitelinks: 1,
            };
            titles.want(label);
            titles.assign(label, number);
            names.add(number, &entity, &self.types);
            if facts.units().contains(&number) {
                units.add(number, &entity);
            }
        }
        titles.resolve();
        let property =
            |&(number, label, aliases): &(u32, &str, &'static [&'static str])| Property {
                id: format!("P{number}"),
                label: Some(label.into()),
                description: None,
                aliases: aliases.iter().collect(),
                datatype: "wikibase-item".into(),
            };
        let properties: Vec<_> = self.properties.iter().map(property).collect();
        let world = World {
            titles,
            names,
            properties: PropertyNames::new(&properties).unwrap(),
            units,
            facts,
            dates: Dates::new().unwrap(),
            quantities: Quantities::new().unwrap(),
        };
        (world, dir)
    }
}

/// A page from its sentences, with links as in Wikipedia: `[[Title|text]]` or `[[Title]]`.
pub(crate) fn page(title: &str, sentences: &[&str]) -> Page {
    let mut page = Page {
        id: "1".into(),
        revision: Some(2),
        title: title.into(),
        text: String::new(),
        sentence_start: vec![],
        sentence_end: vec![],
        word_start: vec![],
        word_end: vec![],
        mention_start: vec![],
        mention_end: vec![],
        mention_title: Words::default(),
    };
    let length = |text: &str| text.chars().count() as i32;
    for sentence in sentences {
        if !page.text.is_empty() {
            page.text.push(' ');
        }
        page.sentence_start.push(length(&page.text));
        let mut rest = *sentence;
        while let Some((before, after)) = rest.split_once("[[") {
            let (link, after) = after.split_once("]]").unwrap();
            let (target, text) = link.split_once('|').unwrap_or((link, link));
            page.text.push_str(before);
            page.mention_start.push(length(&page.text));
            page.text.push_str(text);
            page.mention_end.push(length(&page.text));
            page.mention_title.push(target);
            rest = after;
        }
        page.text.push_str(rest);
        page.sentence_end.push(length(&page.text));
    }
    words(&mut page);
    page
}

/// Words as NLTK's `WordPunct`: runs of letters and digits, runs of other marks.
fn words(page: &mut Page) {
    let kind = |c: char| (c.is_alphanumeric() || c == '_', c.is_whitespace());
    let chars: Vec<char> = page.text.chars().collect();
    let mut at = 0;
    for word in chars.chunk_by(|a, b| kind(*a) == kind(*b)) {
        if !word[0].is_whitespace() {
            page.word_start.push(at);
            page.word_end.push(at + word.len() as i32);
        }
        at += word.len() as i32;
    }
}

/// A mention as `source surface id`.
pub(crate) fn mentions(page: &AlignedPage) -> Vec<String> {
    let shown = |i| {
        let (id, source) = (&page.mention_id[i], &page.mention_source[i]);
        format!("{source} {} {id}", surface(page, i as i32))
    };
    (0..page.mentions()).map(shown).collect()
}

/// A triple as `aligner sentence: subject (property name) P1 object`.
pub(crate) fn triples(page: &AlignedPage) -> Vec<String> {
    let shown = |i: usize| {
        let aligner = page.triple_aligner[i]
            .split(['-', 'A'])
            .next()
            .unwrap()
            .to_owned();
        let property = &page.triple_property[i];
        let named = match page.triple_property_mention[i] {
            -1 => String::new(),
            mention => format!("({}) ", surface(page, mention)),
        };
        let [subject, object] = [page.triple_subject[i], page.triple_object[i]];
        let sentence = page.triple_sentence[i];
        let (subject, object) = (surface(page, subject), surface(page, object));
        format!("{aligner} {sentence}: {subject} {named}{property} {object}")
    };
    (0..page.triples()).map(shown).collect()
}

fn surface(page: &AlignedPage, mention: i32) -> String {
    let Ok(mention) = usize::try_from(mention) else {
        return "-".into();
    };
    let (start, end) = (page.mention_start[mention], page.mention_end[mention]);
    let chars = page.text.chars().skip(start as usize);
    chars.take((end - start) as usize).collect()
}
