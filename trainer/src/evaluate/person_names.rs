//! Facts whose person's name gives the answer away: the second filter of LAMA-UHN (Poerner,
//! Waltinger and Schütze, 2019, "BERT is Not a Knowledge Base (Yet)", section 2.1; the relations,
//! words and numbers are those of LAMA's own `create_lama_uhn.py`).
//!
//! The first filter, facts whose object stands in their subject, is `kprep task lama --uhn`.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use kprep_schemas::{ClozeExample, Dataset, Split};
use tch::{Device, Kind, Tensor};

use crate::console::Console;
use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::Vocabulary;
use crate::model::backbone::Backbone;
use crate::model::mlm::Mlm;
use crate::{Error, Result};

/// Guesses that count.
const TOP: i64 = 3;

/// Questions computed together.
const BATCH: usize = 128;

/// What a name is said to be common in, by the relation.
fn asked_of(relation: &str) -> Option<&'static str> {
    match relation {
        "P19" | "P20" | "place_of_birth" | "place_of_death" => Some("city"),
        "P27" => Some("country"),
        "P103" | "P1412" => Some("language"),
        _ => None,
    }
}

/// What is asked, and a part of a name.
type Question = (&'static str, String);

/// What a model guesses of the names in a dataset of facts.
pub struct Names {
    vocabulary: Vocabulary,
    /// The first guesses.
    guesses: HashMap<Question, Vec<i64>>,
}

impl Names {
    /// Asks the layer that a checkpoint ships, for each part of each subject's name: "X is a common name
    /// in the following city : ___ ." The published filter is that of `bert-base-cased`. About 200 bytes
    /// a name. One that is too long for the checkpoint gives nothing away.
    ///
    /// # Errors
    /// What [`Backbone::load`] says; [`Error::Unfit`] for a checkpoint without an MLM head;
    /// [`Error::Dataset`].
    pub fn ask(dir: &Path, dataset: &Dataset, device: Device, console: Console) -> Result<Self> {
        let vocabulary = Vocabulary::load(dir)?;
        let backbone = Backbone::load(dir, device, Kind::Float)?;
        let mlm = Mlm::shipped(dir, &backbone).map_err(|error| match error {
            Error::NoMlmHead { .. } => Error::Unfit {
                path: dir.to_owned(),
                reason: "no MLM head, which ranks the names: name the folder of a checkpoint that has one, as \
                         bert-base-cased does"
                    .to_owned(),
            },
            other => other,
        })?;
        let longest = backbone.config().max_length();
        let (questions, lines, places) = lines(questions(dataset)?, &vocabulary, longest)?;
        let mut guesses: Vec<Vec<i64>> = vec![Vec::new(); questions.len()];
        let mut bar = console.bar("asking for names", questions.len() as u64);
        let _guard = tch::no_grad_guard();
        for batch in lines.batches(BATCH) {
            let (ids_bt, mask_bt) = lines.batch(&batch, None, device);
            let last = [backbone.config().num_hidden_layers];
            let states = backbone.forward(&ids_bt, mask_bt.as_ref(), None, &last);
            let place: Vec<i64> = batch.iter().map(|&i| places[i] as i64).collect();
            let row_b = Tensor::arange(batch.len() as i64, (Kind::Int64, device));
            let place_b = Tensor::from_slice(&place).to_device(device);
            let features_bh = states[0].index(&[Some(row_b), Some(place_b)]);
            let (_, best_bk) = mlm.scores(&features_bh).topk(TOP, 1, true, true);
            for (row, &i) in (0..).zip(&batch) {
                guesses[i] = Vec::try_from(best_bk.get(row))?;
            }
            bar.inc(batch.len() as u64);
        }
        Ok(Self {
            vocabulary,
            guesses: questions.into_iter().zip(guesses).collect(),
        })
    }

    /// Whether the object is among the first guesses of a part of the subject's name.
    pub fn give_away(&self, row: &ClozeExample) -> bool {
        let (Some(what), Some(answer)) = (
            asked_of(&row.relation),
            self.vocabulary.single(&row.obj_label),
        ) else {
            return false; // an object of several tokens is never guessed
        };
        row.subj_label.split_whitespace().any(|part| {
            let guesses = self.guesses.get(&(what, part.to_owned()));
            guesses.is_some_and(|guesses| guesses.contains(&answer.into()))
        })
    }
}

/// The distinct parts of names, each with what is asked of it.
fn questions(dataset: &Dataset) -> Result<Vec<Question>> {
    let mut all = BTreeSet::new();
    for split in Split::ALL {
        for row in dataset.rows::<ClozeExample>(split)? {
            let row = row?;
            if let Some(what) = asked_of(&row.relation) {
                let parts = row.subj_label.split_whitespace();
                all.extend(parts.map(|part| (what, part.to_owned())));
            }
        }
    }
    Ok(all.into_iter().collect())
}

/// The questions that are short enough, their tokens, and where the gaps are.
fn lines(
    questions: Vec<Question>,
    vocabulary: &Vocabulary,
    longest: usize,
) -> Result<(Vec<Question>, Lines, Vec<usize>)> {
    let mask = vocabulary.mask()?;
    let mut lines = Lines::new(vocabulary);
    let mut words = vocabulary.words();
    let (mut kept, mut places) = (Vec::new(), Vec::new());
    for (what, part) in questions {
        let before = format!("{part} is a common name in the following {what} :");
        let gap = (before.as_str(), mask, ".");
        if let Ok(place) = lines.push_with_gap(gap, &mut words, Limit::Refuse(longest)) {
            kept.push((what, part));
            places.push(place);
        }
    }
    Ok((kept, lines, places))
}
