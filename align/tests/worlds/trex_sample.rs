//! The two abstracts that T-REx shows, aligned again.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kprep_schemas::{AlignedPage, Page, Value, Words};
use serde_json::Value as Json;

use super::worlds::{Item, Tables, item, time};
use super::{OPTIONS, align_page, aligned};

/// The items of the two documents.
const ITEMS: [Item; 9] = [
    (228, "Andorra", &["Principality of Andorra"], "Q3624078"),
    (7026, "Catalan", &["Catalan language"], "Q34770"),
    (244_381, "microstate", &[], "Q1520223"),
    (12_837, "Iberian Peninsula", &["Iberia"], "Q34763"),
    (29, "Spain", &["Kingdom of Spain"], "Q3624078"),
    (142, "France", &["French Republic"], "Q3624078"),
    (1863, "Andorra la Vella", &[], "Q5119"),
    (458, "European Union", &["EU"], "Q4120211"),
    (4916, "Euro", &["EUR"], "Q8142"),
];

/// Facts as they were in 2017: the distinct ones that T-REx found.
const FACTS: [(u32, u32, u32); 18] = [
    (228, 37, 7026),
    (228, 47, 29),
    (228, 47, 142),
    (228, 530, 142),
    (228, 36, 1863),
    (228, 38, 4916),
    (7026, 2341, 228),
    (7026, 17, 228),
    (7026, 17, 29),
    (7026, 17, 142),
    (12_837, 527, 228),
    (12_837, 527, 29),
    (29, 47, 228),
    (29, 37, 7026),
    (29, 47, 142),
    (142, 47, 228),
    (142, 530, 228),
    (142, 47, 29),
];

fn tables() -> Tables {
    let mut facts: Vec<(u32, u32, Value)> = FACTS.map(|(s, p, o)| (s, p, item(o))).into();
    facts.push((458, 38, item(4916)));
    facts.push((458, 47, item(228)));
    facts.push((228, 729, time("+1970-01-22T00:00:00Z", 11)));
    Tables {
        items: ITEMS.into(),
        properties: vec![
            (37, "official language", &[]),
            (47, "shares border with", &["bordered by"]),
            (530, "diplomatic relation", &[]),
            (36, "capital", &["capital city"]),
            (38, "currency", &[]),
            (2341, "indigenous to", &[]),
            (17, "country", &["nation", "state"]),
            (527, "has part", &["member", "parts"]),
            (729, "service entry", &["entered service"]),
        ],
        facts,
        ..Tables::default()
    }
}

type Span = Option<(i64, i64)>;
/// Aligner, sentence, subject, property and its place, object.
type Triple = (String, i64, Span, String, Span, Span);

fn span(node: &Json) -> Span {
    let bounds = node["boundaries"].as_array()?;
    Some((bounds[0].as_i64()?, bounds[1].as_i64()?))
}

fn last_part(uri: &Json) -> String {
    let uri = uri.as_str().unwrap();
    uri.rsplit('/').next().unwrap().to_owned()
}

fn triples_of(document: &Json) -> BTreeSet<Triple> {
    let triples = document["triples"].as_array().unwrap().iter();
    let found = triples.map(|triple| {
        (
            triple["annotator"].as_str().unwrap().to_owned(),
            triple["sentence_id"].as_i64().unwrap(),
            span(&triple["subject"]),
            last_part(&triple["predicate"]["uri"]),
            span(&triple["predicate"]),
            span(&triple["object"]),
        )
    });
    found.collect()
}

/// The text as DBpedia gives it, T-REx's sentences and words, and as links the first mention of each
/// entity that T-REx's linker found: the others are for us to find.
fn page(document: &Json, abstracts: &str) -> Page {
    let text = document["text"].as_str().unwrap();
    let quoted = text.replace('"', "\"\"");
    assert!(
        abstracts.contains(text) || abstracts.contains(&quoted),
        "{text}"
    );
    let bounds = |key: &str| -> (Vec<i32>, Vec<i32>) {
        let bounds = document[key].as_array().unwrap().iter();
        let pairs = bounds.map(|b| (b[0].as_i64().unwrap() as i32, b[1].as_i64().unwrap() as i32));
        pairs.unzip()
    };
    let (sentence_start, sentence_end) = bounds("sentences_boundaries");
    let (word_start, word_end) = bounds("words_boundaries");
    let mut links = Vec::new();
    let mut seen = BTreeSet::new();
    for entity in document["entities"].as_array().unwrap() {
        let is_linked = entity["annotator"] == "Wikidata_Spotlight_Entity_Linker";
        if is_linked && seen.insert(last_part(&entity["uri"])) {
            let (start, end) = span(entity).unwrap();
            let number: u32 = last_part(&entity["uri"])[1..].parse().unwrap();
            let title = ITEMS.iter().find(|item| item.0 == number).unwrap().1;
            links.push((start as i32, end as i32, title));
        }
    }
    links.sort_unstable();
    let own: u32 = last_part(&document["uri"])[1..].parse().unwrap();
    Page {
        id: "1".into(),
        revision: None,
        title: ITEMS.iter().find(|item| item.0 == own).unwrap().1.into(),
        text: text.into(),
        sentence_start,
        sentence_end,
        word_start,
        word_end,
        mention_start: links.iter().map(|link| link.0).collect(),
        mention_end: links.iter().map(|link| link.1).collect(),
        mention_title: links.iter().map(|link| link.2).collect::<Words>(),
    }
}

fn ours(page: &AlignedPage) -> BTreeSet<Triple> {
    let mut json = Vec::new();
    kprep_schemas::write_document(page, &mut json).unwrap();
    triples_of(&serde_json::from_slice(&json).unwrap())
}

#[test]
fn the_alignments_of_trex_are_found_again() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/trex");
    let Ok(json) = fs::read(dir.join("sample-output.json")) else {
        println!("skipped: no {}", dir.display());
        return;
    };
    let abstracts = fs::read_to_string(dir.join("sample-dbpedia-abstracts.csv")).unwrap();
    let documents: Vec<Json> = serde_json::from_slice(&json).unwrap();
    let (world, _dir) = tables().world();
    for document in &documents {
        let page = page(document, &abstracts);
        let outcome = align_page(&page, &world, &OPTIONS).unwrap();
        let page = aligned(&page, &world);
        assert_eq!(outcome.unknown_links, 0);
        let (theirs, ours) = (triples_of(document), ours(&page));
        println!(
            "== {} theirs {} ours {} both {}",
            page.title,
            theirs.len(),
            ours.len(),
            theirs.intersection(&ours).count()
        );
        for t in theirs.difference(&ours) {
            println!("missing {t:?}");
        }
        for t in ours.difference(&theirs) {
            println!("extra {t:?}");
        }
    }
}
