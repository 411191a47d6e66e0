//! Any tree, written in any of the formats, reads back the same.

use std::io::BufReader;

use kprep_parse::{ConllReader, Error, Format, NewDocument, Sentence};
use kprep_schemas::{NO_HEAD, Position, Words};
use proptest::prelude::*;

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
    sentence
}

fn write(sentence: &Sentence, format: Format) -> String {
    let mut lines = Vec::new();
    match &sentence.new_document {
        Some(NewDocument { id: Some(id) }) => lines.push(format!("# newdoc id = {id}")),
        Some(NewDocument { id: None }) => lines.push("# newdoc".to_owned()),
        None => {}
    }
    for (key, value) in [("sent_id", &sentence.sent_id), ("text", &sentence.text)] {
        if let Some(value) = value {
            lines.push(format!("# {key} = {value}"));
        }
    }
    for (i, form) in sentence.token.iter().enumerate() {
        let id = i + 1;
        let tag = |tags: &Option<Words>| tags.as_ref().map_or("_".into(), |t| t[i].to_owned());
        let (upos, xpos) = (tag(&sentence.upos), tag(&sentence.xpos));
        let head = match sentence.head[i] {
            NO_HEAD => "_".to_owned(),
            head => head.to_string(),
        };
        let deprel = match &sentence.deprel[i] {
            "" => "_",
            deprel => deprel,
        };
        if format == Format::CoreNlp {
            lines.push(format!("{id}\t{form}\t_\t{xpos}\tO\t{head}\t{deprel}"));
            continue;
        }
        if format == Format::ConllU && i % 3 == 2 {
            let range = "\tx\t_\t_\t_\t_\t_\t_\t_\t_";
            lines.push(format!("{id}-{}{range}\n{i}.1{range}", id + 1));
        }
        lines.push(format!(
            "{id}\t{form}\t_\t{upos}\t{xpos}\tA=b c\t{head}\t{deprel}\t_\t_"
        ));
    }
    lines.join("\n") + "\n"
}

proptest! {
    #[test]
    fn a_written_tree_reads_back(
        sentences in prop::collection::vec(sentence(), 1..6),
        format in prop::sample::select(vec![Format::ConllU, Format::ConllX, Format::CoreNlp]),
        crlf: bool,
        buffer in 1..200usize,
    ) {
        let text: Vec<_> = sentences.iter().map(|s| write(s, format)).collect();
        let mut text = text.join("\n");
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let input = BufReader::with_capacity(buffer, text.as_bytes());
        let read: Vec<_> = ConllReader::new(input, format)
            .map(|sentence| Sentence { position: Position::default(), ..sentence.unwrap() })
            .collect();
        let expected: Vec<_> = sentences.into_iter().map(|s| within(format, s)).collect();
        prop_assert_eq!(read, expected);
    }

    /// Whatever the bytes, reading them ends, and every error but the last costs one sentence.
    #[test]
    fn any_bytes_are_read_to_their_end(
        lines in prop::collection::vec(line(), 0..60),
        format in prop::sample::select(vec![Format::ConllU, Format::ConllX, Format::CoreNlp]),
    ) {
        let bytes = lines.concat();
        let _ = Format::sniff(&bytes);
        for sentence in ConllReader::new(bytes.as_slice(), format) {
            match sentence {
                Ok(sentence) => prop_assert_eq!(kprep_schemas::check_tree(&sentence.head), Ok(())),
                Err(Error::Sentence { .. }) => {}
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
    }
}

/// Nearly a line of a file.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just(String::new()),
        Just("<s>".to_owned()),
        "# (newdoc|sent_id|text)?( = .)?",
        "[1-3]([-.][1-3])?(\t[_ax1]){0,4}\t[-_0-3x]\t[_a](\t_){0,4}",
        any::<String>(),
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", "", "\n\n"]);
    prop_oneof![
        20 => (text, end).prop_map(|(text, end)| (text + end).into_bytes()),
        1 => any::<Vec<u8>>(),
    ]
}
