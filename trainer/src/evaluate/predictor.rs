//! A fine-tuned model that predicts.

use std::fmt;
use std::path::{Path, PathBuf};

use tch::{Device, Tensor};

use crate::config::{Config, Task, Variant};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example};
use crate::data::sampler;
use crate::data::store::Store;
use crate::data::tokenizer::{Vocabulary, Words};
use crate::files::adapter_config::AdapterConfig;
use crate::libtorch::device::Precision;
use crate::train::identity::BackboneIdentity;
use crate::train::paths::Paths;
use crate::{Error, Result};

mod answers;
mod labels;
mod network;

pub use answers::Found;
pub use labels::Guess;
use network::Network;

/// What a model reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// Sentences with marked entities: [`Predictor::labels`].
    Sentences,
    /// Questions with answers to choose from: [`Predictor::choices`].
    Choices,
    /// Questions with paragraphs: [`Predictor::answers`].
    Paragraphs,
}

impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sentences => "sentences with marked entities",
            Self::Choices => "questions with answers to choose from",
            Self::Paragraphs => "questions with paragraphs",
        })
    }
}

/// What a model says of an input.
#[derive(Debug, Clone, PartialEq)]
pub struct Said<G> {
    /// The best first; `None` where the input is too long for the model.
    pub guesses: Option<Vec<G>>,
    /// How many of its texts were cut at the longest input: those of a question's paragraphs, or 1.
    pub cut: u64,
}

/// A model with what it needs to read text.
pub struct Predictor {
    /// The names of the classes.
    pub names: Vec<String>,
    config: Config,
    network: Network,
    vocabulary: Vocabulary,
}

impl Predictor {
    /// Loads the model that `ktrain finetune` left in a folder, or an adapter that was trained on relations, with its
    /// head, whose `backbone` is asked for then. It computes so many examples together: sentences, questions with all
    /// of their answers to choose from, or paragraphs.
    ///
    /// # Errors
    /// [`Error::Adapter`] for the folder of another run; what reading its files fails with.
    pub fn load(
        dir: &Path,
        backbone: impl FnOnce() -> Result<(PathBuf, BackboneIdentity)>,
        device: Device,
        precision: Precision,
        batch_size: usize,
    ) -> Result<Self> {
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
        let described = AdapterConfig::read(dir)?;
        let (names, run) = (described.class_names.clone(), described.run.clone());
        let (mut config, from) = (run.config, run.backbone);
        let is_adapter = matches!(config.variant, Variant::Adapter | Variant::Random);
        if config.variant != Variant::Finetune && !(is_adapter && config.task == Task::Relation) {
            return Err(wrong(
                "was not fine-tuned, nor is it an adapter trained on relations: ktrain finetune makes a model that predicts",
            ));
        }
        if is_adapter && names.is_empty() {
            return Err(wrong(
                "has no names of its relations: import it again with --labels",
            ));
        }
        described.check_files()?;
        config.precision = precision.resolve(device);
        (config.batch_size, config.batch_tokens) = (batch_size, 0);
        let (network, vocabulary) = if is_adapter {
            let (from, identity) = backbone()?;
            let network =
                Network::of_adapter(&paths, &config, (&from, &identity), names.len(), device)?;
            (network, Vocabulary::load(&from)?)
        } else {
            let network = Network::load(&paths, &config, &from, names.len(), device)?;
            (network, Vocabulary::load(&paths.backbone())?)
        };
        vocabulary.check_markers(config.task)?;
        Ok(Self {
            names,
            config,
            network,
            vocabulary,
        })
    }

    /// What it reads.
    pub fn reads(&self) -> Reads {
        match self.config.task {
            Task::Choice => Reads::Choices,
            Task::Span => Reads::Paragraphs,
            Task::Relation | Task::Typing | Task::Dependency => Reads::Sentences,
        }
    }

    /// How many entities a sentence must mark.
    pub fn entities(&self) -> usize {
        if self.config.task == Task::Typing {
            1
        } else {
            2
        }
    }

    /// The longest input in tokens.
    pub fn max_length(&self) -> usize {
        self.config.max_length
    }

    /// The examples of all inputs, and what became of each input.
    fn read<I>(
        &self,
        inputs: &[I],
        examples: impl Fn(&I, &mut Words, &mut Counts) -> Vec<Example>,
    ) -> (Store, Vec<Counts>) {
        let mut words = self.vocabulary.words();
        let mut all = Vec::new();
        let each = inputs.iter().map(|input| {
            let mut counts = Counts::default();
            all.extend(examples(input, &mut words, &mut counts));
            counts
        });
        let counts = each.collect();
        (Store::of(self.config.task, all), counts)
    }

    /// The batches of all examples with what the head says of them.
    fn logits(&self, store: &Store) -> impl Iterator<Item = (Vec<usize>, Batch, Tensor)> {
        let all = (0..store.len()).collect();
        let batches = sampler::in_order_of_length(store, &self.config, all);
        batches.into_iter().map(|examples| {
            let batch = Batch::new(store, &self.config, self.vocabulary.pad, &examples);
            let batch = batch.to_device(self.network.device());
            let logits = self.network.logits(&batch);
            (examples, batch, logits)
        })
    }
}

/// What is said of each input, given what became of it and the guesses at those that have examples.
fn said<G>(counts: &[Counts], guesses: Vec<Vec<G>>) -> Vec<Said<G>> {
    let mut guesses = guesses.into_iter();
    let said = counts.iter().map(|counts| Said {
        guesses: match counts {
            Counts { too_long: 1.., .. } => None,
            // A question may have no paragraph.
            Counts { kept: 0, .. } => Some(Vec::new()),
            _ => guesses.next(),
        },
        cut: counts.truncated,
    });
    said.collect()
}
