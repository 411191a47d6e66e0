//! An odd member of an item costs itself.

use kprep_schemas::Triple;

use super::*;
use crate::util::all_rows;

const GOOD: &str = r#"{"en":{"language":"en","value":"First"}}"#;

const STATEMENT: &str = r#"{"mainsnak":{"snaktype":"value","property":"P31","datavalue":{"value":{"id":"Q5"},"type":"wikibase-entityid"},"datatype":"wikibase-item"},"rank":"normal"}"#;

/// Items with a label without its value, an alias without its value, a link without its title, and
/// labels, statements and properties that are none.
fn odd_items() -> [String; 4] {
    let item = |id: &str, labels: &str, aliases: &str, claims: &str, sitelinks: &str| {
        format!(
            r#"{{"type":"item","id":"{id}","labels":{labels},"descriptions":{{}},"aliases":{aliases},"claims":{claims},"sitelinks":{sitelinks}}}"#
        )
    };
    let label = r#"{"en":{"language":"en"},"en-gb":{"value":"One"}}"#;
    let alias = r#"{"en":[{"language":"en"},{"value":"Alias"}]}"#;
    let link = r#"{"enwiki":{"site":"enwiki"}}"#;
    let claims = format!(r#"{{"P31":[{{"rank":"normal"}},{STATEMENT}],"x":[]}}"#);
    [
        item("Q1", label, "[]", "{}", "{}"),
        item("Q2", GOOD, alias, "{}", "{}"),
        item("Q3", GOOD, r#"{"en":"x"}"#, "{}", link),
        item("Q4", "7", "{}", &claims, r#"{"enwiki":{"title":"Four"}}"#),
    ]
}

#[test]
fn a_label_without_value_and_a_link_without_title_cost_themselves() {
    let world = World::new();
    let dump = world.write("dump.json", format!("[\n{}\n]\n", odd_items().join(",\n")));
    let (code, told) = world.run("wikidata", &dump, "out", &[]);
    assert_eq!(code, 0, "{told}");
    let items: Vec<Entity> = all_rows(&world.path("out/entities"));
    let shown: Vec<_> = items
        .iter()
        .map(|item| {
            (
                &*item.id,
                item.label.as_deref(),
                item.aliases.join(" "),
                item.title.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Q1", Some("One"), String::new(), None),
            ("Q2", Some("First"), "Alias".to_owned(), None),
            ("Q3", Some("First"), String::new(), None),
            ("Q4", None, String::new(), Some("Four")),
        ]
    );
    assert_eq!(items[2].sitelinks, 1);
    let triples: Vec<Triple> = all_rows(&world.path("out/triples"));
    assert_eq!(triples.len(), 1);
    let count = |what: &str| {
        let line = told.lines().find(|line| line.contains(what));
        line.and_then(|line| line.split_whitespace().last()?.parse::<u64>().ok())
    };
    assert_eq!(count("site links that cannot be read"), Some(5), "{told}");
    assert_eq!(count("unreadable value"), Some(2), "{told}");
}

#[test]
fn a_line_that_is_no_item_is_still_malformed() {
    let world = World::new();
    let cut = &ITEM[..ITEM.len() - 20];
    let dump = world.write("dump.json", format!("[\n{ITEM},\n{cut},\n7\n]\n"));
    let (code, told) = world.run("wikidata", &dump, "out", &[]);
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("2 malformed inputs"), "{told}");
}
