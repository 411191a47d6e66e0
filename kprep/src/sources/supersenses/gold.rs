//! Texts whose supersenses people have told: STREUSLE and `SemCor`.

use std::io::BufRead;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, Result, anyhow};
use kprep_align::{GoldSense, TaggedSentence};
use kprep_ingest::semcor::{SemcorReader, SemcorSentence, gold_keys};
use kprep_ingest::task::MALFORMED;
use kprep_ingest::wordnet::WordNetError;
use kprep_ingest::{Input, without_compression};
use kprep_parse::{LexReader, LexSentence};
use kprep_schemas::{LEXFILES, Position, Reject, Words};
use rustc_hash::FxHashMap;

use super::rows::Told;
use super::text::Documents;
use crate::sources::task::build::Outcome;

/// What is counted within sentences.
const GAP: &str = "expressions with other words between theirs";
const NO_CLASS: &str = "labels that WordNet does not have (n.OTHER)";
const NO_KEY: &str = "tagged words without a key";
const AMBIGUOUS: &str = "tagged words of several supersenses";

/// How the names of Raganato's files end.
const DATA: &str = ".data.xml";
const KEYS: &str = ".gold.key.txt";

/// Takes what became of a sentence of a file.
type Take<'a, R> = &'a mut dyn FnMut(&str, Outcome<R>) -> Result<()>;

/// Makes a row of a sentence.
type Make<'a, R> = &'a dyn Fn(Told) -> Vec<Outcome<R>>;

/// Reads a file. What breaks it off is an outcome, too.
///
/// Files beside it that were read, too, are added to `side`.
pub(crate) fn read<R>(
    (input, side): (&Input, &mut Vec<Input>),
    make: Make<'_, R>,
    read: &Arc<AtomicU64>,
    take: Take<'_, R>,
) -> Result<()> {
    let mut failed = None;
    let visited = input.visit(read, |name, content| -> Result<(), kprep_ingest::Error> {
        let done = match content.fill_buf() {
            Ok(start) if is_xml(start) => semcor((input, side), name, content, make, take),
            _ => streusle(name, content, make, take),
        };
        failed = failed.take().or(done.err());
        Ok(())
    });
    if let Err(error) = visited {
        take("", Outcome::Broken(error.to_string()))?;
    }
    failed.map_or(Ok(()), Err)
}

fn is_xml(start: &[u8]) -> bool {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.trim_ascii_start().starts_with(b"<")
}

fn streusle<R>(
    name: &str,
    content: &mut dyn BufRead,
    make: Make<'_, R>,
    take: Take<'_, R>,
) -> Result<()> {
    let mut documents = Documents::new(name);
    for sentence in LexReader::new(content) {
        match sentence {
            Ok(mut sentence) => {
                let (doc_id, number) = documents.next(sentence.new_document.take());
                let position = sentence.position;
                let (sentence, lost) = of_streusle(doc_id, number, sentence);
                for reason in lost {
                    take(name, Outcome::Within(reason, 1))?;
                }
                for outcome in make(told(name, position, sentence)) {
                    take(name, outcome)?;
                }
            }
            Err(kprep_parse::Error::Sentence { position, fault }) => {
                take(name, malformed(name, position, fault.to_string()))?;
            }
            Err(error) => take(name, Outcome::Broken(format!("{name}: {error}")))?,
        }
    }
    Ok(())
}

/// The sentence, and why some of its labels are none of a row.
fn of_streusle(
    doc_id: String,
    number: u64,
    sentence: LexSentence,
) -> (TaggedSentence, Vec<&'static str>) {
    let mut lost = Vec::new();
    let gold = sentence.labels.into_iter().filter_map(|label| {
        let (&start, &end) = (label.words.first()?, label.words.last()?);
        if end - start + 1 != label.words.len() {
            lost.push(GAP);
            return None;
        }
        if label.lexfile.is_none() {
            lost.push(NO_CLASS);
        }
        Some(GoldSense {
            start,
            end,
            lemma: label.lemma,
            key: String::new(),
            lexfile: label.lexfile?,
        })
    });
    let gold = gold.collect();
    let text = sentence.text.unwrap_or_else(|| sentence.token.join(" "));
    let sentence = TaggedSentence {
        doc_id,
        number,
        text,
        token: sentence.token,
        upos: Some(sentence.upos),
        gold,
    };
    (sentence, lost)
}

fn semcor<R>(
    (input, side): (&Input, &mut Vec<Input>),
    name: &str,
    content: &mut dyn BufRead,
    make: Make<'_, R>,
    take: Take<'_, R>,
) -> Result<()> {
    let (keys, file) = keys_of(input)?;
    side.push(file);
    let mut number = 0;
    for sentence in SemcorReader::new(content) {
        match sentence {
            Ok((position, sentence)) => {
                let (sentence, lost) = of_semcor(number, sentence, &keys);
                number += 1;
                for reason in lost {
                    take(name, Outcome::Within(reason, 1))?;
                }
                for outcome in make(told(name, position, sentence)) {
                    take(name, outcome)?;
                }
            }
            // What is not well-formed has no next sentence: the stream ends, and with it the file.
            Err(WordNetError::Syntax {
                position,
                expected,
                found,
            }) => {
                let detail = format!("expected {expected}, found {found}");
                take(name, malformed(name, position, detail))?;
            }
            Err(error) => take(name, Outcome::Broken(format!("{name}, {error}")))?,
        }
    }
    Ok(())
}

/// The keys of `X.gold.key.txt` beside `X.data.xml`, compressed or not.
fn keys_of(input: &Input) -> Result<(FxHashMap<String, Words>, Input)> {
    let path = &input.path;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = without_compression(&file).strip_suffix(DATA);
    let stem = stem.with_context(|| {
        format!(
            "{}: expected a name that ends in {DATA}: the keys are beside it",
            path.display()
        )
    })?;
    let beside = ["", ".gz", ".bz2", ".zst", ".xz"]
        .map(|end| path.with_file_name(format!("{stem}{KEYS}{end}")));
    let found = beside.iter().find(|path| path.is_file());
    let found = found.with_context(|| {
        format!(
            "{}: no {stem}{KEYS} beside it, which has the senses",
            path.display()
        )
    })?;
    let mut keys = FxHashMap::default();
    let file = Input::new(found)?;
    file.visit(&Arc::default(), |name, content| -> Result<()> {
        for line in gold_keys(content) {
            let (_, line) = line.map_err(|error| anyhow!("{name}, {error}"))?;
            keys.insert(line.id, line.keys);
        }
        Ok(())
    })?;
    Ok((keys, file))
}

fn of_semcor(
    number: u64,
    sentence: SemcorSentence,
    keys: &FxHashMap<String, Words>,
) -> (TaggedSentence, Vec<&'static str>) {
    let mut lost = Vec::new();
    let gold = sentence.tagged.into_iter().filter_map(|word| {
        let Some(keys) = keys.get(&word.id) else {
            lost.push(NO_KEY);
            return None;
        };
        let mut files = keys.iter().map(lexfile_of_key);
        let first = files.next().flatten();
        if first.is_none() || files.any(|file| file != first) {
            lost.push(AMBIGUOUS);
            return None;
        }
        Some(GoldSense {
            start: word.start,
            end: word.end,
            lemma: word.lemma,
            key: keys.iter().next().unwrap_or_default().to_owned(),
            lexfile: first?,
        })
    });
    let gold = gold.collect();
    let sentence = TaggedSentence {
        doc_id: sentence.text_id,
        number,
        text: sentence.token.join(" "),
        token: sentence.token,
        upos: Some(sentence.upos),
        gold,
    };
    (sentence, lost)
}

/// The lexicographer file in a sense key: `lemma%type:file:id:head:head_id`.
fn lexfile_of_key(key: &str) -> Option<i32> {
    let (_, rest) = key.rsplit_once('%')?;
    let file: usize = rest.split(':').nth(1)?.parse().ok()?;
    (file < LEXFILES.len()).then_some(file as i32)
}

fn told(name: &str, position: Position, sentence: TaggedSentence) -> Told {
    Told {
        source: name.to_owned(),
        position,
        sentence,
        own: None,
    }
}

pub(crate) fn malformed<R>(name: &str, position: Position, detail: String) -> Outcome<R> {
    Outcome::Lost(Reject::at(name, position, MALFORMED, detail))
}
