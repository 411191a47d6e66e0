//! A fine-tuned model that predicts.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::slice;

use kprep_schemas::{TypingExample, Words};
use serde::Deserialize;
use tch::{Device, Kind, Tensor};

use crate::backbone::Backbone;
use crate::batch::Batch;
use crate::config::{Config, Task, Variant};
use crate::device::Precision;
use crate::examples::{self, Counts, Example, Source};
use crate::identity::Identity;
use crate::knowledge::Knowledge;
use crate::marked::Marked;
use crate::model::{self, Model};
use crate::paths::Paths;
use crate::store::Store;
use crate::tokens::Vocabulary;
use crate::{Error, Result, trained, weights};

/// What else is read of a fine-tuned run.
#[derive(Deserialize)]
struct Classes {
    class_names: Vec<String>,
}

/// A label, and how sure the model is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Index of the class.
    pub class: usize,
    /// Its share of the softmax; of types, each of which may hold, that of the sigmoid.
    pub probability: f64,
    /// The score that it comes from.
    pub logit: f64,
}

/// A model with what it needs to read text.
pub struct Predictor {
    /// The names of the classes.
    pub names: Vec<String>,
    config: Config,
    model: Model,
    vocabulary: Vocabulary,
}

impl Predictor {
    /// Loads the model that `ktrain finetune` left in a folder.
    ///
    /// # Errors
    /// [`Error::Adapter`] for the folder of another run; what reading its files fails with.
    pub fn load(dir: &Path, device: Device, precision: Precision) -> Result<Self> {
        let paths = Paths {
            dir: dir.to_owned(),
        };
        let path = paths.adapter_config();
        let wrong = |reason: &str| Error::Adapter {
            path: dir.to_owned(),
            reason: reason.to_owned(),
        };
        if !path.is_file() {
            return Err(wrong(
                "is no model: no adapter_config.json, which a finished run of ktrain finetune has",
            ));
        }
        let json = fs::read(&path).map_err(Error::io(&path))?;
        let Identity {
            mut config,
            backbone: from,
            adapters,
            ..
        } = Identity::parse(&path, &json)?;
        if config.variant != Variant::Finetune {
            return Err(wrong(
                "was not fine-tuned: ktrain finetune makes a model that predicts",
            ));
        }
        if !matches!(config.task, Task::Relation | Task::Typing) {
            return Err(wrong(
                "is a model for choices or answers: relations and types of marked entities alone are predicted",
            ));
        }
        let names = serde_json::from_slice::<Classes>(&json);
        let names = names.map_err(Error::json(&path))?.class_names;
        config.precision = precision.resolve(device);
        let tuned = paths.backbone();
        let backbone = Backbone::load(&tuned, device, config.precision.kind())?;
        let params = model::params(
            slice::from_ref(&config),
            backbone.config(),
            names.len(),
            device,
        );
        trained::fill(&params, &tuned)?;
        let heads = paths.heads();
        let mut expected = params.expected("");
        expected.retain(|expected| !expected.name.starts_with(trained::PREFIX));
        let (found, _) = weights::read(&heads)?;
        let matched = weights::match_strictly(&heads, found, &expected, |_| false)?;
        params.fill(params.flat(), "", &matched);
        let knowledge = (0..adapters.len())
            .map(|i| Ok(Rc::new(Knowledge::load(&paths.fused(i), &from, device)?)));
        let knowledge = knowledge.collect::<Result<Vec<_>>>()?;
        let vocabulary = Vocabulary::load(&tuned)?;
        let model = Model::with_knowledge(
            slice::from_ref(&config),
            Rc::new(backbone),
            &params,
            vocabulary.pad,
            &knowledge,
        )?;
        Ok(Self {
            names,
            config,
            model,
            vocabulary,
        })
    }

    /// How many entities a sentence must mark.
    pub fn entities(&self) -> usize {
        if self.config.task == Task::Typing {
            1
        } else {
            2
        }
    }

    /// The longest input in pieces.
    pub fn max_length(&self) -> usize {
        self.config.max_length
    }

    /// The labels of some sentences, the most probable first, at most `top`; `None` for one whose entities lie beyond
    /// the longest input.
    ///
    /// # Errors
    /// [`Error::Torch`].
    pub fn predict(&self, sentences: &[Marked], top: usize) -> Result<Vec<Option<Vec<Guess>>>> {
        let mut words = self.vocabulary.words();
        let mut counts = Counts::default();
        let example = |sentence: &Marked| -> Option<Example> {
            if self.config.task == Task::Typing {
                return typed(sentence).example(&mut words, self.max_length(), &mut counts);
            }
            let token = sentence.words.iter().map(String::as_str);
            let spans = [sentence.subject, sentence.object?];
            examples::relation(token, spans, 0, &mut words, self.max_length(), &mut counts)
        };
        let examples: Vec<Option<Example>> = sentences.iter().map(example).collect();
        let known = Store::of(self.config.task, examples.iter().flatten().cloned());
        let mut guesses = self.guesses(&known, top)?.into_iter();
        let guesses = examples
            .iter()
            .map(|example| example.as_ref().and_then(|_| guesses.next()));
        Ok(guesses.collect())
    }

    fn guesses(&self, store: &Store, top: usize) -> Result<Vec<Vec<Guess>>> {
        if store.is_empty() {
            return Ok(Vec::new());
        }
        let _guard = tch::no_grad_guard();
        let all: Vec<usize> = (0..store.len()).collect();
        let batch = Batch::new(store, &self.config, self.vocabulary.pad, &all);
        let batch = batch.to_device(self.model.device());
        let states = self.model.frozen().states(&batch);
        let logits_br = self.model.scores(&states, &batch)?;
        (0..all.len() as i64)
            .map(|row| best(&logits_br.get(row), self.config.task, top))
            .collect()
    }
}

/// A sentence as a row without types.
fn typed(sentence: &Marked) -> TypingExample {
    TypingExample {
        id: String::new(),
        doc_id: String::new(),
        text: sentence.text.clone(),
        mention_start: sentence.subject_chars.0,
        mention_end: sentence.subject_chars.1,
        labels: Vec::new(),
        types: Words::default(),
    }
}

/// The classes with the highest scores.
fn best(logits_r: &Tensor, task: Task, top: usize) -> Result<Vec<Guess>> {
    let shares = match task {
        Task::Typing => logits_r.to_kind(Kind::Double).sigmoid(),
        _ => logits_r.softmax(-1, Kind::Double),
    };
    let (shares, logits) = (
        Vec::<f64>::try_from(shares)?,
        logits_r.to_kind(Kind::Double),
    );
    let logits = Vec::<f64>::try_from(logits)?;
    let all = shares.into_iter().zip(logits).enumerate();
    let mut all: Vec<Guess> = all
        .map(|(class, (probability, logit))| Guess {
            class,
            probability,
            logit,
        })
        .collect();
    all.sort_by(|a, b| b.logit.total_cmp(&a.logit)); // stable: the lower class of equals
    all.truncate(top);
    Ok(all)
}
