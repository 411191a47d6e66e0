//! Truthy N-Triples give the tables that the JSON dump gives, as far as they say the same.

use std::fmt::Write as _;

use super::folder::files;
use super::*;
use crate::needs::real;

const TRUTHY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../tests/data/wikidata/truthy.nt"
);

#[test]
fn n_triples_become_the_same_tables() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wikidata");
    let args = ["--quiet", "--max-errors", "1"];
    wikidata(Path::new(TRUTHY), &out, &args).code(0);
    let entities: Vec<Entity> = table(&out, "entities");
    assert_eq!(
        entities[0],
        Entity {
            id: "Q1".into(),
            label: Some("bridge of stone".into()),
            label_lang: Some("en-gb".into()),
            description: Some("a bridge".into()),
            aliases: ["old bridge"].into(),
            instance_of: ["Q9"].into(),
            title: Some("Stone bridge".into()),
            sitelinks: 7,
        }
    );
    let expected = [
        "Q1 P31 Q9",
        "Q1 P571 -0050-01-01T00:00:00Z/-1",
        "Q1 P625 46.5 -7",
        "Q1 P18 A bridge.jpg",
        "Q1 P227 4-1",
        "Q1 P1448 Bridge@en",
        "Q4 P31 Q1",
        "Q4 P184 somevalue",
        "Q4 P570 novalue",
    ];
    assert_eq!(statements(&out), expected);
    let properties: Vec<Property> = table(&out, "properties");
    assert_eq!(properties[0].datatype, "wikibase-item");
    let funnel = Manifest::read(&out.join("entities")).unwrap().funnel;
    // Q1, Q4, P31, the redirect Q6 and the broken line.
    assert_eq!((funnel.read, funnel.kept()), (5, 2));
    // An unknown predicate, and a direct statement whose property is an item.
    assert_eq!(funnel.within[0].count, 2);
    let claim = ["--claim", "~P570", "--overwrite"];
    wikidata(Path::new(TRUTHY), &out, &[&args[..], &claim].concat()).code(0);
    assert_eq!(ids(&out), ["Q1"]);
}

#[test]
fn parts_end_between_entities() {
    let dir = TempDir::new().unwrap();
    let mut text = String::new();
    for i in 1..=60_000 {
        for (predicate, object) in [
            ("prop/direct/P31", format!("entity/Q{}", i / 2)),
            ("prop/direct/P279", "entity/Q1".to_owned()),
        ] {
            let base = "http://www.wikidata.org";
            let _ = writeln!(
                text,
                "<{base}/entity/Q{i}> <{base}/{predicate}> <{base}/{object}> ."
            );
        }
        if i % 1000 == 0 {
            text += "broken\n";
        }
    }
    // No line end at the end: the dump breaks off.
    text += "<http://www.wikidata.org/entity/Q60000> <http://www.wikidata.org/pr";
    let dump = dir.path().join("truthy.nt");
    fs::write(&dump, text).unwrap();
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join(name).join("wikidata"));
    let parts = ["--part-bytes", "3000000"];
    let allowing = [&parts[..], &["--max-errors", "61"]].concat();
    wikidata(&dump, &whole, &allowing).code(0);
    assert_eq!(table::<Triple>(&whole, "triples").len(), 120_000);
    wikidata(&dump, &cut, &parts).code(1);
    let resume = [&allowing[..], &["--resume"]].concat();
    wikidata(&dump, &cut, &resume).code(0);
    assert!(files(&cut) == files(&whole));
}

#[test]
fn real_truthy_lines_are_read() {
    let Some(dump) = real("wikidata/truthy-sample.nt.gz") else {
        return;
    };
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wikidata");
    wikidata(&dump, &out, &["--quiet"]).code(0);
    let entities: Vec<Entity> = table(&out, "entities");
    let q42 = entities.iter().find(|e| e.id == "Q42").unwrap();
    assert_eq!(q42.label.as_deref(), Some("Douglas Adams"));
    assert_eq!(q42.instance_of, ["Q5"]);
    assert_eq!(q42.sitelinks, 122);
}
