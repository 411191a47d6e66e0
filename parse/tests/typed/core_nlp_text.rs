//! CoreNLP's text.

use kprep_parse::{Format, NewDocument, Structure};
use kprep_schemas::NO_HEAD;

use super::{BASIC, TREE, messages, reading, typed};

pub(super) const TOKENS: &str = "[Text=The CharacterOffsetBegin=0 CharacterOffsetEnd=3 PartOfSpeech=DT] \
                      [Text=dog PartOfSpeech=NN Lemma=dog]\n[Text=barks]\n[Text=] PartOfSpeech=-RRB-]\n";

pub(super) fn core_nlp(heading: &str, tokens: &str, dependencies: &str) -> String {
    format!("{heading}\nThe dog\nbarks]\n{tokens}{TREE}\n{dependencies}\n")
}

#[test]
fn core_nlp_text_of_several_versions() {
    let read = |text: &str| {
        let read = reading::read(text, Format::CoreNlpText, Structure::Tree);
        read.into_iter().map(Result::unwrap).collect::<Vec<_>>()
    };
    let basic = format!("Dependency Parse (basic dependencies):\n{BASIC}");
    let one = core_nlp(
        "Sentence #1 (4 tokens):",
        &format!("\nTokens:\n{TOKENS}"),
        &basic,
    );
    let two = core_nlp(
        "Sentence #2 (4 tokens, sentiment: Neutral):",
        TOKENS,
        &basic,
    );
    let rest = "Coreference set:\n\t(1,2,[1,3]) -> (1,1,[1,2]), that is: \"it\" -> \"x\"\n\
                Extracted the following Open IE triples:\n1.0\tdog\tbarks\tdet(a-1, b-2)\n";
    let text = format!("Document: ID=a (b).txt (1 sentences, 4 tokens)\n{one}{rest}{two}{rest}");
    let read = read(&text);
    assert_eq!(read.len(), 2);
    assert_eq!(read[0].token, ["The", "dog", "barks", "]"]);
    assert_eq!(read[0].head, [2, 3, 0, NO_HEAD]);
    assert_eq!(*read[0].xpos.as_ref().unwrap(), ["DT", "NN", "_", "-RRB-"]);
    assert_eq!(read[0].text.as_deref(), Some("The dog\nbarks]"));
    let document = NewDocument {
        id: Some("a (b).txt".into()),
    };
    assert_eq!(read[0].new_document, Some(document));
    assert_eq!(read[1].head, read[0].head);
}

#[test]
fn core_nlp_text_says_if_dependencies_are_basic() {
    for heading in ["Dependency Parse (enhanced plus plus dependencies):\n", ""] {
        let text = core_nlp(
            "Sentence #1 (4 tokens):",
            TOKENS,
            &format!("{heading}{BASIC}"),
        );
        let read = reading::read(&text, Format::CoreNlpText, Structure::Tree);
        assert!(
            messages(&read)[0].contains("only collapsed or enhanced"),
            "{read:?}"
        );
        let read = reading::read(&text, Format::CoreNlpText, Structure::Any);
        assert_eq!(read[0].as_ref().unwrap().head, [2, 3, 0, NO_HEAD]);
    }
    let text = core_nlp("Sentence #1 (5 tokens):", TOKENS, BASIC);
    let read = reading::read(&text, Format::CoreNlpText, Structure::Tree);
    assert_eq!(
        messages(&read),
        ["line 1, byte 0: expected 5 tokens, found 4"]
    );
}

#[test]
fn a_broken_dependency_costs_its_sentence_alone() {
    let broken = |line: &str| {
        let text = format!("{BASIC}\ndet(cat-2, A-1)\n{line}\nroot(ROOT-0, purrs-3)\n\n{BASIC}");
        let read = typed(&text);
        assert!(matches!(read[..], [Ok(_), Err(_), Ok(_)]), "{read:?}");
        messages(&read).remove(0)
    };
    assert_eq!(
        broken("nsubj(purrs-, cat-2)"),
        "line 5, byte 63: expected a dependency, label(governor-1, dependent-2), found \"nsubj(purrs-, cat-2)\""
    );
    assert!(broken("anything").ends_with("found \"anything\""));
    // The first line, too, and with words before.
    let text =
        format!("A cat .\n\ndet(cat-2, A)\nroot(ROOT-0, cat-2)\n\nThe dog barks .\n\n{BASIC}");
    let read = typed(&text);
    assert!(matches!(read[..], [Err(_), Ok(_)]), "{read:?}");
    // One sentence a line.
    let line = BASIC.trim_end().replace('\n', "\t");
    let text = format!("{line}\ndet(cat-2,The-1)\troot(ROOT-0,cat-)\n{line}\n");
    let read = typed(&text);
    assert!(matches!(read[..], [Ok(_), Err(_), Ok(_)]), "{read:?}");
    // CoreNLP's text.
    for bad in ["amod(dog-, old-2)", "det(dog-2, Th"] {
        let basic = format!("Dependency Parse (basic dependencies):\n{BASIC}{bad}");
        let text = core_nlp("Sentence #1 (4 tokens):", TOKENS, &basic);
        let read = reading::read(&text, Format::CoreNlpText, Structure::Tree);
        assert!(
            messages(&read)[0].contains("expected a dependency"),
            "{read:?}"
        );
    }
}

#[test]
fn a_damaged_heading_of_core_nlp_text_costs_its_sentence() {
    let basic = format!("Dependency Parse (basic dependencies):\n{BASIC}");
    let one = core_nlp("Sentence #1 (4 tokens):", TOKENS, &basic);
    let two = core_nlp("Sentence #2 (x tokens):", TOKENS, &basic);
    let text = [&*one, &two, &one].concat();
    let read = reading::read(&text, Format::CoreNlpText, Structure::Tree);
    assert!(matches!(read[..], [Ok(_), Err(_), Ok(_)]), "{read:?}");
    assert!(messages(&read)[0].contains("a sentence's number of tokens"));
}
