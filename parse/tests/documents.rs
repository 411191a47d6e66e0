//! CoreNLP's XML and JSON: what is odd in real files, and what is wrong in bad ones.

use kprep_parse::{Format, NewDocument, Result, Sentence, Structure};
use kprep_schemas::NO_HEAD;

mod reading;

fn read(text: &str, format: Format) -> Vec<Result<Sentence>> {
    reading::read(text, format, Structure::Tree)
}

fn messages(text: &str, format: Format) -> Vec<String> {
    let read = read(text, format);
    read.iter()
        .filter_map(|s| s.as_ref().err().map(ToString::to_string))
        .collect()
}

const TOKENS: &str = "<tokens><token id=\"1\"><word>AT&amp;T</word></token>\
                      <token id=\"2\"><word>&#108;eads</word></token>\
                      <token id=\"3\"><word>.</word></token></tokens>";

fn xml(sentence: &str) -> String {
    format!(
        "<root><document><sentences><sentence id=\"1\">\n{sentence}</sentence></sentences></document></root>\n"
    )
}

#[test]
fn xml_of_version_1_has_no_arc_to_the_root() {
    let text = xml(&format!(
        "{TOKENS}<basic-dependencies><dep type=\"nsubj\"><governor idx=\"2\">leads</governor>\
         <dependent idx=\"1\">AT&amp;T</dependent></dep></basic-dependencies>"
    ));
    let read = read(&text, Format::CoreNlpXml);
    let sentence = read[0].as_ref().unwrap();
    assert_eq!(sentence.token, ["AT&T", "leads", "."]);
    assert_eq!(sentence.head, [2, 0, NO_HEAD]);
    assert_eq!(sentence.deprel, ["nsubj", "root", ""]);
    assert_eq!(sentence.xpos, None);
}

#[test]
fn xml_that_is_wrong() {
    let dep = |arcs: &[(u8, u8)]| -> String {
        let dep = |(g, d): &(u8, u8)| {
            format!("<dep type=\"x\"><governor idx=\"{g}\"/><dependent idx=\"{d}\"/></dep>")
        };
        arcs.iter().map(dep).collect()
    };
    let basic = |arcs| {
        let list = format!(
            "<dependencies type=\"basic-dependencies\">{}</dependencies>",
            dep(arcs)
        );
        messages(&xml(&format!("{TOKENS}{list}")), Format::CoreNlpXml)
    };
    assert_eq!(basic(&[(0, 1), (1, 2)]), [""; 0]);
    let start = "line 1, byte 27: ";
    let one = |message: &str| [format!("{start}{message}")];
    assert_eq!(basic(&[]), one("no word of the sentence has a head"));
    assert_eq!(basic(&[(0, 1), (2, 1)]), one("word 1 has several heads"));
    assert_eq!(
        basic(&[(0, 9)]),
        one("expected a dependent from 1 to 3, found 9")
    );
    assert_eq!(
        basic(&[(0, 1), (9, 2)]),
        one("word 2 has head 9, outside the sentence's 0..=3")
    );
    assert_eq!(
        basic(&[(2, 1), (1, 2)]),
        one("no word has head 0: the tree has no root")
    );
}

#[test]
fn xml_without_a_basic_tree() {
    let start = "line 1, byte 27: ";
    let one = |message: &str| [format!("{start}{message}")];
    let dep = "<dep type=\"x\"><governor idx=\"0\"/><dependent idx=\"1\"/></dep>";
    let collapsed = xml(&format!(
        "{TOKENS}<collapsed-dependencies>{dep}</collapsed-dependencies>"
    ));
    assert_eq!(
        messages(&collapsed, Format::CoreNlpXml),
        one(
            "only collapsed or enhanced dependencies, which are no tree: write the basic ones with the parser's options"
        )
    );
    let unlabelled = "<basic-dependencies><dep><governor idx=\"0\"/><dependent idx=\"1\"/></dep>\
                      </basic-dependencies>";
    assert_eq!(
        messages(&xml(&format!("{TOKENS}{unlabelled}")), Format::CoreNlpXml),
        one("expected a dep with a type, found \"dep\"")
    );
    let cut = &xml(TOKENS)[..100];
    let cut = messages(cut, Format::CoreNlpXml);
    assert!(
        cut[0].starts_with("reading failed after line 2, byte 100: "),
        "{cut:?}"
    );
    let other = messages("<root><p/></root>", Format::CoreNlpXml);
    assert!(
        other[0].ends_with("expected CoreNLP's XML, found no `sentences` element"),
        "{other:?}"
    );
    let entity = messages(&xml("&nosuch;"), Format::CoreNlpXml);
    assert!(
        entity[0].ends_with("expected an entity of XML, found &nosuch;"),
        "{entity:?}"
    );
}

const JSON: &str = r#"{"basicDependencies": [{"dep": "ROOT", "governor": 0, "dependent": 1}],
    "tokens": [{"index": 1, "word": "G\u006f", "pos": "VB"}]}"#;

#[test]
fn json_documents_one_after_the_other() {
    let text = format!(
        "\u{feff}{{\"docId\": \"a\", \"sentences\": [{JSON}, {JSON}]}}\n{{\"sentences\": [{JSON}]}}\n"
    );
    let read = read(&text, Format::CoreNlpJson);
    let sentences: Vec<_> = read.into_iter().map(Result::unwrap).collect();
    let old = JSON.replace("basicDependencies", "basic-dependencies");
    let old = format!("{{\"sentences\": [{old}]}}");
    assert_eq!(
        self::read(&old, Format::CoreNlpJson)[0]
            .as_ref()
            .unwrap()
            .head,
        [0]
    );
    let documents: Vec<_> = sentences.iter().map(|s| s.new_document.clone()).collect();
    let named = Some(NewDocument {
        id: Some("a".into()),
    });
    assert_eq!(documents, [named, None, Some(NewDocument { id: None })]);
    assert_eq!(sentences[1].token, ["Go"]);
    assert_eq!(sentences[1].position.record, 2);
}

#[test]
fn json_that_is_wrong() {
    let bad = JSON.replace("\"index\": 1", "\"index\": 2");
    let text = format!("{{\"sentences\": [{bad}, {{\"tokens\": 3}}, {JSON}]}}");
    let found = messages(&text, Format::CoreNlpJson);
    assert_eq!(found[0], "line 1, byte 15: expected word number 1, found 2");
    assert!(
        found[1].contains("expected a sentence of CoreNLP, found invalid type"),
        "{found:?}"
    );
    assert_eq!(read(&text, Format::CoreNlpJson).len(), 3);
    let pretty = format!("{{\"sentences\": [\n  {JSON},\n  {bad}\n]}}");
    let line = 3 + JSON.matches('\n').count();
    let byte = pretty.find(&bad).unwrap_or_default();
    let expected = format!("line {line}, byte {byte}: expected word number 1, found 2");
    assert_eq!(messages(&pretty, Format::CoreNlpJson), [expected]);
    let collapsed = JSON.replace("basicDependencies", "enhancedPlusPlusDependencies");
    let found = messages(
        &format!("{{\"sentences\": [{collapsed}]}}"),
        Format::CoreNlpJson,
    );
    assert!(
        found[0].contains("only collapsed or enhanced dependencies"),
        "{found:?}"
    );
    for (text, message) in [
        ("{\"sentences\": [", "EOF while parsing a list"),
        ("{\"a\": 1}", "missing field `sentences`"),
        (
            "{\"sentences\": 1}",
            "invalid type: integer `1`, expected a list of sentences",
        ),
        (
            "[]",
            "invalid type: sequence, expected a document of CoreNLP: an object with `sentences`",
        ),
    ] {
        let found = messages(text, Format::CoreNlpJson);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("reading failed after line 1, byte "),
            "{found:?}"
        );
        assert!(found[0].ends_with(message), "{found:?}");
    }
}

#[test]
fn any_structure_takes_the_first_other_list() {
    let arcs = |arcs: &[(&str, &str)]| -> String {
        let dep = |(g, d): &(&str, &str)| {
            format!("<dep type=\"x\"><governor {g}/><dependent {d}/></dep>")
        };
        arcs.iter().map(dep).collect()
    };
    let first = arcs(&[
        ("idx=\"0\"", "idx=\"2\""),
        ("idx=\"2\"", "idx=\"2\" copy=\"1\""),
        ("idx=\"2\"", "idx=\"1\""),
        ("idx=\"1\"", "idx=\"1\""),
    ]);
    let second = arcs(&[("idx=\"0\"", "idx=\"3\"")]);
    let text = xml(&format!(
        "{TOKENS}<dependencies type=\"basic-dependencies\"/>\
         <dependencies type=\"collapsed-dependencies\">{first}</dependencies>\
         <dependencies type=\"collapsed-ccprocessed-dependencies\">{second}</dependencies>"
    ));
    let read = reading::read(&text, Format::CoreNlpXml, Structure::Any);
    let sentence = read[0].as_ref().unwrap();
    assert_eq!(sentence.head, [2, 0, NO_HEAD]);
    assert_eq!(sentence.heads_left_out, 2);
    let json = JSON.replace("basicDependencies", "enhancedDependencies");
    let json = format!("{{\"sentences\": [{json}]}}");
    let read = reading::read(&json, Format::CoreNlpJson, Structure::Any);
    assert_eq!(read[0].as_ref().unwrap().head, [0]);
}
