//! The texts whose words get supersenses: examples, pages, parses.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Result, bail};
use kprep_align::{Lexicon, TaggedSentence, examples, lemma};
use kprep_ingest::Input;
use kprep_parse::{Chunks, Sentence, Structure, read_sentences};
use kprep_schemas::{
    AlignedPage, Dataset, DependencyExample, Page, Position, Record, Split, Synset, Words,
    is_dataset,
};

use super::rows::{Told, own_sense};

/// Rows that travel together.
const BATCH: usize = 64;

/// A text.
pub(crate) enum Text {
    /// A dataset, with the name that rejects give it.
    Dataset(String, Box<Dataset>),
    /// `CoNLL-U`.
    File(Input),
}

/// Part of a text, on its way to a worker.
pub(crate) enum Batch {
    Synsets(Vec<Synset>),
    Pages(String, Vec<Page>),
    AlignedPages(String, Vec<AlignedPage>),
    Dependencies(String, Vec<DependencyExample>),
    /// Sentences of a file, each with its document and its number there.
    Sentences(String, Vec<(String, u64, Sentence)>),
    /// A sentence that is malformed.
    Malformed(String, Position, String),
    /// A file that cannot be read to its end.
    Broken(String),
}

type Send<'a> = &'a mut dyn FnMut(Batch) -> ControlFlow<()>;

impl Text {
    /// The text at a path.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        if !is_dataset(path) {
            return Ok(Self::File(Input::new(path)?));
        }
        let dataset = Dataset::open(path)?;
        let record = dataset.manifest.record.as_str();
        let known = [Page::NAME, AlignedPage::NAME, DependencyExample::NAME];
        if !known.contains(&record) {
            let known = known.join(", ");
            bail!(
                "{}: expected records of {known}, found {record}",
                path.display()
            );
        }
        let name = dataset.manifest.name.clone();
        Ok(Self::Dataset(name, Box::new(dataset)))
    }

    /// Gives the first `limit` rows to `send` until that breaks.
    pub(crate) fn batches(&self, limit: u64, read: &Arc<AtomicU64>, send: Send<'_>) -> Result<()> {
        let (name, dataset) = match self {
            Self::File(input) => {
                file(input, limit, read, send);
                return Ok(());
            }
            Self::Dataset(name, dataset) => (name, dataset),
        };
        let rows = Rows {
            dataset,
            limit,
            read,
        };
        match dataset.manifest.record.as_str() {
            Synset::NAME => rows.send(send, Batch::Synsets),
            Page::NAME => rows.send(send, |rows| Batch::Pages(name.clone(), rows)),
            AlignedPage::NAME => rows.send(send, |rows| Batch::AlignedPages(name.clone(), rows)),
            _ => rows.send(send, |rows| Batch::Dependencies(name.clone(), rows)),
        }
    }
}

/// The rows of a dataset.
struct Rows<'a> {
    dataset: &'a Dataset,
    limit: u64,
    /// Counts the stored bytes read.
    read: &'a AtomicU64,
}

impl Rows<'_> {
    /// Gives those of all splits to `send`, some at a time.
    fn send<R: Record>(&self, send: Send<'_>, batch: impl Fn(Vec<R>) -> Batch) -> Result<()> {
        let mut left = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let shards = &self.dataset.manifest.shards;
        let all: u64 = shards.iter().map(|shard| shard.rows).sum();
        let bytes = shards.iter().map(|shard| shard.bytes).sum::<u64>() / all.max(1);
        let mut rows = Vec::new();
        for split in Split::ALL {
            for row in self.dataset.rows::<R>(split)?.take(left) {
                rows.push(row?);
                left -= 1;
                if rows.len() == BATCH {
                    self.read.fetch_add(bytes * BATCH as u64, Ordering::Relaxed);
                    if send(batch(std::mem::take(&mut rows))).is_break() {
                        return Ok(());
                    }
                }
            }
        }
        let _ = send(batch(rows));
        Ok(())
    }
}

/// The sentences of a file, some at a time.
fn file(input: &Input, limit: u64, read: &Arc<AtomicU64>, send: Send<'_>) {
    let visited = input.visit(read, |name, content| -> Result<(), kprep_ingest::Error> {
        let mut blocks = Chunks::new(content);
        let format = match blocks.sniff() {
            Ok(format) => format,
            Err(error) => {
                let _ = send(Batch::Broken(format!("{name}: {error}")));
                return Ok(());
            }
        };
        let mut documents = Documents::new(name);
        let mut sentences = Vec::new();
        let mut left = limit;
        let take = &mut |sentence: kprep_parse::Result<Sentence>| {
            let batch = match sentence {
                Ok(sentence) => {
                    sentences.push(documents.place(sentence));
                    if sentences.len() < BATCH && left > 1 {
                        left -= 1;
                        return ControlFlow::Continue(());
                    }
                    Batch::Sentences(name.to_owned(), std::mem::take(&mut sentences))
                }
                Err(kprep_parse::Error::Sentence { position, fault }) => {
                    Batch::Malformed(name.to_owned(), position, fault.to_string())
                }
                Err(error) => Batch::Broken(format!("{name}: {error}")),
            };
            left = left.saturating_sub(1);
            send(batch)?;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let flow = read_sentences(blocks.into_input(), format, Structure::Any, take);
        if flow.is_continue() {
            let _ = send(Batch::Sentences(name.to_owned(), sentences));
        }
        Ok(())
    });
    if let Err(error) = visited {
        let _ = send(Batch::Broken(error.to_string()));
    }
}

/// The documents of a file.
pub(crate) struct Documents {
    file: String,
    id: String,
    number: u64,
    unnamed: u64,
}

impl Documents {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            id: file.to_owned(),
            number: 0,
            unnamed: 0,
        }
    }

    /// The document of the next sentence and the number of this there.
    pub(crate) fn next(&mut self, new_document: Option<kprep_parse::NewDocument>) -> (String, u64) {
        if let Some(document) = new_document {
            self.number = 0;
            self.id = document.id.unwrap_or_else(|| {
                self.unnamed += 1;
                format!("{}#{}", self.file, self.unnamed)
            });
        }
        self.number += 1;
        (self.id.clone(), self.number - 1)
    }

    fn place(&mut self, mut sentence: Sentence) -> (String, u64, Sentence) {
        let (doc_id, number) = self.next(sentence.new_document.take());
        (doc_id, number, sentence)
    }
}

/// The sentences of a batch; what cannot be read is for the caller.
pub(crate) fn sentences(batch: Batch, lexicon: &Lexicon, pos: &[char]) -> Vec<Told> {
    match batch {
        Batch::Synsets(rows) => rows
            .iter()
            .flat_map(|row| of_synset(row, lexicon, pos))
            .collect(),
        Batch::Pages(source, pages) => pages
            .iter()
            .flat_map(|page| {
                let sentences = [&page.sentence_start, &page.sentence_end];
                let words = [&page.word_start, &page.word_end];
                of_page(&source, &page.id, &page.text, sentences, words)
            })
            .collect(),
        Batch::AlignedPages(source, pages) => pages
            .iter()
            .flat_map(|page| {
                let sentences = [&page.sentence_start, &page.sentence_end];
                let words = [&page.word_start, &page.word_end];
                of_page(&source, &page.id, &page.text, sentences, words)
            })
            .collect(),
        Batch::Dependencies(source, rows) => {
            let rows = rows.into_iter();
            rows.map(|row| of_dependencies(&source, row)).collect()
        }
        Batch::Sentences(source, rows) => rows
            .into_iter()
            .map(|(doc_id, number, row)| of_parse(&source, doc_id, number, row))
            .collect(),
        Batch::Malformed(..) | Batch::Broken(_) => Vec::new(),
    }
}

fn told(source: &str, sentence: TaggedSentence) -> Told {
    Told {
        source: source.to_owned(),
        position: Position::default(),
        sentence,
        own: None,
    }
}

/// The examples of a synset, if it is of a part of speech that is labelled.
fn of_synset(synset: &Synset, lexicon: &Lexicon, pos: &[char]) -> Vec<Told> {
    let letter = match synset.pos.as_str() {
        "s" => 'a',
        other => other.chars().next().unwrap_or_default(),
    };
    if !pos.contains(&letter) {
        return Vec::new();
    }
    let examples = examples(lexicon, synset).map(|example| {
        let sentence = TaggedSentence {
            doc_id: synset.id.clone(),
            number: example.number as u64,
            text: example.text,
            token: example.token,
            upos: None,
            gold: own_sense(example.own, synset, lemma).into_iter().collect(),
        };
        Told {
            own: Some(example.own),
            ..told("synsets", sentence)
        }
    });
    examples.collect()
}

/// The sentences of a page.
fn of_page(
    source: &str,
    id: &str,
    text: &str,
    [starts, ends]: [&Vec<i32>; 2],
    [word_starts, word_ends]: [&Vec<i32>; 2],
) -> Vec<Told> {
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let slice = |start: i32, end: i32| {
        let at = |point: i32| bytes.get(usize::try_from(point).ok()?).copied();
        text.get(at(start)?..at(end)?)
    };
    let sentences = (0..).zip(starts.iter().zip(ends));
    let sentences = sentences.filter_map(|(number, (&start, &end))| {
        let first = word_starts.partition_point(|&word| word < start);
        let words = word_starts[first..].iter().zip(&word_ends[first..]);
        let words = words.take_while(|&(_, &word_end)| word_end <= end);
        let token: Words = words
            .filter_map(|(&start, &end)| slice(start, end))
            .collect();
        let sentence = TaggedSentence {
            doc_id: id.to_owned(),
            number,
            text: slice(start, end)?.to_owned(),
            token,
            ..TaggedSentence::default()
        };
        Some(told(source, sentence))
    });
    sentences.collect()
}

fn of_dependencies(source: &str, row: DependencyExample) -> Told {
    let text = row.text.unwrap_or_else(|| row.token.join(" "));
    let sentence = TaggedSentence {
        // Its id has its place in the document, which the row does not tell.
        doc_id: if row.doc_id.is_empty() {
            row.id
        } else {
            row.doc_id
        },
        number: 0,
        text,
        token: row.token,
        upos: row.upos,
        gold: Vec::new(),
    };
    told(source, sentence)
}

fn of_parse(source: &str, doc_id: String, number: u64, row: Sentence) -> Told {
    let text = row.text.unwrap_or_else(|| row.token.join(" "));
    let sentence = TaggedSentence {
        doc_id,
        number,
        text,
        token: row.token,
        upos: row.upos,
        gold: Vec::new(),
    };
    Told {
        position: row.position,
        ..told(source, sentence)
    }
}
