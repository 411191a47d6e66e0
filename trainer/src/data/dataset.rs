//! A dataset's splits, tokenised.

use std::sync::Arc;

use kprep_schemas::{Dataset, Split};

use crate::config::{Config, Task};
use crate::data::cache::Cache;
use crate::data::sampler;
use crate::data::store::Store;
use crate::train::shared::Shared;
use crate::{Error, Result};

/// The task that a dataset's records are for; `None` for tables that nothing is trained on.
pub fn task(dataset: &Dataset) -> Option<Task> {
    match dataset.manifest.record.as_str() {
        "RelationExample" => Some(Task::Relation),
        "HeadExample" => Some(Task::Dependency),
        "TypingExample" => Some(Task::Typing),
        "ChoiceExample" => Some(Task::Choice),
        "QuestionExample" => Some(Task::Span),
        _ => None,
    }
}

/// A dataset that is trained on.
pub struct Lesson<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// The settings, in which all runs that learn it together agree as far as it is concerned.
    pub config: &'a Config,
    /// Its examples.
    pub data: Data,
    /// The training split's hidden states, if they are cached.
    pub cache: Option<Arc<Cache>>,
}

impl Lesson<'_> {
    /// Batches an epoch.
    pub fn batches(&self) -> u64 {
        sampler::batches_per_epoch(&self.data.train, self.config)
    }
}

/// The examples of a dataset.
pub struct Data {
    /// To learn from.
    pub train: Arc<Store>,
    /// To choose the best checkpoint by.
    pub validation: Option<Store>,
    /// For the final figure.
    pub test: Option<Store>,
}

/// Refuses labels that the dataset has no class for.
fn check_classes(dataset: &Dataset, split: Split, store: &Store) -> Result<()> {
    let classes = dataset.manifest.class_names.len();
    match store.targets().highest_class() {
        Some(label) if usize::from(label) >= classes => Err(Error::Unusable {
            path: dataset.dir.clone(),
            reason: format!(
                "a label of the {} split is {label}, but the manifest names {classes} classes: rebuild the dataset",
                split.name()
            ),
        }),
        _ => Ok(()),
    }
}

impl Data {
    /// Reads and tokenises all splits.
    ///
    /// # Errors
    /// [`Error::Dataset`]; [`Error::Unusable`] if nothing is left to train on, or a label is of no class.
    pub fn read(dataset: &Dataset, config: &Config, shared: &Shared) -> Result<Self> {
        let read = |split| {
            Store::read(
                dataset,
                split,
                config.task,
                &shared.vocabulary,
                config.length_limit(),
                shared.threads,
            )
        };
        let train = read(Split::Train)?;
        if train.is_empty() {
            let reason = format!(
                "no example to train on: {} rows read, {:?}",
                train.counts.read, train.counts
            );
            return Err(Error::Unusable {
                path: dataset.dir.clone(),
                reason,
            });
        }
        check_classes(dataset, Split::Train, &train)?;
        let read = |split| {
            let store = read(split)?;
            check_classes(dataset, split, &store)?;
            Ok::<_, Error>(store)
        };
        let some = |store: Store| (!store.is_empty()).then_some(store);
        Ok(Self {
            train: Arc::new(train),
            validation: some(read(Split::Validation)?),
            test: some(read(Split::Test)?),
        })
    }

    /// Those that are there, by name.
    pub fn splits(&self) -> impl Iterator<Item = (Split, &Store)> {
        [
            (Split::Train, Some(&*self.train)),
            (Split::Validation, self.validation.as_ref()),
            (Split::Test, self.test.as_ref()),
        ]
        .into_iter()
        .filter_map(|(split, store)| Some((split, store?)))
    }
}
