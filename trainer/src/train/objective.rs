//! What a run learns: a task with its data, settings and models. A multi-task run alternates between several.

use std::rc::Rc;
use std::sync::Arc;

use kprep_schemas::{Dataset, Split};
use tch::Tensor;

use crate::Result;
use crate::config::Config;
use crate::data::ahead;
use crate::data::batch::Batch;
use crate::data::cache::Cache;
use crate::data::cache::source::Source;
use crate::data::dataset::Data;
use crate::data::entities::{self, Entities};
use crate::data::examples::Counts;
use crate::data::record_ids;
use crate::data::sampler;
use crate::data::store::Store;
use crate::data::tokenizer::Vocabulary;
use crate::evaluate::metrics::Scores;
use crate::evaluate::scorer::Scorer;
use crate::model::encoder::Encoder;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::tasks::model::Model;
use crate::tasks::{TaskDefinition, WithTask};
use crate::train::shared::Shared;
use crate::train::steps::{Ahead, Steps};

/// What the training loop asks of a task that is learnt, whatever its types are. One model a run belongs to it.
pub trait Objective {
    /// The settings, in which all runs that learn it together agree as far as it is concerned.
    fn config(&self) -> &Config;

    /// Batches an epoch.
    fn batches(&self) -> u64;

    /// The steps from one number up to another, of this objective alone. Batches are made ahead.
    fn steps(&self, first: u64, steps: u64) -> Box<dyn Steps + '_>;

    /// Scores the models of these runs on at most so many examples (0 = all) of a split, on one pass through
    /// the backbone; none where the split is not there.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    fn evaluate(&self, runs: &[usize], split: Split, most: usize) -> Result<Vec<Scores>>;

    /// What names the records that one of its own steps reads.
    ///
    /// # Errors
    /// [`crate::Error::Dataset`].
    fn records(&self, step: u64) -> Result<Vec<String>>;
}

/// The objective of a dataset.
pub trait DatasetObjective: Objective {
    /// The dataset.
    fn dataset(&self) -> &Dataset;

    /// How many classes there are, or entities where these are learnt.
    fn classes(&self) -> usize;

    /// The entities, where the task reads them.
    fn entities(&self) -> Option<&Entities>;

    /// The splits that are there.
    fn splits(&self) -> Vec<SplitSize>;

    /// Adds the model of a run with these settings, of all its tasks, on its encoder.
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    fn add_run(&mut self, encoder: &Rc<Encoder>, configs: &[Config], params: &Params)
    -> Result<()>;
}

/// The examples of a split.
pub struct SplitSize {
    /// Which split.
    pub split: Split,
    /// What became of the rows.
    pub counts: Counts,
    /// Examples.
    pub examples: usize,
    /// Tokens.
    pub tokens: usize,
}

/// Opens the objective of a dataset: reads it, and its hidden states where they are cached.
///
/// # Errors
/// Whatever reading fails with.
pub fn open<'a>(
    dataset: &'a Dataset,
    config: &'a Config,
    frozen: &FrozenBackbone,
    shared: &'a Shared,
) -> Result<Box<dyn DatasetObjective + 'a>> {
    config.task.dispatch(Open {
        dataset,
        config,
        frozen,
        shared,
    })
}

struct Open<'a, 'f> {
    dataset: &'a Dataset,
    config: &'a Config,
    frozen: &'f FrozenBackbone,
    shared: &'a Shared,
}

impl<'a> WithTask for Open<'a, '_> {
    type Output = Result<Box<dyn DatasetObjective + 'a>>;

    fn with<T: TaskDefinition>(self) -> Self::Output {
        let Self {
            dataset,
            config,
            frozen,
            shared,
        } = self;
        let data = Data::<T::Row>::read(dataset, config, shared)?;
        let entities = if T::READS_ENTITIES {
            let source = entities::Source {
                dataset,
                config,
                frozen,
                vocabulary: &shared.vocabulary,
            };
            Some(Rc::new(data.entities(dataset, &source)?))
        } else {
            None
        };
        let cache = match &shared.cache {
            Some(dir) => {
                let source = Source {
                    store: &data.train,
                    config,
                    frozen,
                    backbone: &shared.identity,
                    vocabulary: &shared.vocabulary,
                    name: &dataset.manifest.name,
                };
                let cache = Cache::open(dir, &source, &shared.stop, shared.console)?;
                Some(Arc::new(cache))
            }
            None => None,
        };
        Ok(Box::new(OfTask::<T> {
            frozen: frozen.clone(),
            dataset,
            config,
            vocabulary: &shared.vocabulary,
            data,
            entities,
            cache,
            models: Vec::new(),
        }))
    }
}

/// An objective of a task.
struct OfTask<'a, T: TaskDefinition> {
    /// What its models read of the backbone.
    frozen: FrozenBackbone,
    dataset: &'a Dataset,
    config: &'a Config,
    vocabulary: &'a Vocabulary,
    data: Data<T::Row>,
    entities: Option<Rc<Entities>>,
    /// The training split's hidden states, if they are cached.
    cache: Option<Arc<Cache>>,
    models: Vec<Model<T>>,
}

impl<T: TaskDefinition> OfTask<'_, T> {
    fn store(&self, split: Split) -> Option<&Store<T::Row>> {
        let mut splits = self.data.splits();
        splits.find_map(|(name, store)| (name == split).then_some(store))
    }

    /// The scores of the models of these runs on at most so many examples of a split (0 = all), with these settings.
    fn scores(
        &self,
        runs: &[usize],
        store: &Store<T::Row>,
        config: &Config,
        most: usize,
    ) -> Result<Vec<Scores>> {
        let _guard = tch::no_grad_guard();
        let pad = self.vocabulary.pad;
        let mut scorers = vec![T::Scorer::new(&self.data.train, config); runs.len()];
        let device = self.frozen.backbone.device();
        for examples in sampler::in_order_of_length(store, config, store.sample(most)) {
            let batch = Batch::new(store, config, pad, &examples).to_device(device);
            let states = self.frozen.states(&batch.input);
            for (&run, scorer) in runs.iter().zip(&mut scorers) {
                let predicted: Tensor = self.models[run].predict(&states, &batch)?;
                scorer.add(store, &examples, &batch.targets, &predicted)?;
            }
        }
        let names = &self.dataset.manifest.class_names;
        let all = scorers.iter().map(|scorer| scorer.scores(store, names));
        Ok(all.collect())
    }
}

impl<T: TaskDefinition> DatasetObjective for OfTask<'_, T> {
    fn dataset(&self) -> &Dataset {
        self.dataset
    }

    fn classes(&self) -> usize {
        let classes = self.dataset.manifest.class_names.len();
        self.entities().map_or(classes, Entities::len)
    }

    fn entities(&self) -> Option<&Entities> {
        self.entities.as_deref()
    }

    fn splits(&self) -> Vec<SplitSize> {
        let splits = self.data.splits().map(|(split, store)| SplitSize {
            split,
            counts: store.counts,
            examples: store.len(),
            tokens: store.tokens(),
        });
        splits.collect()
    }

    fn add_run(
        &mut self,
        encoder: &Rc<Encoder>,
        configs: &[Config],
        params: &Params,
    ) -> Result<()> {
        let mut model = Model::on(encoder, configs, params)?;
        if let Some(entities) = &self.entities {
            model.set_entities(entities);
        }
        self.models.push(model);
        Ok(())
    }
}

impl<T: TaskDefinition> Objective for OfTask<'_, T> {
    fn config(&self) -> &Config {
        self.config
    }

    fn batches(&self) -> u64 {
        sampler::batches_per_epoch(&self.data.train, self.config)
    }

    fn steps(&self, first: u64, steps: u64) -> Box<dyn Steps + '_> {
        Box::new(Ahead {
            frozen: &self.frozen,
            models: &self.models,
            batches: ahead::batches(
                Arc::clone(&self.data.train),
                self.config.clone(),
                self.vocabulary.pad,
                self.cache.clone(),
                first,
                steps,
            ),
        })
    }

    fn evaluate(&self, runs: &[usize], split: Split, most: usize) -> Result<Vec<Scores>> {
        let Some(store) = self.store(split) else {
            return Ok(Vec::new());
        };
        let most = if T::IS_SCORED_WHOLE { 0 } else { most };
        let mut all = self.scores(runs, store, self.config, most)?;
        if let Some((what, config)) = T::also_scored(self.config).filter(|_| most == 0) {
            for (scores, others) in all.iter_mut().zip(self.scores(runs, store, &config, 0)?) {
                scores.add(what, &others);
            }
        }
        Ok(all)
    }

    fn records(&self, step: u64) -> Result<Vec<String>> {
        let examples = sampler::of_step(&self.data.train, self.config, step);
        record_ids::ids::<T::Row>(self.dataset, self.config, self.vocabulary, &examples)
    }
}
