//! A model that predicts from text: fine-tuned, or an adapter with its head. Nothing of it is trained any more,
//! so its parameters are in memory once.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use kprep_schemas::{ChoiceExample, QuestionExample};
use tch::{Device, Kind, Tensor};

use crate::config::{Config, Variant};
use crate::data::batch::Batch;
use crate::data::entity_markers::Marked;
use crate::data::examples::{Counts, Example, LengthLimit, TrainingRow};
use crate::data::questions::Asked;
use crate::data::sampler;
use crate::data::store::Store;
use crate::data::tokenizer::{Vocabulary, Words};
use crate::files::adapter_config::AdapterConfig;
use crate::files::weights;
use crate::libtorch::device::Precision;
use crate::model::backbone::Backbone;
use crate::model::encoder::Encoder;
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::fusion::FusionLayers;
use crate::model::heads::is_head;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::tasks::model::{prefix, specs};
use crate::tasks::{TaskDefinition, WithTask};
use crate::train::identity::BackboneIdentity;
use crate::train::paths::Paths;
use crate::{Error, Result};

/// A model, by what it reads.
pub enum AnyPredictor {
    /// Sentences that mark so many entities.
    Sentences(usize, Box<dyn Predict<Marked, Guess>>),
    /// Questions with answers to choose from.
    Choices(Box<dyn Predict<Asked<ChoiceExample>, Guess>>),
    /// Questions with paragraphs.
    Paragraphs(Box<dyn Predict<Asked<QuestionExample>, Found>>),
}

impl AnyPredictor {
    /// What it reads, in words.
    pub fn reads(&self) -> &'static str {
        match self {
            Self::Sentences(..) => "sentences with marked entities",
            Self::Choices(_) => "questions with answers to choose from",
            Self::Paragraphs(_) => "questions with paragraphs",
        }
    }
}

/// A model that reads inputs `I`.
pub trait Predict<I, G> {
    /// What it says of some inputs, at most `top` guesses each.
    ///
    /// # Errors
    /// [`Error::Torch`].
    fn predict(&self, inputs: &[I], top: usize) -> Result<Vec<Said<G>>>;

    /// The names of its classes.
    fn names(&self) -> &[String];

    /// The longest input in tokens.
    fn max_length(&self) -> usize;
}

/// A task whose models predict `G` from inputs `I`.
pub trait PredictsFrom<I, G>: TaskDefinition {
    /// As [`Predict::predict`].
    ///
    /// # Errors
    /// [`Error::Torch`].
    fn predict(model: &Predictor<Self>, inputs: &[I], top: usize) -> Result<Vec<Said<G>>>;
}

impl<T: PredictsFrom<I, G>, I, G> Predict<I, G> for Predictor<T> {
    fn predict(&self, inputs: &[I], top: usize) -> Result<Vec<Said<G>>> {
        <T as PredictsFrom<I, G>>::predict(self, inputs, top)
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn max_length(&self) -> usize {
        self.config.max_length
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

/// A class, and how sure the model is of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// Index of the class, or of the answer.
    pub class: usize,
    /// Its share of the softmax; of types, each of which may hold, that of the sigmoid.
    pub probability: f64,
    /// The score that it comes from.
    pub logit: f64,
}

/// The best span of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Its words.
    pub text: String,
    /// Which of the question's paragraphs it stands in, from 0.
    pub paragraph: usize,
    /// How much its logits are above those of no answer in the paragraph.
    pub score: f64,
}

/// A model with what it needs to read text.
pub struct Predictor<T: TaskDefinition> {
    names: Vec<String>,
    config: Config,
    encoder: Encoder,
    head: T::Head,
    vocabulary: Vocabulary,
}

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
) -> Result<AnyPredictor> {
    let paths = Paths {
        dir: dir.to_owned(),
    };
    let not_trained = "was not fine-tuned, nor is it an adapter trained on relations: ktrain finetune makes a model that predicts";
    let wrong = |reason: &str| Error::Adapter {
        path: dir.to_owned(),
        reason: reason.to_owned(),
    };
    if !paths.adapter_config().is_file() {
        return Err(wrong(
            "is no model: no adapter_config.json, which a finished run of ktrain finetune has",
        ));
    }
    let described = AdapterConfig::read(dir)?;
    let (names, run) = (described.class_names.clone(), described.run.clone());
    let (mut config, from) = (run.config, run.backbone);
    let is_adapter = matches!(config.variant, Variant::Adapter | Variant::Random);
    if (config.variant != Variant::Finetune && !is_adapter) || !config.task.facts().predicts {
        return Err(wrong(not_trained));
    }
    if is_adapter && names.is_empty() {
        return Err(wrong(
            "has no names of its relations: import it again with --labels",
        ));
    }
    described.check_files()?;
    config.precision = precision.resolve(device);
    (config.batch_size, config.batch_tokens) = (batch_size, 0);
    let parts = if is_adapter {
        let (dir, identity) = backbone()?;
        of_adapter(&paths, &config, &dir, &identity, names.len(), device)?
    } else {
        of_finetuned(&paths, &config, &from, names.len(), device)?
    };
    let task = config.task;
    let load = Load {
        names,
        config,
        parts,
    };
    task.dispatch(load)?.ok_or_else(|| wrong(not_trained))
}

/// What was read of a model's files: its encoder, the parameters of its head, and its tokenizer.
struct Parts {
    encoder: Encoder,
    params: Params,
    vocabulary: Vocabulary,
}

struct Load {
    names: Vec<String>,
    config: Config,
    parts: Parts,
}

impl WithTask for Load {
    type Output = Result<Option<AnyPredictor>>;

    fn with<T: TaskDefinition>(self) -> Self::Output {
        let Self {
            names,
            config,
            parts,
        } = self;
        parts.vocabulary.check_markers(T::Row::MARKERS)?;
        let model = Predictor::<T> {
            head: T::head(&config, &parts.params)?,
            encoder: parts.encoder,
            vocabulary: parts.vocabulary,
            names,
            config,
        };
        Ok(T::PREDICTOR.map(|predictor| predictor(model)))
    }
}

/// The model in the folder of a run with these settings, which started from the backbone `from`.
fn of_finetuned(
    paths: &Paths,
    config: &Config,
    from: &BackboneIdentity,
    classes: usize,
    device: Device,
) -> Result<Parts> {
    let kind = config.precision.kind();
    let backbone = Backbone::load(&paths.backbone(), device, kind)?;
    // Their values are those of the file; no seed matters.
    let specs = specs(config, backbone.config().hidden_size, classes);
    let params = Params::new(specs, 0, device);
    let (prefix, heads) = (prefix(config.task), paths.heads());
    let (found, _) = weights::read(&heads)?;
    let matched = weights::match_strictly(&heads, found, &params.expected(&prefix), |_| false)?;
    params.fill(params.flat(), &prefix, &matched);
    let adapters = (0..config.adapters.unwrap_or(0))
        .map(|i| Ok(Rc::new(FrozenAdapter::load(&paths.fused(i), from, device)?)))
        .collect::<Result<Vec<_>>>()?;
    let fusion = FusionLayers::new(config, &params)?;
    Ok(Parts {
        encoder: Encoder::frozen(frozen(config, backbone), &adapters, fusion, kind),
        vocabulary: Vocabulary::load(&paths.backbone())?,
        params,
    })
}

/// An adapter that was trained on relations, with its head, on the backbone in a folder.
fn of_adapter(
    paths: &Paths,
    config: &Config,
    dir: &Path,
    identity: &BackboneIdentity,
    classes: usize,
    device: Device,
) -> Result<Parts> {
    let kind = config.precision.kind();
    let backbone = Backbone::load(dir, device, kind)?;
    let adapter = FrozenAdapter::load(&paths.dir, identity, device)?;
    let (hidden, file) = (identity.hidden_size, paths.adapter());
    let head = config.task.facts().head_specs;
    let specs = head(config, hidden, 2 * hidden, classes as i64);
    let params = Params::new(specs, 0, device); // their values are those of the file
    let (found, _) = weights::read(&file)?;
    let expected = params.expected("");
    let matched = weights::match_strictly(&file, found, &expected, |name| !is_head(name))?;
    params.fill(params.flat(), "", &matched);
    let adapters = [Rc::new(adapter)];
    Ok(Parts {
        encoder: Encoder::frozen(
            frozen(config, backbone),
            &adapters,
            FusionLayers::Concat,
            kind,
        ),
        vocabulary: Vocabulary::load(dir)?,
        params,
    })
}

fn frozen(config: &Config, backbone: Backbone) -> FrozenBackbone {
    FrozenBackbone {
        points: [backbone.config().num_hidden_layers].into(),
        counts_pads: config.pads_to().is_some(),
        backbone: Rc::new(backbone),
    }
}

impl<T: TaskDefinition> Predictor<T> {
    /// The examples of all inputs, and what became of each input.
    pub(super) fn read<I>(
        &self,
        inputs: &[I],
        examples: impl Fn(
            &I,
            &mut Words,
            LengthLimit,
            &mut Counts,
        ) -> Vec<Example<<T::Row as TrainingRow>::Target>>,
    ) -> (Store<T::Row>, Vec<Counts>) {
        let mut words = self.vocabulary.words();
        let limit = self.config.length_limit();
        let mut all = Vec::new();
        let each = inputs.iter().map(|input| {
            let mut counts = Counts::default();
            all.extend(examples(input, &mut words, limit, &mut counts));
            counts
        });
        let counts = each.collect();
        (Store::of(all), counts)
    }

    /// Shows all batches of examples, each with what the head says of it.
    pub(super) fn each_batch(
        &self,
        store: &Store<T::Row>,
        mut show: impl FnMut(&[usize], &Batch<T::Row>, &Tensor) -> Result<()>,
    ) -> Result<()> {
        let _guard = tch::no_grad_guard();
        let all = (0..store.len()).collect();
        for examples in sampler::in_order_of_length(store, &self.config, all) {
            let batch = Batch::new(store, &self.config, self.vocabulary.pad, &examples);
            let batch = batch.to_device(self.encoder.device());
            let states = self.encoder.shared().states(&batch.input);
            let places_n = T::reads(&self.head, &batch.targets);
            let features = self
                .encoder
                .forward(&states, &batch.input, places_n, false)?;
            let logits = T::logits(&self.head, &features, &batch, false);
            show(&examples, &batch, &logits)?;
        }
        Ok(())
    }

    /// The classes of each example with the highest scores, and the probabilities of these.
    pub(super) fn guesses(
        &self,
        store: &Store<T::Row>,
        top: usize,
        probabilities: impl Fn(&Tensor) -> Tensor,
    ) -> Result<Vec<Vec<Guess>>> {
        let mut all = vec![Vec::new(); store.len()];
        self.each_batch(store, |examples, _, logits_br| {
            for (row, &i) in (0..).zip(examples) {
                let logits_r = logits_br.get(row).to_kind(Kind::Double);
                all[i] = best(&logits_r, &probabilities(&logits_r), top)?;
            }
            Ok(())
        })?;
        Ok(all)
    }
}

/// The classes with the highest scores.
pub(super) fn best(logits_r: &Tensor, shares_r: &Tensor, top: usize) -> Result<Vec<Guess>> {
    let shares = Vec::<f64>::try_from(shares_r)?;
    let logits = Vec::<f64>::try_from(logits_r)?;
    let mut all: Vec<Guess> = shares
        .into_iter()
        .zip(logits)
        .enumerate()
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

/// What is said of each input, given what became of it and the guesses at those that have examples.
pub(super) fn said<G>(counts: &[Counts], guesses: Vec<Vec<G>>) -> Vec<Said<G>> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_classes_come_first_with_their_probabilities() {
        let logits = Tensor::from_slice(&[1.0f64, 3.0, 2.0]);
        let guesses = best(&logits, &logits.softmax(-1, Kind::Double), 2).unwrap();
        let classes: Vec<usize> = guesses.iter().map(|guess| guess.class).collect();
        assert_eq!(classes, [1, 2]);
    }
}
