//! Any tree, written in any of the formats, reads back the same.

use kprep_parse::{Format, NewDocument, Sentence, Structure};
use kprep_schemas::{NO_HEAD, Position, Words};
use proptest::prelude::*;

mod reading;
mod writing;

use reading::read_with;
use writing::write_all;

/// Word, tag, label: no tab or line break, not only blanks.
fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("_".to_owned()),
        "[-A-Za-zäß(),.'#<0-9]{1,8}",
        "[^\\p{C}\\p{Z}]{1,4}( [^\\p{C}\\p{Z}]{1,4})?",
    ]
}

/// Heads of a tree over `n` words: each word's head comes before it in a random order.
fn heads(n: usize) -> impl Strategy<Value = Vec<i32>> {
    let order = Just((1..=n).collect::<Vec<_>>()).prop_shuffle();
    let choices =
        prop::collection::vec((any::<prop::sample::Index>(), prop::bool::weighted(0.1)), n);
    (order, choices).prop_map(move |(order, choices)| {
        let mut head = vec![0; n];
        let mut tree = vec![order[0]];
        for (&word, (choice, headless)) in order.iter().zip(choices).skip(1) {
            if headless {
                head[word - 1] = NO_HEAD;
            } else {
                head[word - 1] = tree[choice.index(tree.len())] as i32;
                tree.push(word);
            }
        }
        head
    })
}

fn sentence() -> impl Strategy<Value = Sentence> {
    let comment = || prop::option::of("[^\\p{C}\\p{Z}]{1,9}( [^\\p{C}\\p{Z}]{1,9})?");
    let new_document = prop::option::of(prop::option::of("[a-z]{1,9}"));
    (1..30usize)
        .prop_flat_map(move |n| {
            let column = || prop::collection::vec(field(), n);
            (
                (new_document.clone(), comment(), comment()),
                (column(), heads(n), column(), column(), column()),
            )
        })
        .prop_map(
            |((new_document, sent_id, text), (token, head, mut deprel, upos, xpos))| {
                for (deprel, head) in deprel.iter_mut().zip(&head) {
                    if deprel == "_" || *head == NO_HEAD {
                        deprel.clear();
                    }
                }
                let tags = |column: Vec<String>| {
                    let any = column.iter().any(|t| t != "_");
                    any.then(|| column.iter().collect())
                };
                Sentence {
                    new_document: new_document.map(|id| NewDocument { id }),
                    sent_id,
                    text,
                    token: token.iter().collect(),
                    head,
                    deprel: deprel.iter().collect(),
                    upos: tags(upos),
                    xpos: tags(xpos),
                    ..Sentence::default()
                }
            },
        )
}

/// What the format can say of the sentence.
fn within(format: Format, mut sentence: Sentence) -> Sentence {
    if format != Format::ConllU {
        sentence.upos = None;
    }
    if !format.has_rows() {
        sentence.sent_id = None;
        sentence.new_document = None;
    }
    if !format.has_rows() && format != Format::CoreNlpText {
        sentence.text = None;
    }
    if matches!(format, Format::Typed | Format::CoreNlpText) {
        // Blanks end words and labels, and parentheses labels.
        let tags = sentence.xpos.iter().flat_map(Words::iter);
        let tags = tags.map(|tag| tag.replace([' ', '_', '/', ')', ']'], "X"));
        sentence.xpos = sentence.xpos.is_some().then(|| tags.collect());
        let without_blank = |word: &str| word.replace(' ', "_");
        sentence.token = sentence.token.iter().map(without_blank).collect();
        let labels = sentence.deprel.iter().zip(&sentence.head);
        let label = |(label, &head): (&str, &i32)| match label.replace([' ', '(', '_'], ":") {
            _ if head == NO_HEAD => String::new(),
            label => format!("dep{label}"),
        };
        sentence.deprel = labels.map(label).collect();
    }
    if format == Format::Typed && sentence.xpos.is_none() {
        sentence.xpos = Some(sentence.token.iter().map(|_| "X").collect());
    }
    sentence
}

proptest! {
    #[test]
    fn a_written_tree_reads_back(
        sentences in prop::collection::vec(sentence(), 1..6),
        format in prop::sample::select(&Format::ALL),
        crlf: bool,
        buffer in 1..200usize,
    ) {
        let sentences: Vec<_> = sentences.into_iter().map(|s| within(format, s)).collect();
        // A sentence of underscores alone is a treebank's without its text, and is refused.
        prop_assume!(sentences.iter().all(|s| s.token.iter().any(|word| word != "_")));
        let mut text = write_all(&sentences, format);
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let read: Vec<_> = read_with(text.as_bytes(), format, Structure::Tree, buffer)
            .into_iter()
            .map(|sentence| Sentence { position: Position::default(), ..sentence.unwrap() })
            .collect();
        prop_assert_eq!(read, sentences, "{}", text);
    }

    /// The beginning of a file tells its format, as far as the formats differ. Labels are no
    /// numbers.
    #[test]
    fn a_written_tree_is_recognised(
        sentences in prop::collection::vec(sentence(), 1..6),
        format in prop::sample::select(&Format::ALL),
    ) {
        let sentences: Vec<_> = sentences
            .into_iter()
            .map(|s| {
                let deprel = s.deprel.iter().zip(&s.head).map(|(label, &head)| match head {
                    NO_HEAD => String::new(),
                    _ => format!("x{label}"),
                });
                within(format, Sentence { deprel: deprel.collect(), ..s })
            })
            .collect();
        let found = Format::sniff(write_all(&sentences, format).as_bytes()).unwrap();
        let ten = [Format::ConllU, Format::ConllX];
        prop_assert!(found == format || ten.contains(&found) && ten.contains(&format), "{}", found);
    }
}
