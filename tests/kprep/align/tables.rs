//! Datasets of Wikidata and Wikipedia as `kprep wikidata` and `kprep wikipedia` write them, small.

use std::path::Path;

use kprep_schemas::{
    Card, DatasetWriter, Entity, EntityId, Funnel, GroupBy, OutputDir, Page, Property, Provenance,
    Rank, Record, Redirect, Split, Triple, Value, Words,
};

/// So many countries, each with a capital.
pub(crate) const COUNTRIES: u64 = 60;

pub(crate) fn write<R: Record>(dir: &Path, rows: Vec<R>) {
    let mut writer =
        DatasetWriter::create(OutputDir::claim(dir, true).unwrap(), Vec::new()).unwrap();
    for row in rows {
        writer.push(Split::Train, row).unwrap();
    }
    let provenance = Provenance {
        objective: None,
        command: "test",
        arguments: serde_json::Map::new(),
        seed: 0,
        split_by: GroupBy::Document,
        inputs: Vec::new(),
        funnel: Funnel::new("rows", 0),
    };
    let card = Card {
        title: "Test".into(),
        summary: String::new(),
        license: "cc0-1.0",
        source: "written for this test",
        task_categories: &[],
        ..Card::default()
    };
    writer.finish(provenance, &card).unwrap();
}

pub(crate) fn entity(number: u64, label: &str, aliases: Words, class: &str) -> Entity {
    Entity {
        id: format!("Q{number}"),
        label: Some(label.into()),
        label_lang: Some("en".into()),
        description: None,
        aliases,
        instance_of: [class].into(),
        title: Some(label.into()),
        sitelinks: 1,
    }
}

pub(crate) fn property(id: &str, label: &str, aliases: Words, datatype: &str) -> Property {
    Property {
        id: id.into(),
        label: Some(label.into()),
        description: None,
        aliases,
        datatype: datatype.into(),
    }
}

pub(crate) fn triple(subject: u64, property: u64, rank: Rank, value: Value) -> Triple {
    Triple {
        subject: EntityId::item(subject),
        property: EntityId::property(property),
        rank,
        datatype: "wikibase-item".into(),
        value,
        qualifiers: Vec::new(),
    }
}

/// Numbers of a country and its capital.
fn country(i: u64) -> [u64; 2] {
    [100 + i, 1000 + i]
}

/// `wikidata/` and `wikipedia/`: countries, their capitals, when they were founded; pages about the
/// countries, one of them in two versions of a name.
pub(crate) fn write_sources(dir: &Path) {
    let mut entities = Vec::new();
    for i in 0..COUNTRIES {
        let [land, town] = country(i);
        let alias: Words = [format!("Republic of Land{i}")].into();
        entities.push(entity(land, &format!("Land{i}"), alias, "Q6256"));
        entities.push(entity(town, &format!("Town{i}"), Words::default(), "Q515"));
    }
    entities.push(entity(5000, "List of lands", Words::default(), "Q13406463"));
    write(&dir.join("wikidata/entities"), entities);
    let properties = vec![
        property("P36", "capital", ["capital city"].into(), "wikibase-item"),
        property("P17", "country", Words::default(), "wikibase-item"),
        property("P571", "inception", ["founded"].into(), "time"),
    ];
    write(&dir.join("wikidata/properties"), properties);
    write_triples(dir, Rank::Normal);
    let redirects = vec![Redirect {
        title: "The first town".into(),
        target: "Town0".into(),
    }];
    write(&dir.join("wikipedia/redirects"), redirects);
    write(&dir.join("wikipedia/pages"), pages());
}

/// The triples; the capital of `Land0` in a rank of its own.
pub(crate) fn write_triples(dir: &Path, first: Rank) {
    let mut triples = Vec::new();
    for i in 0..COUNTRIES {
        let [land, town] = country(i);
        let rank = if i == 0 { first } else { Rank::Normal };
        let item = |number| Value::Entity(EntityId::item(number));
        triples.push(triple(land, 36, rank, item(town)));
        let time = format!("+{}-00-00T00:00:00Z", 1800 + i);
        let inception = Value::Time {
            time,
            precision: 9,
            calendar: None,
        };
        triples.push(triple(land, 571, Rank::Normal, inception));
        triples.push(triple(town, 17, Rank::Normal, item(land)));
    }
    write(&dir.join("wikidata/triples"), triples);
}

fn pages() -> Vec<Page> {
    let mut pages = Vec::new();
    for i in 0..COUNTRIES {
        let town = if i == 0 {
            "The first town".into()
        } else {
            format!("Town{i}")
        };
        let link = format!("Town{i}");
        let sentences = [
            format!("The Republic of Land{i} has the capital {link}."),
            format!("It was founded in {} near 𝄞 {link}.", 1800 + i),
        ];
        pages.push(page(i, &format!("Land{i}"), &sentences, &link, &town));
    }
    let lists = ["Land1 and Town1 in a list.".to_owned()];
    pages.push(page(900, "List of lands", &lists, "Town1", "Town1"));
    let nobody = ["Nobody knows Town2.".to_owned()];
    pages.push(page(901, "Nobody", &nobody, "Town2", "Town2"));
    let alone = ["Town3 is alone, without Nowhere.".to_owned()];
    pages.push(page(902, "Town3", &alone, "Nowhere", "Nowhere"));
    pages
}

/// A page in which the first place where `link` stands leads to `target`.
fn page(id: u64, title: &str, sentences: &[String], link: &str, target: &str) -> Page {
    let text = sentences.join(" ");
    let point = |byte: usize| text[..byte].chars().count() as i32;
    let start = point(text.find(link).unwrap());
    let (mut word_start, mut word_end) = (Vec::new(), Vec::new());
    let kind = |c: char| (c.is_alphanumeric(), c.is_whitespace());
    let mut at = 0;
    let chars: Vec<char> = text.chars().collect();
    for word in chars.chunk_by(|a, b| kind(*a) == kind(*b)) {
        if !word[0].is_whitespace() {
            word_start.push(at);
            word_end.push(at + word.len() as i32);
        }
        at += word.len() as i32;
    }
    let ends = sentences.iter().scan(-1, |end, sentence| {
        let start = *end + 1;
        *end = start + sentence.chars().count() as i32;
        Some((start, *end))
    });
    let (sentence_start, sentence_end) = ends.unzip();
    Page {
        id: id.to_string(),
        revision: Some(7000 + id as i64),
        title: title.into(),
        sentence_start,
        sentence_end,
        word_start,
        word_end,
        mention_start: vec![start],
        mention_end: vec![start + link.chars().count() as i32],
        mention_title: [target].into(),
        text,
    }
}
