//! Texts to a dataset of supersenses.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::Result;
use kprep_align::Supersenses;
use kprep_ingest::Input;
use kprep_schemas::{InputFile, LabelExample, OutputDir, Reject, Split, Splitter, stable_hash};
use rustc_hash::FxHashSet;

use super::args::Args;
use super::gold::{self, malformed};
use super::rows::Rows;
use super::text::{Batch, Text, sentences};
use crate::build::errors::Errors;
use crate::build::{inputs, pipeline};
use crate::sources::align::sources::bytes;
use crate::sources::lexicon::Wordnet;
use crate::sources::task::build::{Build, Outcome};
use crate::sources::task::files::Place;

/// The reason of a row that is there already.
const REPEATED: &str = "words of an earlier sentence";

/// The texts and gold files of a run.
pub(crate) struct Sources {
    pub(crate) texts: Vec<Text>,
    pub(crate) gold: Vec<Input>,
    /// Where rows go: of the text, and of each gold file.
    places: Vec<Place>,
    /// Files beside those of gold.
    side: Vec<Input>,
}

impl Sources {
    /// Opens what the arguments name.
    pub(crate) fn open(args: &Args, wordnet: &Wordnet) -> Result<Self> {
        let mut texts = Vec::new();
        if args.reads_examples() {
            let synsets = Box::new(wordnet.synsets.clone());
            texts.push(Text::Dataset("synsets".into(), synsets));
        }
        for path in &args.text {
            texts.push(Text::open(path)?);
        }
        let mut sources = Self {
            texts,
            gold: Vec::new(),
            places: Vec::new(),
            side: Vec::new(),
        };
        sources.places.push(match splitter(args) {
            Some(splitter) => Place::Hash(splitter),
            None => Place::Given(Split::Train),
        });
        for (split, paths) in Split::ALL.into_iter().zip(args.gold_files.by_split()) {
            sources.add_gold(args, paths, Place::Given(split))?;
        }
        let evenly = Splitter {
            seed: args.build.seed(),
            validation: 50,
            test: 50,
        };
        sources.add_gold(args, &args.gold, Place::Hash(evenly))?;
        Ok(sources)
    }

    fn add_gold(&mut self, args: &Args, paths: &[PathBuf], place: Place) -> Result<()> {
        let suffixes = [".conllulex", ".data.xml"];
        for input in inputs::find(paths, &suffixes, &args.out, args.build.run.quiet)? {
            self.gold.push(input);
            self.places.push(place);
        }
        Ok(())
    }

    /// Files that are no datasets.
    pub(crate) fn files(&self) -> Vec<Input> {
        let texts = self.texts.iter().filter_map(|text| match text {
            Text::File(input) => Some(input),
            Text::Dataset(..) => None,
        });
        let files = texts.chain(&self.gold).chain(&self.side);
        files.cloned().collect()
    }

    /// Stored bytes of all that is read; none if a pipe is among it.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let datasets = self.texts.iter().map(|text| match text {
            Text::Dataset(_, dataset) => bytes(dataset),
            Text::File(_) => 0,
        });
        Some(datasets.sum::<u64>() + inputs::total_bytes(&self.files())?)
    }

    /// All that was read, for the manifest; `read_whole` if no limit cut it off.
    pub(crate) fn described(&self, wordnet: &Wordnet, read_whole: bool) -> Result<Vec<InputFile>> {
        let mut datasets = vec![("synsets", &wordnet.synsets)];
        datasets.extend(self.texts.iter().filter_map(|text| match text {
            Text::Dataset(name, dataset) if name != "synsets" => Some((name.as_str(), &**dataset)),
            _ => None,
        }));
        let mut all = inputs::of_datasets(&datasets);
        all.extend(inputs::described(&self.files(), read_whole)?);
        Ok(all)
    }
}

/// How the text is split; not at all where gold files are validation and test.
fn splitter(args: &Args) -> Option<Splitter> {
    (!args.has_gold_splits()).then(|| args.build.splitter())
}

/// Reads everything, gold first: sentences of the text that are in it are left out.
pub(crate) fn build(
    args: &Args,
    wordnet: &Wordnet,
    sources: &mut Sources,
    out: OutputDir,
    read: &Arc<AtomicU64>,
) -> Result<Build<LabelExample>> {
    let pos = args.pos();
    let rows = Rows {
        supersenses: Supersenses::new(&wordnet.lexicon, &pos),
        labels: args.labels,
        splitter: splitter(args),
        group_by: args.group_by(),
    };
    let errors = Errors::new(args.build.errors.max_errors, args.build.run.quiet);
    let names = rows.supersenses.class_names().to_vec();
    let places = sources.places.clone();
    let mut build = Build::create(out, names, places, args.group_by(), errors)?;
    let mut seen = Seen::default();
    for (file, input) in sources.gold.iter().enumerate() {
        let side = &mut sources.side;
        let make = |told| vec![rows.gold(told)];
        gold::read((input, side), &make, read, &mut |name, outcome| {
            build.add((1 + file, name), seen.note(outcome), |_, _| {})
        })?;
    }
    let limit = args.limit.unwrap_or(u64::MAX);
    for text in &sources.texts {
        pipeline::ordered(
            args.build.run.threads(),
            |send| text.batches(limit, read, send),
            |batch| outcomes(batch, &rows, wordnet, &pos),
            |outcomes| {
                for (name, outcome) in outcomes {
                    build.add((0, &name), seen.once(outcome), |_, _| {})?;
                }
                Ok(ControlFlow::Continue(()))
            },
        )?;
    }
    Ok(build)
}

/// What became of the sentences of a batch, each with its source.
fn outcomes(
    batch: Batch,
    rows: &Rows<'_>,
    wordnet: &Wordnet,
    pos: &[char],
) -> Vec<(String, Outcome<LabelExample>)> {
    match batch {
        Batch::Broken(message) => vec![(String::new(), Outcome::Broken(message))],
        Batch::Malformed(name, position, detail) => {
            let outcome = malformed(&name, position, detail);
            vec![(name, outcome)]
        }
        batch => {
            let told = sentences(batch, &wordnet.lexicon, pos).into_iter();
            told.map(|told| (told.source.clone(), rows.of_text(told)))
                .collect()
        }
    }
}

/// Rows so far, hashed. Memory: 16 bytes a row, twice where it tells one class a span.
#[derive(Default)]
struct Seen {
    rows: FxHashSet<u64>,
}

impl Seen {
    /// Notes a row of a gold file, which keeps all its sentences.
    fn note(&mut self, outcome: Outcome<LabelExample>) -> Outcome<LabelExample> {
        if let Outcome::Row(_, row) = &outcome {
            self.rows
                .insert(stable_hash(row.token.iter().map(str::as_bytes)));
        }
        outcome
    }

    /// A row whose words were there before is lost. Gold rows of the same words may label others of
    /// them.
    fn once(&mut self, outcome: Outcome<LabelExample>) -> Outcome<LabelExample> {
        let Outcome::Row(position, row) = outcome else {
            return outcome;
        };
        let words = stable_hash(row.token.iter().map(str::as_bytes));
        let is_new = if is_gold(&row) {
            let starts: Vec<[u8; 4]> = row.span_start.iter().map(|s| s.to_le_bytes()).collect();
            let starts = starts.iter().map(<[u8; 4]>::as_slice);
            let classes = row.class.iter().map(str::as_bytes);
            let words = words.to_le_bytes();
            let said = stable_hash([&words[..]].into_iter().chain(starts).chain(classes));
            self.rows.insert(said)
        } else {
            !self.rows.contains(&words)
        };
        self.rows.insert(words);
        if is_new {
            return Outcome::Row(position, row);
        }
        Outcome::Lost(Reject {
            doc_id: Some(row.doc_id),
            reason: REPEATED,
            detail: row.text,
            ..Reject::default()
        })
    }
}

/// Whether a row tells one supersense a span, as its source does.
fn is_gold(row: &LabelExample) -> bool {
    row.class_span.len() == row.span_start.len()
}
