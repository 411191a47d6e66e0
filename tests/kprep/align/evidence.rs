//! Real sentences of T-REx, their mentions given as links: every triple must be found again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use kprep_ingest::{JsonDocuments, decompress, parse_document};
use kprep_schemas::trex::{Document, Mention};
use kprep_schemas::{AlignedPage, Page, Property, Rank, Triple, Value};

use super::tables::{entity, property, triple, write};
use super::{align, pages};
use crate::needs::real;

/// Document, subject, property, object, where they are mentioned.
type Found = (String, i32, String, i32);

fn last_part(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap()
}

fn number(uri: &str) -> u64 {
    last_part(uri)[1..].parse().unwrap()
}

/// The page of a document. Titles are Q-ids, so that names find nothing that is not linked.
fn page(document: &Document<'_>) -> Page {
    let mut links = BTreeMap::new();
    for triple in &document.triples {
        for Mention {
            boundaries, uri, ..
        } in [&triple.subject, &triple.object]
        {
            let (start, end) = boundaries.unwrap();
            links.insert((start as i32, end as i32), last_part(uri).to_owned());
        }
    }
    let mut end = 0;
    links.retain(|span, _| {
        let is_free = span.0 >= end;
        end = if is_free { span.1 } else { end };
        is_free
    });
    let unzip = |spans: &[(i64, i64)]| -> (Vec<i32>, Vec<i32>) {
        spans.iter().map(|&(s, e)| (s as i32, e as i32)).unzip()
    };
    let (sentence_start, sentence_end) = unzip(&document.sentences_boundaries);
    let (word_start, word_end) = unzip(&document.words_boundaries);
    Page {
        id: last_part(&document.docid).to_owned(),
        revision: None,
        title: last_part(&document.docid).to_owned(),
        text: document.text.clone().into_owned(),
        sentence_start,
        sentence_end,
        word_start,
        word_end,
        mention_start: links.keys().map(|span| span.0).collect(),
        mention_end: links.keys().map(|span| span.1).collect(),
        mention_title: links.values().collect(),
    }
}

fn ours(page: &AlignedPage, found: &mut BTreeSet<Found>) {
    for i in 0..page.triples() {
        let Ok(subject) = usize::try_from(page.triple_subject[i]) else {
            continue;
        };
        found.insert((
            page.entity.clone(),
            page.mention_start[subject],
            page.triple_property[i].to_owned(),
            page.mention_start[page.triple_object[i] as usize],
        ));
    }
}

#[test]
fn every_triple_of_real_documents_is_found_again() {
    let Some(path) = real("trex/evidence/re-nlg_0-4000.json.gz") else {
        return;
    };
    let file = File::open(path).unwrap();
    let (mut rows, mut facts, mut theirs) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for (batch, error) in JsonDocuments::new(decompress(file).unwrap()) {
        assert!(error.is_none());
        for (_, json) in batch.documents() {
            let document = parse_document(json.unwrap()).unwrap();
            let id = last_part(&document.docid).to_owned();
            for triple in &document.triples {
                let [s, o] = [&triple.subject, &triple.object];
                let p = last_part(&triple.predicate.uri);
                facts.insert((number(&s.uri), number(p), number(&o.uri)));
                let start = |mention: &Mention<'_>| mention.boundaries.unwrap().0 as i32;
                theirs.insert((id.clone(), start(s), p.to_owned(), start(o)));
            }
            rows.push(page(&document));
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let items: BTreeSet<u64> = facts.iter().flat_map(|&(s, _, o)| [s, o]).collect();
    let named = items
        .iter()
        .map(|&item| entity(item, &format!("Q{item}"), [""; 0].into(), "Q1"));
    write(&dir.path().join("wikidata/entities"), named.collect());
    let properties: BTreeSet<u64> = facts.iter().map(|fact| fact.1).collect();
    let named = properties.iter().map(|p| {
        let id = format!("P{p}");
        property(&id, &id, [""; 0].into(), "wikibase-item")
    });
    write::<Property>(&dir.path().join("wikidata/properties"), named.collect());
    let triples = facts.iter().map(|&(s, p, o)| {
        let object = Value::Entity(kprep_schemas::EntityId::item(o));
        triple(s, p, Rank::Normal, object)
    });
    write::<Triple>(&dir.path().join("wikidata/triples"), triples.collect());
    let documents = rows.len();
    write(&dir.path().join("wikipedia/pages"), rows);

    let summary = align(&dir, &["--max-entities", "1000000", "--min-entities", "0"]);
    assert_eq!(summary["pages"], documents);
    let mut found = BTreeSet::new();
    for page in pages(&dir.path().join("data/aligned")) {
        ours(&page, &mut found);
    }
    // One mention overlaps another one and could not be a link beside it.
    let overlapping = ("Q531178".to_owned(), 2735, "P138".to_owned(), 2702);
    let missing: Vec<_> = theirs.difference(&found).collect();
    assert_eq!((theirs.len(), missing), (17_318, vec![&overlapping]));
}
