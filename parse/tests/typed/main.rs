//! Stanford typed dependencies and CoreNLP's text: what is odd in real files, and what is wrong in
//! bad ones.

use kprep_parse::{Error, Fault, Format, Result, Sentence, Structure};
use kprep_schemas::NO_HEAD;

mod core_nlp_text;
#[path = "../reading/mod.rs"]
mod reading;

use core_nlp_text::{TOKENS, core_nlp};

fn typed(text: &str) -> Vec<Result<Sentence>> {
    reading::read(text, Format::Typed, Structure::Tree)
}

fn sentences(text: &str) -> Vec<Sentence> {
    typed(text).into_iter().map(Result::unwrap).collect()
}

fn messages(read: &[Result<Sentence>]) -> Vec<String> {
    let errors = read.iter().filter_map(|s| s.as_ref().err());
    errors.map(ToString::to_string).collect()
}

const TREE: &str =
    "(ROOT [9.1]\n  (S\n    (NP (DT The) (NN dog))\n    (VP (VBZ barks))\n    (. .)))\n";
const BASIC: &str = "det(dog-2, The-1)\nnsubj(barks-3, dog-2)\nroot(ROOT-0, barks-3)\n";

#[test]
fn words_come_from_the_tree_the_tags_or_the_plain_sentence() {
    let tags = ["DT", "NN", "VBZ", "."];
    for (words, tagged) in [
        (format!("{TREE}\n"), true),
        ("The/DT dog/NN barks/VBZ ./.\n\n".to_owned(), true),
        ("The dog barks .\n\n".to_owned(), false),
        (
            format!("The dog barks .\n\nThe/DT dog/NN barks/VBZ ./.\n\n{TREE}\n"),
            true,
        ),
    ] {
        let text = format!("{words}{BASIC}\n").repeat(2);
        for text in [&text, &text.replace('\n', "\r\n")] {
            let read = sentences(text);
            assert_eq!(read.len(), 2, "{text}");
            for sentence in &read {
                assert_eq!(sentence.token, ["The", "dog", "barks", "."]);
                assert_eq!(sentence.head, [2, 3, 0, NO_HEAD]);
                assert_eq!(sentence.deprel, ["det", "nsubj", "root", ""]);
                assert_eq!(sentence.xpos.is_some(), tagged);
                if let Some(xpos) = &sentence.xpos {
                    assert_eq!(*xpos, tags);
                }
                assert_eq!(sentence.words_left_out, 0);
            }
            let (first, second) = (read[0].position, read[1].position);
            assert_eq!((first.line, first.byte, first.record), (1, 0, 1));
            assert_eq!((second.byte * 2, second.record), (text.len() as u64, 2));
        }
    }
}

#[test]
fn without_the_words_the_mentioned_ones_are_the_sentence() {
    let text = "nsubj(barks-4, dog-2)\nroot(ROOT-0, barks-4)\n\nroot(ROOT-0, Yes-1)\n\nroot(ROOT-0, Yes-1)\n";
    let read = sentences(text);
    assert_eq!(read.len(), 3);
    assert_eq!(read[0].token, ["dog", "barks"]);
    assert_eq!(read[0].head, [2, 0]);
    assert_eq!(read[0].words_left_out, 2);
    assert_eq!(read[2].token, ["Yes"]);
}

#[test]
fn all_in_one_line() {
    let line = |end: &str| BASIC.trim_end().replace('\n', end);
    for text in [
        format!("{}\t\n{}\t\n", line("\t"), line("\t")),
        format!("[{}]\n\n[{}]\n", line(", "), line(", ")),
        format!("{}\n{}\n", line(" "), line(" ")),
        format!(
            "The dog barks .\n{}\nThe dog barks .\n{}\n",
            line(" "),
            line(" ")
        ),
    ] {
        let read = sentences(&text);
        assert_eq!(read.len(), 2, "{text}");
        assert_eq!(read[1].head[..3], [2, 3, 0]);
    }
}

#[test]
fn before_version_2_the_root_has_no_arc() {
    let text = "The dog barks .\n\ndet(dog-2, The-1)\nnsubj(barks-3, dog-2)\n";
    assert_eq!(sentences(text)[0].head, [2, 3, 0, NO_HEAD]);
}

#[test]
fn basic_dependencies_are_preferred() {
    let basic = "nsubj(sat-2, Cat-1)\nprep(sat-2, on-3)\npobj(on-3, mats-4)\nroot(ROOT-0, sat-2)\n";
    let collapsed = "nsubj(sat-2, Cat-1)\nprep_on(sat-2, mats-4)\nroot(ROOT-0, sat-2)\n";
    for (words, lists) in [
        ("", format!("{basic}\n{collapsed}\n")),
        ("Cat sat on mats\n\n", format!("{basic}\n{collapsed}\n")),
        ("Cat sat on mats\n\n", format!("{collapsed}\n{basic}\n")),
        (
            "Cat sat on mats\n\n",
            format!("{basic}======\nxsubj(sat-2, mats-4)\n\n"),
        ),
    ] {
        let read = sentences(&format!("{words}{lists}{words}{lists}"));
        assert_eq!(read.len(), 2, "{lists}");
        assert!(read.iter().all(|s| s.head == [2, 0, 2, 3]));
    }
}

#[test]
fn a_file_of_collapsed_dependencies_is_refused_even_where_nothing_was_collapsed() {
    let collapsed = "nsubj(sat-2, Cat-1)\nprep_on(sat-2, mats-4)\nroot(ROOT-0, sat-2)\n";
    let copies = "nsubj(flies-2, Time-1)\nroot(ROOT-0, flies-2)\nconj(flies-2, flies-2')\n";
    let several = format!("{BASIC}nsubj:xsubj(The-1, dog-2)\n");
    for list in [collapsed, copies, &several] {
        let text = format!("root(ROOT-0, Yes-1)\n\n{list}\n");
        let read = typed(&text);
        assert_eq!(read.len(), 2);
        for sentence in read {
            let Err(Error::Sentence { fault, .. }) = sentence else {
                panic!("{sentence:?}");
            };
            assert_eq!(fault, Fault::NotBasic);
        }
        let read = reading::read(&text, Format::Typed, Structure::Any);
        assert!(read.iter().all(Result::is_ok), "{read:?}");
    }
    // One in a hundred may be a mistake.
    let text = format!("{BASIC}\n").repeat(100) + collapsed;
    assert_eq!(messages(&typed(&text)).len(), 1);
}

#[test]
fn any_structure_takes_the_first_head_of_each_word() {
    let text = "Time flies and flies\n\nnsubj(flies-2, Time-1)\nnsubj(flies-4, Time-1)\n\
                conj_and(flies-2, flies-2')\nconj_and(flies-2, flies-2)\nconj_and(flies-2, flies-4)\n\
                root(ROOT-0, flies-2)\n";
    let read = reading::read(text, Format::Typed, Structure::Any);
    let sentence = read[0].as_ref().unwrap();
    assert_eq!(sentence.head, [2, 0, NO_HEAD, 2]);
    assert_eq!(sentence.heads_left_out, 3);
    let circle = "dep(b-2, a-1)\ndep(a-1, b-2)\n";
    let read = reading::read(circle, Format::Typed, Structure::Any);
    assert_eq!(read[0].as_ref().unwrap().head, [2, 1]);
}

#[test]
fn what_is_wrong_is_said() {
    let of = |text: &str| messages(&typed(text));
    assert_eq!(
        of("The cat barks .\n\ndet(dog-2, The-1)\n"),
        ["line 1, byte 0: expected word 2 to be \"cat\", found \"dog\""]
    );
    assert_eq!(
        of("The\n\ndet(dog-2, The-1)\n"),
        ["line 1, byte 0: expected a word from 1 to 1, found \"dog\"-2"]
    );
    assert_eq!(
        of("det(dog-2, The-1)\ndet(dog-2, the-1)\n"),
        ["line 1, byte 0: expected word 1 to be \"The\", found \"the\""]
    );
    assert_eq!(
        of("det(dog-2, The-1)\ndep(The-1, dog-2)\n"),
        ["line 1, byte 0: no word has head 0: the tree has no root"]
    );
    assert_eq!(
        of("A dog .\n\nA cat .\n\nSENTENCE_SKIPPED_OR_UNPARSABLE\n"),
        [1, 3, 5].map(|line| {
            let byte = [0, 9, 18][line / 2];
            format!("line {line}, byte {byte}: no word of the sentence has a head")
        })
    );
    // A fault costs one sentence.
    let text = format!("{BASIC}\ndet(cat-2, A-1)\ndet(cat-2, a-1)\n\n{BASIC}");
    let read = typed(&text);
    assert!(matches!(read[..], [Ok(_), Err(_), Ok(_)]), "{read:?}");
    let bytes = [
        BASIC.as_bytes(),
        b"\ndet(a-1, \xff-2)\n\n",
        BASIC.as_bytes(),
    ]
    .concat();
    let read = reading::read_with(&bytes, Format::Typed, Structure::Tree, 9);
    assert!(matches!(read[..], [Ok(_), Err(_), Ok(_)]), "{read:?}");
    assert_eq!(
        messages(&read),
        ["line 5, byte 63: expected UTF-8, found the byte 0xff"]
    );
}

#[test]
fn brackets_are_escaped_in_one_place_and_not_in_the_other() {
    let text = "-LRB-/-LRB- a/DT -RRB-/-RRB-\n\ndep(a-2, (-1)\nroot(ROOT-0, a-2)\ndep(a-2, )-3)\n";
    assert_eq!(sentences(text)[0].token, ["-LRB-", "a", "-RRB-"]);
    let tags = "a/DT b/X\n\ndep(b/X-2, a/DT-1)\nroot(ROOT-0, b/X-2)\n";
    assert_eq!(sentences(tags)[0].head, [2, 0]);
}

#[test]
fn words_with_slashes_are_not_tagged() {
    let words = |text: &str| {
        let read = sentences(text);
        assert_eq!(read.len(), 1, "{text}");
        (read[0].token.join(" "), read[0].xpos.is_some())
    };
    let arc = "root(ROOT-0, 1/2-1)\n";
    assert_eq!(words(&format!("1/2\n\n{arc}")), ("1/2".into(), false));
    assert_eq!(words(&format!("1/2/CD\n\n{arc}")), ("1/2".into(), true));
    assert_eq!(
        words(&format!("1/2\n\n1/2/CD\n\n{arc}")),
        ("1/2".into(), true)
    );
    let tagged = "root(ROOT-0, dog/NN-1)\n";
    assert_eq!(words(&format!("dog\n\n{tagged}")), ("dog".into(), false));
    let bracket = "(c) 2010\n\nroot(ROOT-0, 2010-2)\n";
    assert_eq!(words(bracket), ("(c) 2010".into(), false));
}

#[test]
fn what_the_parser_tells_is_passed_over() {
    let text = format!(
        "[main] INFO x.LexicalizedParser - Loading parser from serialized file\n\
         Parsing [sent. 1 len. 4]: The dog barks .\nThe dog barks .\n\n{BASIC}\n\
         Parsed file: a.txt [1 sentences].\nParsed 4 words in 1 sentences (9.0 wds/sec).\n"
    );
    assert_eq!(sentences(&text).len(), 1);
}

#[test]
fn enhanced_dependencies_have_words_in_their_labels() {
    let basic =
        "nsubj(sat-2, Cat-1)\nroot(ROOT-0, sat-2)\ncase(mats-4, on-3)\nobl(sat-2, mats-4)\n";
    let enhanced = basic.replace("obl", "obl:on");
    assert_eq!(sentences(basic)[0].head, [2, 0, 4, 2]);
    assert_eq!(
        sentences(&basic.replace("obl", "obl:tmod"))[0].head,
        [2, 0, 4, 2]
    );
    assert!(messages(&typed(&enhanced))[0].contains("only collapsed or enhanced"));
    // Pairs of lists, of which the second may say the same as the first.
    let yes = "root(ROOT-0, Yes-1)\n";
    let read = sentences(&format!(
        "{basic}\n{enhanced}\n{yes}\n{yes}\n{basic}\n{enhanced}\n"
    ));
    let lengths: Vec<_> = read.iter().map(|s| s.token.len()).collect();
    assert_eq!(lengths, [4, 1, 4]);
    let two = format!(
        "Dependency Parse (basic dependencies):\n{BASIC}\n\
         Dependency Parse (enhanced plus plus dependencies):\n{BASIC}"
    );
    let text = core_nlp("Sentence #1 (4 tokens):", TOKENS, &two);
    let read = reading::read(&text, Format::CoreNlpText, Structure::Tree);
    assert_eq!(read[0].as_ref().unwrap().head, [2, 3, 0, NO_HEAD]);
}

#[test]
fn the_beginning_decides_whether_a_file_is_collapsed() {
    let collapsed = "prep_on(sat-1, mats-3)\nroot(ROOT-0, sat-1)\n\n";
    let several = "nsubj(sat-2, Cat-1)\nnsubj(Cat-1, Cat-1)\nroot(ROOT-0, sat-2)\n\n";
    let basic = format!("{BASIC}\n");
    let kept = |text: String| typed(&text).iter().filter(|s| s.is_ok()).count();
    assert_eq!(kept(collapsed.repeat(1500) + &basic.repeat(1500)), 0);
    assert_eq!(kept(basic.repeat(1500) + &collapsed.repeat(1500)), 1500);
    assert_eq!(kept(basic.repeat(5) + several), 5);
}

#[test]
fn long_lines_take_no_longer_than_they_are() {
    let commas = "x-1, ".repeat(40_000);
    let primes = "'".repeat(200_000);
    let read = typed(&format!("a({commas}x{primes})\n"));
    assert_eq!(read.len(), 1);
    // Nothing is kept of blank lines.
    let blank = "\n".repeat(5 << 20);
    let text = format!("{BASIC}{blank}{BASIC}");
    let read = reading::read_with(text.as_bytes(), Format::Typed, Structure::Tree, 1 << 16);
    assert_eq!(read.iter().filter(|s| s.is_ok()).count(), 2);
}
