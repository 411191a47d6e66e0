//! All examples of a split in memory, a few bytes a token: 5.5 million sentences of T-REx-rc take
//! half a gigabyte.

use std::collections::BTreeMap;
use std::ops::Range;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use kprep_schemas::{Dataset, Split};

use crate::config::{Config, LengthLimit};
use crate::data::examples::{Counts, Example, TrainingRow};
use crate::data::masks::{MaskTokens, WordMasks};
use crate::data::tokenizer::Vocabulary;
use crate::{Error, Result};

/// Rows that a worker tokenises at a time.
const CHUNK: usize = 1024;

/// The examples of a split, in the order of the dataset.
pub struct Store<R: TrainingRow> {
    ids: Ids,
    /// Where each example's tokens end; they start where those before it end.
    ends: Vec<u64>,
    targets: Vec<R::Target>,
    /// Whether scores need the text, too.
    is_scored: bool,
    /// What masks consist of; `None` where the tokenizer has none.
    mask: Option<MaskTokens>,
    /// What became of the rows.
    pub counts: Counts,
}

/// Token ids, in 16 bits where the vocabulary allows it (all but XLM-R's).
enum Ids {
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl<R: TrainingRow> Store<R> {
    /// Reads and tokenises a split of a dataset on `threads` threads. The result does not depend
    /// on their number.
    ///
    /// # Errors
    /// [`Error::Dataset`]; [`Error::Tokenizer`] without the tokens that mark entities.
    pub fn read(
        dataset: &Dataset,
        split: Split,
        vocabulary: &Vocabulary,
        limit: impl Into<LengthLimit>,
        threads: usize,
    ) -> Result<Self> {
        vocabulary.check_markers(R::MARKERS)?;
        read(dataset, split, vocabulary, limit.into(), threads)
    }

    /// A store of these examples.
    pub fn of(examples: impl IntoIterator<Item = Example<R::Target>>) -> Self {
        let mut store = Self::new(true);
        for example in examples {
            store.push(example);
        }
        store
    }

    fn new(is_scored: bool) -> Self {
        Self {
            ids: Ids::Narrow(Vec::new()),
            ends: Vec::new(),
            targets: Vec::new(),
            is_scored,
            mask: None,
            counts: Counts::default(),
        }
    }

    fn push(&mut self, mut example: Example<R::Target>) {
        self.ids.extend(&example.ids);
        self.ends.push(self.ids.len() as u64);
        if !self.is_scored {
            R::forget_text(&mut example.target);
        }
        self.targets.push(example.target);
    }

    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Tokens of an example.
    pub fn length(&self, i: usize) -> usize {
        let (start, end) = range(&self.ends, i);
        end - start
    }

    /// All tokens.
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }

    /// Writes some of an example's tokens to the front of `row`.
    pub fn copy_ids(&self, i: usize, tokens: Range<usize>, row: &mut [i64]) {
        let (first, _) = range(&self.ends, i);
        let (start, end) = (first + tokens.start, first + tokens.end);
        match &self.ids {
            Ids::Narrow(ids) => copy(&ids[start..end], row),
            Ids::Wide(ids) => copy(&ids[start..end], row),
        }
    }

    /// What is to be learnt from each example.
    pub fn targets(&self) -> &[R::Target] {
        &self.targets
    }

    /// The inputs of an example by their tokens.
    pub fn inputs(&self, i: usize) -> Vec<Range<usize>> {
        R::inputs(&self.targets[i], self.length(i))
    }

    /// An example's tokens with some words masked, and what is to be learnt then, for an epoch; `None` where the settings
    /// or the task say that nothing is masked. The masks of splits that are scored are always the same.
    pub fn masked(&self, i: usize, config: &Config, epoch: u64) -> Option<(Vec<i64>, R::Target)> {
        let share = R::masked_share(config, self.is_scored);
        let with = self.mask.filter(|_| share > 0.0)?;
        let (seed, epoch) = match (self.is_scored, config.cached_states) {
            (true, _) => (0, 0),
            (false, true) => (config.order_seed.unwrap_or(config.seed), 0),
            (false, false) => (config.order_seed.unwrap_or(config.seed), epoch),
        };
        let mut ids = vec![0; self.length(i)];
        self.copy_ids(i, 0..ids.len(), &mut ids);
        let mut masks = WordMasks::new(with, share, seed, epoch, i as u64);
        let target = R::mask(&self.targets[i], &mut ids, &mut masks)?;
        Some((ids, target))
    }

    /// At most `most` examples, evenly spread over the split; 0 = all.
    pub fn sample(&self, most: usize) -> Vec<usize> {
        let n = self.len();
        if most == 0 || n <= most {
            return (0..n).collect();
        }
        (0..most).map(|i| i * n / most).collect()
    }
}

fn range(ends: &[u64], i: usize) -> (usize, usize) {
    let start = if i == 0 { 0 } else { ends[i - 1] };
    (start as usize, ends[i] as usize)
}

fn copy<T: Copy + Into<i64>>(ids: &[T], row: &mut [i64]) {
    for (to, &id) in row.iter_mut().zip(ids) {
        *to = id.into();
    }
}

impl Ids {
    fn len(&self) -> usize {
        match self {
            Self::Narrow(ids) => ids.len(),
            Self::Wide(ids) => ids.len(),
        }
    }

    fn extend(&mut self, new: &[u32]) {
        if let Self::Narrow(ids) = self {
            if new.iter().all(|&id| u16::try_from(id).is_ok()) {
                ids.extend(new.iter().map(|&id| id as u16));
                return;
            }
            *self = Self::Wide(ids.iter().map(|&id| u32::from(id)).collect());
        }
        if let Self::Wide(ids) = self {
            ids.extend_from_slice(new);
        }
    }
}

type Rows<R> = (usize, Vec<R>);
type Tokenised<T> = (usize, Vec<Example<T>>, Counts);

fn read<R: TrainingRow>(
    dataset: &Dataset,
    split: Split,
    vocabulary: &Vocabulary,
    limit: LengthLimit,
    threads: usize,
) -> Result<Store<R>> {
    let (to_workers, rows) = bounded::<Rows<R>>(2 * threads);
    let (to_store, tokenised) = bounded::<Tokenised<R::Target>>(2 * threads);
    thread::scope(|scope| {
        let reader = scope.spawn(move || send_rows(dataset, split, &to_workers));
        for _ in 0..threads {
            let (rows, to_store) = (rows.clone(), to_store.clone());
            scope.spawn(move || tokenise(vocabulary, limit, &rows, &to_store));
        }
        drop((rows, to_store));
        let mut store = collect(Store::new(split != Split::Train), &tokenised);
        store.mask = vocabulary.mask().ok().map(|mask| MaskTokens {
            mask,
            tokens: vocabulary.len(),
        });
        match reader.join() {
            Ok(Ok(())) => Ok(store),
            Ok(Err(e)) => Err(e.into()),
            Err(_) => Err(Error::LoaderDied),
        }
    })
}

fn send_rows<R: TrainingRow>(
    dataset: &Dataset,
    split: Split,
    to_workers: &Sender<Rows<R>>,
) -> kprep_schemas::Result<()> {
    let mut rows = dataset.rows::<R>(split)?;
    for number in 0.. {
        let chunk = rows
            .by_ref()
            .take(CHUNK)
            .collect::<kprep_schemas::Result<Vec<R>>>()?;
        if chunk.is_empty() || to_workers.send((number, chunk)).is_err() {
            break;
        }
    }
    Ok(())
}

fn tokenise<R: TrainingRow>(
    vocabulary: &Vocabulary,
    limit: LengthLimit,
    rows: &Receiver<Rows<R>>,
    to_store: &Sender<Tokenised<R::Target>>,
) {
    let mut words = vocabulary.words();
    for (number, chunk) in rows {
        let mut counts = Counts::default();
        let examples = chunk
            .iter()
            .flat_map(|row| row.examples(&mut words, limit, &mut counts))
            .collect();
        if to_store.send((number, examples, counts)).is_err() {
            return;
        }
    }
}

/// Puts the chunks back into their order.
fn collect<R: TrainingRow>(
    mut store: Store<R>,
    tokenised: &Receiver<Tokenised<R::Target>>,
) -> Store<R> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, examples, counts) in tokenised {
        store.counts.add(&counts);
        early.insert(number, examples);
        while let Some(examples) = early.remove(&next) {
            for example in examples {
                store.push(example);
            }
            next += 1;
        }
    }
    store
}
