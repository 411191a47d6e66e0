//! Pages and items through `kprep wikipedia`, `wikidata`, `align` and `trex` to rows.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::util::all_rows;
use kprep_schemas::{AlignedPage, RelationExample};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs a command, which must work.
fn kprep(dir: &Path, args: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kprep"));
    let output = command.current_dir(dir).args(args).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {told}");
}

/// A dump of MediaWiki with these pages: title and wikitext.
fn dump(language: &str, pages: &[(&str, &str)]) -> String {
    let mut xml = format!("<mediawiki xml:lang=\"{language}\">\n");
    for (id, (title, text)) in pages.iter().enumerate() {
        writeln!(
            xml,
            "<page><title>{title}</title><ns>0</ns><id>{id}</id><revision><id>{id}</id>\
             <text>{text}</text></revision></page>"
        )
        .unwrap();
    }
    xml + "</mediawiki>\n"
}

/// An item with a title in a language's wiki, and the items that it is the capital of.
fn item(language: &str, number: usize, title: &str, capital_of: &[usize]) -> Value {
    let statement = |object: &usize| {
        json!({
            "type": "statement", "rank": "normal",
            "mainsnak": {
                "snaktype": "value", "property": "P1376", "datatype": "wikibase-item",
                "datavalue": {
                    "type": "wikibase-entityid",
                    "value": {"entity-type": "item", "numeric-id": object, "id": format!("Q{object}")},
                },
            },
        })
    };
    let claims: Vec<Value> = capital_of.iter().map(statement).collect();
    let site = format!("{language}wiki");
    json!({
        "type": "item", "id": format!("Q{number}"),
        "labels": {language: {"language": language, "value": title}},
        "descriptions": {}, "aliases": {},
        "claims": {"P1376": claims},
        "sitelinks": {&site: {"site": site, "title": title}},
    })
}

/// Aligns the pages with the items.
fn align(language: &str, pages: &[(&str, &str)], items: &[Value]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pages.xml"), dump(language, pages)).unwrap();
    let property = json!({"type": "property", "id": "P1376", "datatype": "wikibase-item",
        "labels": {}, "descriptions": {}, "aliases": {}, "claims": {}});
    let lines: Vec<String> = items
        .iter()
        .chain([&property])
        .map(Value::to_string)
        .collect();
    fs::write(
        dir.path().join("items.json"),
        format!("[\n{}\n]\n", lines.join(",\n")),
    )
    .unwrap();
    kprep(
        dir.path(),
        &["wikipedia", "pages.xml", "--out", "wikipedia", "--quiet"],
    );
    let site = format!("{language}wiki");
    let wikidata = ["wikidata", "items.json", "--out", "wikidata", "--quiet"];
    kprep(
        dir.path(),
        &[&wikidata[..], &["--lang", language, "--site", &site]].concat(),
    );
    kprep(
        dir.path(),
        &[
            "align",
            "--wikipedia",
            "wikipedia",
            "--wikidata",
            "wikidata",
            "--out",
            "aligned",
            "--quiet",
        ],
    );
    for made in ["wikipedia/pages", "wikipedia/redirects", "aligned"] {
        kprep(dir.path(), &["validate", made]);
    }
    dir
}

/// A city's page in a language: the city, the country, the page, and the sentence with its words,
/// the two mentions in brackets.
const LANGUAGES: [[&str; 5]; 10] = [
    [
        "zh",
        "北京市",
        "中华人民共和国",
        "'''北京市'''是[[中华人民共和国]]的首都。上海市很大。",
        "[北京市] 是 [中华 人民 共和国] 的 首都 。",
    ],
    [
        "ja",
        "東京都",
        "日本",
        "'''東京都'''は[[日本]]の首都です。大阪は「食い倒れの街。」と呼ばれる。",
        "[東京 都] は [日本] の 首都 です 。",
    ],
    [
        "th",
        "กรุงเทพมหานคร",
        "ประเทศไทย",
        "'''กรุงเทพมหานคร'''เป็นเมืองหลวงของ[[ประเทศไทย]]\n\nเชียงใหม่เป็นจังหวัด",
        "[กรุงเทพมหานคร] เป็น เมือง หลวง ของ [ประเทศไทย]",
    ],
    [
        "km",
        "ភ្នំពេញ",
        "ប្រទេសកម្ពុជា",
        "'''ភ្នំពេញ'''ជារាជធានីនៃ[[ប្រទេសកម្ពុជា]]។ សៀមរាបជាទីក្រុង។",
        "[ភ្នំពេញ] ជា រាជធានី នៃ [ប្រទេស កម្ពុជា] ។",
    ],
    [
        "lo",
        "ວຽງຈັນ",
        "ປະເທດລາວ",
        "'''ວຽງຈັນ'''ເປັນເມືອງຫຼວງຂອງ[[ປະເທດລາວ]]. ຫຼວງພະບາງເປັນເມືອງເກົ່າ.",
        "[ວຽງຈັນ] ເປັນ ເມືອງຫຼວງ ຂອງ [ປະເທດ ລາວ] .",
    ],
    [
        "my",
        "နေပြည်တော်",
        "မြန်မာနိုင်ငံ",
        "'''နေပြည်တော်'''သည် [[မြန်မာနိုင်ငံ]]၏ မြို့တော်ဖြစ်သည်။ ရန်ကုန်မြို့သည် ကြီးသည်။",
        "[နေပြည်တော်] သည် [မြန်မာနိုင်ငံ] ၏ မြို့တော် ဖြစ်သည် ။",
    ],
    [
        "hi",
        "नई दिल्ली",
        "भारत",
        "'''नई दिल्ली''' [[भारत]] की राजधानी है। मुंबई बड़ा शहर है।",
        "[नई दिल्ली] [भारत] की राजधानी है ।",
    ],
    [
        "ar",
        "القاهرة",
        "مصر",
        "'''القاهرة''' عاصمة [[مصر]]. هل بيروت عاصمة لبنان؟",
        "[القاهرة] عاصمة [مصر] .",
    ],
    [
        "hy",
        "Երևան",
        "Հայաստան",
        "'''Երևան''' քաղաքը [[Հայաստան]]ի մայրաքաղաքն է։ Գյումրին քաղաք է։",
        "[Երևան] քաղաքը [Հայաստանի] մայրաքաղաքն է ։",
    ],
    [
        "am",
        "አዲስ አበባ",
        "ኢትዮጵያ",
        "'''አዲስ አበባ''' [[ኢትዮጵያ|የኢትዮጵያ]] ዋና ከተማ ናት፡፡ አስመራ ከተማ ናት።",
        "[አዲስ አበባ] [የኢትዮጵያ] ዋና ከተማ ናት ፡፡",
    ],
];

/// The words of a row with brackets around its subject and object.
fn marked(row: &RelationExample) -> String {
    let words: Vec<String> = (0..)
        .zip(row.token.iter())
        .map(|(i, word)| {
            let opens = i == row.subj_start || i == row.obj_start;
            let closes = i == row.subj_end || i == row.obj_end;
            format!(
                "{}{word}{}",
                if opens { "[" } else { "" },
                if closes { "]" } else { "" }
            )
        })
        .collect();
    words.join(" ")
}

#[test]
fn facts_become_rows_in_ten_languages() {
    for [language, city, country, text, expected] in LANGUAGES {
        let items = [
            item(language, 1, city, &[2]),
            item(language, 2, country, &[]),
        ];
        let dir = align(language, &[(city, text)], &items);
        kprep(
            dir.path(),
            &[
                "trex",
                "aligned",
                "--out",
                "rows",
                "--min-pairs",
                "1",
                "--quiet",
            ],
        );
        kprep(dir.path(), &["validate", "rows"]);
        let rows: Vec<RelationExample> = all_rows(&dir.path().join("rows"));
        let found: Vec<_> = rows.iter().map(marked).collect();
        assert_eq!(found, [expected], "{language}");
        let ids = (&*rows[0].subj_id, &*rows[0].relation, &*rows[0].obj_id);
        assert_eq!(ids, ("Q1", "P1376", "Q2"), "{language}");
    }
}

#[test]
fn a_redirect_with_an_item_of_its_own_stands_for_that_item() {
    let text = "Bern is near [[Song]], [[Step]], [[Other]], [[Round]], [[About]] and [[Nowhere]].";
    let pages = [
        ("Bern", text),
        ("Album", "Album is one."),
        // An item of its own, and a chain to it.
        ("Song", "#REDIRECT [[Album]]"),
        ("Step", "#REDIRECT [[Song]]"),
        ("Other", "#REDIRECT [[Album]]"),
        // A circle, one of whose titles has an item, and one without any.
        ("Round", "#REDIRECT [[About]]"),
        ("About", "#REDIRECT [[Round]]"),
        ("Nowhere", "#REDIRECT [[Nowhere]]"),
    ];
    let en = |number, title, of: &[usize]| item("en", number, title, of);
    let items = [
        en(1, "Bern", &[2, 3]),
        en(2, "Album", &[]),
        en(3, "Song", &[]),
        en(4, "Round", &[]),
    ];
    let dir = align("en", &pages, &items);
    let pages: Vec<AlignedPage> = all_rows(&dir.path().join("aligned"));
    let links = (0..pages[0].mentions()).filter(|&i| pages[0].mention_source[i] == *"link");
    let links: Vec<_> = links
        .map(|i| format!("{} {}", &pages[0].mention_link[i], &pages[0].mention_id[i]))
        .collect();
    assert_eq!(
        links,
        ["Song Q3", "Step Q3", "Other Q2", "Round Q4", "About Q4"]
    );
}
