//! `DBpedia`'s abstracts in the forms of its releases.

use super::*;
use crate::util::all_rows;

/// The pages' titles and texts.
fn pages(world: &World, out: &str) -> Vec<(String, String)> {
    let pages: Vec<Page> = all_rows(&world.path(out).join("pages"));
    pages
        .into_iter()
        .map(|page| (page.title, page.text))
        .collect()
}

fn page(title: &str, text: &str) -> (String, String) {
    (title.to_owned(), text.to_owned())
}

#[test]
fn triples_tabs_and_commas_are_read_by_name_and_in_folders() {
    let world = World::new();
    let triples = world.write(
        "folder/long-abstracts_lang=en.ttl",
        concat!(
            "# started 2020-01-01T00:00:00Z\n",
            r#"<http://dbpedia.org/resource/Kana> <http://dbpedia.org/ontology/abstract> "Kana (\u30AB\u30CA) is a script. It has \"letters\".\nA second line."@en ."#,
            "\n",
            r#"<http://dbpedia.org/resource/Caf%C3%A9> <http://dbpedia.org/ontology/abstract> "A caf\u00E9 sells coffee \U0001F600."@en ."#,
            "\n",
            r#"<http://dbpedia.org/resource/Empty> <http://dbpedia.org/ontology/abstract> ""@en ."#,
            "\n# completed\n",
        ),
    );
    let kana = page(
        "Kana",
        "Kana (カナ) is a script. It has \"letters\". A second line.",
    );
    let cafe = page("Café", "A café sells coffee 😀.");
    let (code, told) = world.run("wikipedia", &triples, "triples", &[]);
    assert_eq!(code, 0, "{told}");
    assert_eq!(pages(&world, "triples"), [kana.clone(), cafe.clone()]);
    let lost = |told: &str, reason: &str| {
        let line = told.lines().find(|line| line.contains(reason));
        line.and_then(|line| line.split_whitespace().last()?.parse::<u64>().ok())
    };
    assert_eq!(lost(&told, "- no text"), Some(1), "{told}");

    world.write(
        "folder/abstracts.tsv",
        "http://dbpedia.org/resource/Tab\tTab is a key. It has \"quotes\".\n\
         http://dbpedia.org/resource/NoText\t\nhttp://dbpedia.org/resource/NoTab\n",
    );
    let (code, told) = world.run(
        "wikipedia",
        triples.parent().unwrap(),
        "folder-out",
        &["--max-errors", "9"],
    );
    assert_eq!(code, 0, "{told}");
    let tab = page("Tab", "Tab is a key. It has \"quotes\".");
    assert_eq!(pages(&world, "folder-out"), [tab, kana, cafe]);
    assert_eq!(lost(&told, "- no text"), Some(2), "{told}");
    let expected = "abstracts.tsv, line 3, byte 99: malformed page: expected a URI and a text, with a tab or a \
                    comma between them";
    assert!(told.contains(expected), "{told}");

    let comma = world.write(
        "comma.csv",
        "http://dbpedia.org/resource/Comma,\"Comma is a mark, and a short one.\"\n",
    );
    assert_eq!(world.run("wikipedia", &comma, "comma", &[]).0, 0);
    let expected = page("Comma", "Comma is a mark, and a short one.");
    assert_eq!(pages(&world, "comma"), [expected]);
}
