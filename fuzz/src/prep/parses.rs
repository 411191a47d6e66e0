//! Dependency parses: by content as `kprep deps` reads them, and each format by itself.

use std::io::BufReader;
use std::ops::ControlFlow;

use kprep_parse::{Choice, Chunks, Error, Format, HeadSet, Sentence, Structure, read_sentences};
use kprep_schemas::{GroupBy, Record, Rules, Splitter};

use crate::target::{Target, beginning, chosen, file};

pub(super) const TARGETS: [Target; 6] = [
    Target {
        name: "parses",
        read: by_content,
        seeds: sentences,
    },
    Target {
        name: "parses_conll",
        read: |input| by_name(&CONLL, input),
        seeds: || chosen((0..).zip(CONLL_FILES)),
    },
    Target {
        name: "parses_corenlp_xml",
        read: |input| by_name(&[Format::CoreNlpXml], input),
        seeds: || chosen([(0, "tests/data/deps/sentence.xml")]),
    },
    Target {
        name: "parses_corenlp_json",
        read: |input| by_name(&[Format::CoreNlpJson], input),
        seeds: || chosen([(0, "tests/data/deps/sentence.json")]),
    },
    Target {
        name: "parses_corenlp_text",
        read: |input| by_name(&[Format::CoreNlpText], input),
        seeds: || chosen([(0, "tests/data/deps/sentence.out")]),
    },
    Target {
        name: "parses_typed",
        read: |input| by_name(&[Format::Typed], input),
        seeds: || chosen([(0, "tests/data/deps/sentence.stp")]),
    },
];

const CONLL: [Format; 5] = [
    Format::ConllU,
    Format::ConllX,
    Format::Conll2008,
    Format::Conll2009,
    Format::CoreNlp,
];

const CONLL_FILES: [&str; 5] = [
    "tests/data/deps/mixed.conllu",
    "tests/data/deps/sentence.conllx",
    "tests/data/deps/sentence.conll2008",
    "tests/data/deps/sentence.conll2009",
    "tests/data/deps/sentence.conll",
];

fn sentences() -> Vec<Vec<u8>> {
    let others = ["xml", "json", "out", "stp"].map(|end| format!("tests/data/deps/sentence.{end}"));
    let files = CONLL_FILES
        .into_iter()
        .chain(others.iter().map(String::as_str));
    let mut seeds: Vec<_> = files.map(file).collect();
    let sample = file("data/sample/deps/parses.conllu");
    seeds.push(beginning(sample, 4096, b"\n\n"));
    seeds
}

fn by_content(input: &[u8]) {
    for structure in [Structure::Tree, Structure::Any] {
        let mut blocks = Chunks::new(input);
        let Ok(format) = blocks.sniff() else {
            return;
        };
        let mut rows = Rows::new(structure);
        let _ = blocks.blocks(format, structure, &mut |block| {
            for sentence in block.read(structure).sentences {
                let broken = matches!(sentence, Err(Error::Input { .. }));
                rows.add(sentence)?;
                if broken {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
    }
}

/// The same sentences whatever the buffer is, all of which make rows that keep their rules. The
/// first byte of the input chooses the format and the buffer.
fn by_name(formats: &[Format], input: &[u8]) {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    let choice = usize::from(choice);
    let format = formats[choice % formats.len()];
    for structure in [Structure::Tree, Structure::Any] {
        let read = |buffer| {
            let (mut rows, mut read) = (Rows::new(structure), Vec::new());
            let text = BufReader::with_capacity(buffer, text);
            let _ = read_sentences(text, format, structure, &mut |sentence| {
                read.push(format!("{sentence:?}"));
                rows.add(sentence)
            });
            read
        };
        assert_eq!(read(1 << 16), read(1 + choice / formats.len()));
    }
}

/// The rows that sentences make.
struct Rows {
    set: HeadSet,
    rules: Rules<'static>,
    sentences: usize,
}

impl Rows {
    fn new(structure: Structure) -> Self {
        let choice = Choice {
            min_words: 1,
            max_words: usize::MAX,
            lowercase: true,
            unescape: true,
            keep_duplicates: true,
        };
        let splitter = Splitter {
            seed: 0,
            validation: 5,
            test: 5,
        };
        let mut set = HeadSet::new(choice, splitter, GroupBy::Sentence);
        set.start_input("input".into(), "input".into());
        let rules = Rules {
            allow_non_tree: structure == Structure::Any,
            ..Rules::default()
        };
        Self {
            set,
            rules,
            sentences: 0,
        }
    }

    fn add(&mut self, sentence: kprep_parse::Result<Sentence>) -> ControlFlow<()> {
        self.sentences += 1;
        assert!(self.sentences < 1 << 20, "the reader does not end");
        match sentence {
            Ok(sentence) => {
                if let Ok(row) = self.set.add(sentence) {
                    assert_eq!(row.row.check(&self.rules), Ok(()));
                }
            }
            Err(error) => drop(self.set.lose(&error)),
        }
        ControlFlow::Continue(())
    }
}
