//! `kprep knowledge links`: spans, candidates, priors, and the table of entities.

mod hypernyms;

use std::fs;
use std::path::Path;

use kprep_schemas::{AlignedPage, Concept, Dataset, LinkExample, Manifest, Split, Words};

use super::{
    DATA, WORDNET, aligned, export, funnel, kprep, printed, problems, recount, tables, text,
};
use crate::folder::files;
use crate::util::{all_rows, rows};

fn links(out: &Path, args: &[&str]) {
    let fixed = ["knowledge", "links", "--out", text(out), "-q"];
    kprep(&[&fixed[..], args].concat()).code(0);
    assert_eq!(problems(out), Vec::<String>::new());
}

fn entities(out: &Path) -> Vec<Concept> {
    Dataset::open(out)
        .unwrap()
        .table("entities.parquet")
        .unwrap()
}

#[test]
fn examples_mean_their_synsets_among_the_senses_of_the_word() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("senses");
    links(&out, &["--wordnet", text(&wordnet), "--pos", "noun,verb"]);
    let manifest = Manifest::read(&out).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("knowbert"));
    let lines = export(&out);
    recount("examples.py", &[WORDNET, "links", text(&lines)]);
    let rows: Vec<LinkExample> = all_rows(&out);
    let several = rows.iter().find(|row| row.candidate.len() > 1).unwrap();
    let known = entities(&out);
    let of = |id: &str| known.iter().find(|concept| concept.id == id).unwrap();
    for id in several.candidate.iter() {
        assert!(!of(id).description.is_empty() && !of(id).description.contains('"'));
    }
    let meant: i64 = known.iter().map(|concept| concept.count).sum();
    let train: usize = manifest.rows("train") as usize;
    assert_eq!(meant, train as i64);
    let again = dir.path().join("again");
    links(
        &again,
        &[
            "--wordnet",
            text(&wordnet),
            "--pos",
            "noun,verb",
            "--threads",
            "1",
        ],
    );
    assert_eq!(files(&out.join("data")), files(&again.join("data")));
    let shown = printed(&["head", text(&out), "-n", "2"]);
    assert!(
        shown.contains("-n of ") || shown.contains("-v of "),
        "{shown}"
    );
}

#[test]
fn semcor_gives_all_its_words() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("semcor");
    let semcor = format!("{DATA}/sample.data.xml");
    links(
        &out,
        &["--wordnet", text(&wordnet), "--train-file", &semcor],
    );
    let train: Vec<LinkExample> = rows(&out, Split::Train);
    let spans: Vec<_> = train
        .iter()
        .map(|row| (row.span_start.clone(), row.span_end.clone()))
        .collect();
    let expected = [
        (vec![1, 2, 4], vec![1, 2, 4]),
        (vec![0, 3], vec![1, 3]),
        (vec![1], vec![1]),
    ];
    assert_eq!(spans, expected);
    let bank: Vec<_> = train[0].candidates(2).collect();
    assert_eq!(bank.len(), 2);
    assert_eq!(train[0].entity[2], *bank[1].0);
    assert!((bank[0].1 - 21.0 / 31.0).abs() < 1e-9, "{bank:?}");
}

#[test]
fn links_of_pages_have_the_priors_of_train() {
    let dir = aligned();
    let (pages, wikidata) = (dir.path().join("aligned"), dir.path().join("wikidata"));
    let sources = ["--aligned", text(&pages), "--wikidata", text(&wikidata)];
    let out = dir.path().join("links");
    links(&out, &sources);
    assert!(funnel(&out).contains("mentions without a candidate"));
    let rows: Vec<LinkExample> = all_rows(&out);
    let meant = |row: &LinkExample| row.entity.iter().filter(|id| !id.is_empty()).count();
    assert!(
        rows.iter()
            .all(|row| (1..=3 * meant(row)).contains(&row.span_start.len()))
    );
    assert!(
        entities(&out)
            .iter()
            .all(|concept| !concept.label.is_empty())
    );
    let figures = printed(&["stats", text(&out)]);
    assert!(
        figures.contains("most frequent answer of the same words in train"),
        "{figures}"
    );
    let ernie = dir.path().join("ernie");
    let more = ["--candidates", "none", "--min-entities", "2"];
    links(&ernie, &[&sources[..], &more].concat());
    let manifest = Manifest::read(&ernie).unwrap();
    assert_eq!(manifest.objective.as_deref(), Some("ernie"));
    for row in all_rows::<LinkExample>(&ernie) {
        assert!(row.candidate.is_empty() && row.entity.len() >= 2);
    }
    let card = fs::read_to_string(ernie.join("README.md")).unwrap();
    assert!(card.contains("It is not ERNIE"), "{card}");
}

#[test]
fn priors_come_from_a_file_by_titles() {
    let dir = aligned();
    let (pages, wikidata) = (dir.path().join("aligned"), dir.path().join("wikidata"));
    let page: kprep_schemas::AlignedPage = rows(&pages, Split::Train).remove(0);
    let link = page
        .mention_source
        .iter()
        .position(|source| source == "link")
        .unwrap();
    let span = page.mention_start[link] as usize..page.mention_end[link] as usize;
    let form: String = page
        .text
        .chars()
        .skip(span.start)
        .take(span.len())
        .collect();
    let priors = dir.path().join("priors.txt");
    let title = page.mention_link[link].replace(' ', "_");
    let own = page.title.replace(' ', "_");
    fs::write(
        &priors,
        format!("{form}\t4\t1,0.25,{own}\t2,0.75,{title}\t3,0.1,No_such_page\n"),
    )
    .unwrap();
    let out = dir.path().join("links");
    links(
        &out,
        &[
            "--aligned",
            text(&pages),
            "--wikidata",
            text(&wikidata),
            "--priors",
            text(&priors),
        ],
    );
    let all: Vec<LinkExample> = all_rows(&out);
    let row = all
        .iter()
        .find(|row| row.entity.iter().any(|id| *id == page.mention_id[link]))
        .unwrap();
    let span = row
        .entity
        .iter()
        .position(|id| *id == page.mention_id[link])
        .unwrap();
    let candidates: Vec<_> = row.candidates(span).collect();
    assert_eq!(
        candidates,
        [(&page.mention_id[link], 0.75), (page.entity.as_str(), 0.25)]
    );
}

#[test]
fn the_table_of_entities_stays_with_the_rows() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let out = dir.path().join("senses");
    links(&out, &["--wordnet", text(&wordnet)]);
    let expected = entities(&out);
    let [sampled, merged, back] = ["sampled", "merged", "back"].map(|name| dir.path().join(name));
    kprep(&[
        "sample",
        text(&out),
        "--rows",
        "10",
        "--out",
        text(&sampled),
        "-q",
    ])
    .code(0);
    assert_eq!(problems(&sampled), Vec::<String>::new());
    assert_eq!(entities(&sampled), expected);
    assert_eq!(
        Manifest::read(&sampled).unwrap().objective.as_deref(),
        Some("knowbert")
    );
    kprep(&[
        "merge",
        text(&sampled),
        text(&out),
        "--out",
        text(&merged),
        "-q",
    ])
    .code(0);
    assert_eq!(problems(&merged), Vec::<String>::new());
    let ids = |table: &[Concept]| -> Vec<String> { table.iter().map(|c| c.id.clone()).collect() };
    assert_eq!(ids(&entities(&merged)), ids(&expected));
    kprep(&["diff", text(&merged), text(&out)]).code(1);
    let lines = export(&out);
    kprep(&[
        "import",
        "--format",
        "jsonl",
        text(&lines),
        "--out",
        text(&back),
        "-q",
    ])
    .code(0);
    assert_eq!(problems(&back), Vec::<String>::new());
    assert_eq!(ids(&entities(&back)), ids(&expected));
    // A table that lacks an id is a fault.
    let table = out.join("entities.parquet");
    fs::copy(sampled.join("manifest.json"), dir.path().join("m")).unwrap();
    fs::remove_file(&table).unwrap();
    let told = problems(&out);
    assert!(
        told.iter()
            .any(|problem| problem.starts_with("entities.parquet")),
        "{told:?}"
    );
}
#[test]
fn trex_documents_are_pages_that_need_no_dump_of_wikidata() {
    let dir = aligned();
    let at = |name: &str| dir.path().join(name);
    let (wikipedia, wikidata) = (at("wikipedia"), at("wikidata"));
    let sources = [
        "--wikipedia",
        text(&wikipedia),
        "--wikidata",
        text(&wikidata),
    ];
    let (json, pages) = (at("json"), at("pages"));
    let out = ["--format", "trex", "--out", text(&json), "-q"];
    kprep(&[&["align"][..], &sources, &out].concat()).code(0);
    let import = ["import", text(&json), "--format", "trex", "--out"];
    kprep(&[&import[..], &[text(&pages), "-q"]].concat()).code(0);
    assert_eq!(problems(&pages), Vec::<String>::new());

    // What T-REx's JSON has no place for is all that is lost.
    let mut expected: Vec<AlignedPage> = all_rows(&at("aligned"));
    for page in &mut expected {
        page.id = page.entity.clone();
        page.revision = None;
        page.mention_link = page.mention_link.iter().map(|_| "").collect::<Words>();
    }
    let found: Vec<AlignedPage> = all_rows(&pages);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.text, expected.text);
        assert_eq!(found.mention_id, expected.mention_id, "{}", expected.title);
        assert_eq!(found, expected);
    }

    let ernie = at("ernie");
    let args = ["--candidates", "none", "--min-entities", "2", "--aligned"];
    links(&ernie, &[&args[..], &[text(&pages)]].concat());
    let known = entities(&ernie);
    assert!(known.iter().all(|concept| concept.description.is_empty()));
    let train: Vec<LinkExample> = rows(&ernie, Split::Train);
    let row = &train[0];
    let (start, end) = (row.span_start[0] as usize, row.span_end[0] as usize);
    let words: Vec<&str> = row.token.iter().skip(start).take(end + 1 - start).collect();
    let meant = row.entity.iter().next().unwrap();
    let of = known.iter().find(|concept| concept.id == meant).unwrap();
    let said = |name: &str| name == words.join(" ");
    assert!(
        said(&of.label) || of.names.iter().any(said),
        "{of:?}, {words:?}"
    );
}
