//! T-REx's documents and Wikidata's dumps.

use kprep_align::{Options, align};
use kprep_ingest::wikidata::{Extract, Line, Ranks, Row, Selection, read_line, read_rdf};
use kprep_ingest::{JsonDocuments, LineBlocks, decompress, parse_document};
use kprep_schemas::{Record, Rules};

use crate::target::{Target, beginning, ending, file};

pub(super) const TARGETS: [Target; 3] = [
    Target {
        name: "trex",
        read: trex,
        seeds: || documents("data/sample/trex/re-nlg_0-25.json"),
    },
    Target {
        name: "wikidata_json",
        read: wikidata_json,
        seeds: || vec![file("tests/data/wikidata/dump.json"), sample_dump()],
    },
    Target {
        name: "wikidata_rdf",
        read: wikidata_rdf,
        seeds: || {
            vec![
                file("tests/data/wikidata/truthy.nt"),
                file("tests/data/found/item-as-property.nt"),
            ]
        },
    },
];

/// The first two documents of a file, and both as lines.
fn documents(path: &str) -> Vec<Vec<u8>> {
    let text = file(path);
    let (batch, _) = JsonDocuments::new(text.as_slice()).next().expect("a batch");
    let documents: Vec<&[u8]> = batch
        .documents()
        .filter_map(|(_, json)| json.ok())
        .take(2)
        .collect();
    let array = [b"[", documents.join(&b',').as_slice(), b"]"].concat();
    vec![array, documents.join(&b'\n'), documents[0].to_vec()]
}

fn sample_dump() -> Vec<u8> {
    let packed = file("data/sample/dumps/wikidata.json.gz");
    let mut text = Vec::new();
    let mut unpacked = decompress(packed.as_slice()).expect("gzip");
    std::io::Read::read_to_end(&mut unpacked, &mut text).expect("gzip");
    beginning(text, 8192, b",\n")
}

/// Every row that a document gives keeps the rules of rows.
fn trex(input: &[u8]) {
    for (batch, _) in ending(JsonDocuments::new(input)) {
        for (_, json) in batch.documents() {
            let Some(document) = json.ok().and_then(|json| parse_document(json).ok()) else {
                continue;
            };
            for snap in [false, true] {
                let options = Options {
                    snap,
                    ..Options::default()
                };
                let aligned = align(&document, &options);
                for fact in &aligned.facts {
                    let row = fact.to_row(&aligned.doc, None);
                    assert_eq!(row.check(&Rules::default()), Ok(()));
                }
            }
        }
    }
}

fn selections() -> [Selection; 2] {
    let plain = Selection {
        ranks: Ranks::All,
        langs: vec!["en".into(), "de".into(), "mul".into()],
        site: "enwiki".into(),
        properties: None,
        claim: None,
    };
    let filtered = Selection {
        ranks: Ranks::Best,
        claim: "P31:Q5,Q6256|P36&~P570".parse().ok(),
        ..plain.clone()
    };
    [plain, filtered]
}

fn wikidata_json(input: &[u8]) {
    for selection in selections() {
        for block in ending(LineBlocks::of_dump(input)).flatten() {
            for (_, line) in block.lines() {
                check(read_line(line, &selection));
            }
        }
    }
}

fn wikidata_rdf(input: &[u8]) {
    for selection in selections() {
        for block in ending(LineBlocks::of_dump(input)).flatten() {
            let mut entities = read_rdf(&block, &selection).entities.into_iter();
            // Two parts of one entity, as at the end of a block, are one.
            if let Some(mut first) = entities.next() {
                entities
                    .by_ref()
                    .take(1)
                    .for_each(|other| first.merge(other));
                check(first.finish(&selection));
            }
            entities.for_each(|entity| check(entity.finish(&selection)));
        }
    }
}

fn check(line: Line) {
    let Line::Entity(entity) = line else {
        return;
    };
    let rules = Rules::default();
    let Extract { row, triples, .. } = *entity;
    match row {
        Row::Item(row) => assert_eq!(row.check(&rules), Ok(())),
        Row::Property(row) | Row::Name(row) => assert_eq!(row.check(&rules), Ok(())),
    }
    for triple in triples {
        assert_eq!(triple.check(&rules), Ok(()));
    }
}
