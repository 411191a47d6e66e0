//! Whatever the bytes are, every reader comes to an end, with bounded memory, and gives nothing but
//! what its doc promises.

use std::io::{BufReader, Read};

use kprep_parse::{Error, Format, Structure};
use kprep_schemas::{check_heads, check_tree};
use proptest::prelude::*;

mod reading;

use reading::{read_all, read_with};

/// The same sentence in every format.
const FILES: [(Format, &str); 9] = [
    (
        Format::ConllU,
        include_str!("../../tests/data/deps/mixed.conllu"),
    ),
    (
        Format::ConllX,
        include_str!("../../tests/data/deps/sentence.conllx"),
    ),
    (
        Format::Conll2008,
        include_str!("../../tests/data/deps/sentence.conll2008"),
    ),
    (
        Format::Conll2009,
        include_str!("../../tests/data/deps/sentence.conll2009"),
    ),
    (
        Format::CoreNlp,
        include_str!("../../tests/data/deps/sentence.conll"),
    ),
    (
        Format::CoreNlpXml,
        include_str!("../../tests/data/deps/sentence.xml"),
    ),
    (
        Format::CoreNlpJson,
        include_str!("../../tests/data/deps/sentence.json"),
    ),
    (
        Format::CoreNlpText,
        include_str!("../../tests/data/deps/sentence.out"),
    ),
    (
        Format::Typed,
        include_str!("../../tests/data/deps/sentence.stp"),
    ),
];

/// Reads in every way there is; the records are the same with any buffer.
fn check(bytes: &[u8], format: Format, buffer: usize) -> Result<(), TestCaseError> {
    let _ = Format::sniff(bytes);
    for structure in [Structure::Tree, Structure::Any] {
        let whole = read_with(bytes, format, structure, 1 << 16);
        let parts = read_with(bytes, format, structure, buffer);
        prop_assert_eq!(format!("{:?}", whole), format!("{:?}", parts));
        for (i, sentence) in whole.iter().enumerate() {
            match sentence {
                Ok(sentence) if structure == Structure::Tree => {
                    prop_assert_eq!(check_tree(&sentence.head), Ok(()));
                }
                Ok(sentence) => prop_assert_eq!(check_heads(&sentence.head), Ok(())),
                Err(Error::Sentence { .. }) => {}
                Err(error) => prop_assert!(i + 1 == whole.len() && !format.has_rows(), "{}", error),
            }
        }
    }
    Ok(())
}

/// Nearly a line of a file.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        Just(String::new()),
        prop::sample::select(vec![
            "<s>",
            "======",
            "(ROOT",
            "(S (X a))",
            "a/X b/Y",
            "a b",
            "[]",
            "Tokens:",
            "[Text=a PartOfSpeech=X]",
            "Sentence #1 (2 tokens):",
            "Document: ID=d (1 sentences, 2 tokens)",
            "Dependency Parse (basic dependencies):",
            "Extracted the following",
        ])
        .prop_map(str::to_owned),
        "# (newdoc|sent_id|text)?( = .)?",
        "[1-3]([-.][1-3])?(\t[_ax1]){0,4}\t[-_0-3x]\t[_a](\t_){0,4}",
        "(det|conj_and)\\([a-b),(-]-[0-3]'?, ?[a-b),(-]-[0-3]'?\\)\t?",
        any::<String>(),
    ];
    let end = prop::sample::select(vec!["\n", "\r\n", "", "\n\n"]);
    prop_oneof![
        20 => (text, end).prop_map(|(text, end)| (text + end).into_bytes()),
        1 => any::<Vec<u8>>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn damaged_files(
        file in prop::sample::select(&FILES),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..9),
        cut in any::<prop::sample::Index>(),
        buffer in 1..99usize,
    ) {
        let (format, text) = file;
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte) in &damage {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        check(&bytes, format, buffer)?;
        check(&bytes[..cut.index(bytes.len())], format, buffer)?;
    }

    #[test]
    fn lines_that_look_like_something(
        lines in prop::collection::vec(line(), 0..60),
        format in prop::sample::select(&Format::ALL),
        buffer in 1..99usize,
    ) {
        check(&lines.concat(), format, buffer)?;
    }
}

/// A beginning, then the same again and again without an end, as a hostile file might hold.
struct Endless {
    beginning: &'static [u8],
    again: &'static [u8],
    read: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if !self.beginning.is_empty() {
            return self.beginning.read(into);
        }
        for byte in into.iter_mut() {
            *byte = self.again[self.read % self.again.len()];
            self.read += 1;
        }
        assert!(self.read < 1 << 24, "the reader goes on and on");
        Ok(into.len())
    }
}

#[test]
fn memory_is_bounded() {
    let (xml, json) = (Format::CoreNlpXml, Format::CoreNlpJson);
    let (text, typed) = (Format::CoreNlpText, Format::Typed);
    let sentences = "<root><document><sentences><sentence><tokens>";
    for (format, beginning, again) in [
        (xml, sentences, "x"),
        (xml, sentences, "<token id=\"1\"><word>x</word></token>"),
        (xml, sentences, "&amp;"),
        (xml, "<root><document><docId>", "&amp;"),
        (xml, "<root><", "x"),
        (json, "{\"sentences\": [\"", "x"),
        (json, "{\"sentences\": [{\"tokens\": [", "1,"),
        (json, "{\"docId\": \"", "x"),
        (json, "{\"", "x"),
        (text, "", "x"),
        (text, "Sentence #1 (1 tokens):\n", "x\n"),
        (text, "Sentence #1 (1 tokens):\na\n", "[Text=a]\n"),
        (text, "Sentence #1 (1 tokens):\na\n[Text=a]\n(ROOT", "(S \n"),
        (typed, "", "x"),
        (typed, "(ROOT\n", "(S \n"),
        (typed, "", "det(b-2, a-1)\n"),
        (typed, "", "det(b-2, a-1) "),
    ] {
        let input = BufReader::new(Endless {
            beginning: beginning.as_bytes(),
            again: again.as_bytes(),
            read: 0,
        });
        let read = read_all(input, format, Structure::Tree);
        let message = read.last().unwrap().as_ref().unwrap_err().to_string();
        assert!(
            message.contains("the end of a sentence within 4 MiB"),
            "{format} {again:?}: {message}"
        );
        assert_eq!(read.len(), 1, "{format} {again:?}");
    }
}
