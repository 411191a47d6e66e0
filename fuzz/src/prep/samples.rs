//! A small dataset of each record type, made of what the readers' own tests read.

use std::fs;

use kprep_align::{Options, align};
use kprep_ingest::task::{Classes, CosmosQa, LamaFact, SearchQa, Typing};
use kprep_ingest::wikidata::{Line, Ranks, Row, Selection, read_line};
use kprep_ingest::{JsonDocuments, LineBlocks, PlainText, article, parse_document};
use kprep_parse::{Choice, ConllReader, Format, HeadSet};
use kprep_schemas::{
    Card, DatasetWriter, Funnel, GroupBy, JsonLines, MANIFEST, Manifest, OutputDir, Provenance,
    Record, Redirect, Split, Splitter,
};
use serde_json::Map;

use super::example_rows;
use crate::target::{file, with_folder};

/// A dataset of one shard.
pub(super) struct Sample {
    pub(super) record: &'static str,
    pub(super) manifest: Vec<u8>,
    /// Its shard, and where it lies in the dataset.
    pub(super) shard: Vec<u8>,
    pub(super) path: String,
    /// Its rows as JSON Lines.
    pub(super) lines: Vec<u8>,
}

/// One of each record type that `kprep` writes.
pub(super) fn samples() -> Vec<Sample> {
    let [items, properties, triples] = wikidata();
    let pair_classes = ["unrelated", "related"].map(str::to_owned);
    vec![
        relations(),
        sample(heads(), &[]),
        sample(vec![example_rows::page()], &[]),
        items,
        properties,
        triples,
        sample(vec![page()], &[]),
        sample(redirects(), &[]),
        typings(),
        sample(choices(), &[]),
        sample(questions(), &[]),
        sample(cloze(), &[]),
        sample(vec![example_rows::synset()], &[]),
        sample(vec![example_rows::fact()], &[]),
        sample(
            vec![example_rows::label()],
            &["noun.animal", "noun.food"].map(str::to_owned),
        ),
        sample(vec![example_rows::link()], &[]),
        sample(vec![example_rows::concept()], &[]),
        sample(vec![example_rows::pair()], &pair_classes),
    ]
}

fn sample<R: Record>(rows: Vec<R>, class_names: &[String]) -> Sample {
    let lines = JsonLines::of(&rows).expect("rows of the schema");
    with_folder(&[], |dir| {
        let out = dir.join("sample");
        let count = rows.len() as u64;
        let out_dir = OutputDir::claim(&out, false).expect("a free folder");
        let writer = DatasetWriter::create(out_dir, class_names.to_vec());
        let mut writer = writer.expect("a folder");
        for row in rows {
            writer.push(Split::Train, row).expect("a row");
        }
        let provenance = Provenance {
            objective: None,
            command: "import",
            arguments: Map::new(),
            seed: 0,
            split_by: GroupBy::Row,
            inputs: Vec::new(),
            funnel: Funnel::new("records", count),
        };
        let Manifest { shards, .. } = writer
            .finish(provenance, &Card::default())
            .expect("a dataset");
        let path = shards[0].path.clone();
        Sample {
            record: R::NAME,
            manifest: fs::read(out.join(MANIFEST)).expect("a manifest"),
            shard: fs::read(out.join(&path)).expect("a shard"),
            path,
            lines,
        }
    })
}

fn relations() -> Sample {
    let text = file("data/sample/trex/re-nlg_0-25.json");
    let mut rows = Vec::new();
    for (batch, _) in JsonDocuments::new(text.as_slice()).take(1) {
        for (_, json) in batch.documents().take(8) {
            let json = json.expect("a document");
            let document = parse_document(json).expect("a document");
            let aligned = align(&document, &Options::default());
            let facts = aligned.facts.iter();
            rows.extend(facts.map(|fact| fact.to_row(&aligned.doc, None)));
        }
    }
    let mut names: Vec<String> = rows.iter().map(|row| row.relation.clone()).collect();
    names.sort();
    names.dedup();
    for row in &mut rows {
        let label = names.iter().position(|name| *name == row.relation);
        row.label = label.map(|label| label as i64);
    }
    sample(rows, &names)
}

fn heads() -> Vec<kprep_schemas::DependencyExample> {
    let text = file("tests/data/deps/mixed.conllu");
    let choice = Choice {
        min_words: 1,
        max_words: 100,
        lowercase: false,
        unescape: false,
        keep_duplicates: false,
    };
    let splitter = Splitter {
        seed: 0,
        validation: 0,
        test: 0,
    };
    let mut set = HeadSet::new(choice, splitter, GroupBy::Sentence);
    set.start_input("mixed.conllu".into(), "mixed.conllu".into());
    let sentences = ConllReader::new(text.as_slice(), Format::ConllU).flatten();
    sentences
        .filter_map(|sentence| set.add(sentence).ok())
        .map(|row| row.row)
        .collect()
}

fn page() -> kprep_schemas::Page {
    let text = PlainText {
        text: "Bern is in Switzerland. It lies on the Aare.".into(),
        links: Vec::new(),
    };
    article(("1".into(), Some(7), "Bern".into()), text, "en", |_| None)
}

fn redirects() -> Vec<Redirect> {
    let redirect = |title: &str| Redirect {
        title: title.into(),
        target: "Bern".into(),
    };
    vec![redirect("Berne"), redirect("City of Bern")]
}

fn wikidata() -> [Sample; 3] {
    let text = file("tests/data/wikidata/dump.json");
    let selection = Selection {
        ranks: Ranks::All,
        langs: vec!["en".into()],
        site: "enwiki".into(),
        properties: None,
        claim: None,
    };
    let (mut items, mut properties, mut triples) = (Vec::new(), Vec::new(), Vec::new());
    for block in LineBlocks::of_dump(text.as_slice()).flatten() {
        for (_, line) in block.lines() {
            if let Line::Entity(entity) = read_line(line, &selection) {
                triples.extend(entity.triples);
                match entity.row {
                    Row::Item(item) => items.push(item),
                    Row::Property(row) | Row::Name(row) => properties.push(row),
                }
            }
        }
    }
    [
        sample(items, &[]),
        sample(properties, &[]),
        sample(triples, &[]),
    ]
}

/// What a reader makes of each JSON object of a file.
fn objects<R>(path: &str, read: impl Fn(&[u8]) -> Vec<R>) -> Vec<R> {
    let text = file(path);
    let batches = JsonDocuments::new(text.as_slice());
    let rows = batches.flat_map(|(batch, _)| {
        let objects = batch.documents().filter_map(|(_, json)| json.ok());
        objects.flat_map(&read).collect::<Vec<_>>()
    });
    rows.collect()
}

fn typings() -> Sample {
    let path = "tests/data/tasks/openentity_train.json";
    let typings = objects(path, |json| Typing::parse(json).into_iter().collect());
    let types = typings
        .iter()
        .flat_map(|typing: &Typing| typing.types.clone());
    let classes = Classes::new(types.collect::<std::collections::BTreeSet<_>>());
    let rows = (0..)
        .zip(typings)
        .filter_map(|(i, typing)| typing.row([0, i, 0], &classes).ok());
    sample(rows.map(|(row, _)| row).collect(), classes.names())
}

fn choices() -> Vec<kprep_schemas::ChoiceExample> {
    objects("tests/data/tasks/cosmosqa_test.jsonl", |json| {
        CosmosQa::parse(json)
            .and_then(CosmosQa::row)
            .into_iter()
            .collect()
    })
}

fn questions() -> Vec<kprep_schemas::QuestionExample> {
    objects("tests/data/tasks/mrqa.jsonl", |json| {
        let read = SearchQa::parse(json);
        read.into_iter()
            .flat_map(|read| read.rows())
            .flatten()
            .collect()
    })
}

fn cloze() -> Vec<kprep_schemas::ClozeExample> {
    objects("tests/data/tasks/lama/P19.jsonl", |json| {
        let fact = LamaFact::parse(json);
        let rows = |fact: LamaFact| fact.rows(Some("[X] was born in [Y] ."));
        fact.map(rows).into_iter().flatten().flatten().collect()
    })
}
