//! A dataset's splits, tokenised.

use std::sync::Arc;

use kprep_schemas::{Dataset, Split};

use crate::config::Config;
use crate::data::class_labels;
use crate::data::entities::{Entities, Source, TABLE};
use crate::data::examples::TrainingRow;
use crate::data::store::Store;
use crate::train::shared::Shared;
use crate::{Error, Result};

/// The examples of a dataset.
pub struct Data<R: TrainingRow> {
    /// To learn from.
    pub train: Arc<Store<R>>,
    /// To choose the best checkpoint by.
    pub validation: Option<Store<R>>,
    /// For the final figure.
    pub test: Option<Store<R>>,
}

/// Refuses labels that the dataset has no class for.
fn check_classes<R: TrainingRow>(dataset: &Dataset, split: Split, store: &Store<R>) -> Result<()> {
    let classes = dataset.manifest.class_names.len();
    match store.targets().iter().filter_map(R::highest_class).max() {
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

impl<R: TrainingRow> Data<R> {
    /// Reads and tokenises all splits.
    ///
    /// # Errors
    /// [`Error::Dataset`]; [`Error::Unusable`] if nothing is left to train on, or a label is of no class.
    pub fn read(dataset: &Dataset, config: &Config, shared: &Shared) -> Result<Self> {
        if R::masked_share(config, false) > 0.0 {
            shared.vocabulary.mask()?;
        }
        class_labels::of(dataset)?; // a damaged table ends the run here, not behind the training
        let read = |split| {
            Store::read(
                dataset,
                split,
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
        let classes = dataset.manifest.class_names.len();
        if let Some(reason) = R::unfit(train.targets(), config, classes) {
            return Err(Error::Unusable {
                path: dataset.dir.clone(),
                reason: reason.to_owned(),
            });
        }
        let read = |split| {
            let store = read(split)?;
            check_classes(dataset, split, &store)?;
            Ok::<_, Error>(store)
        };
        let some = |store: Store<R>| (!store.is_empty()).then_some(store);
        Ok(Self {
            train: Arc::new(train),
            validation: some(read(Split::Validation)?),
            test: some(read(Split::Test)?),
        })
    }

    /// The entities of the dataset, among which are all that its examples name.
    ///
    /// # Errors
    /// What [`Entities::open`] says; [`Error::Unusable`] for an entity that is not in the table.
    pub fn entities(&self, dataset: &Dataset, source: &Source) -> Result<Entities> {
        let entities = Entities::open(source)?;
        for (split, store) in self.splits() {
            let mut named = store
                .targets()
                .iter()
                .flat_map(|target| <R as TrainingRow>::entities(target));
            if !named.all(|key| entities.has(key)) {
                return Err(Error::Unusable {
                    path: dataset.dir.clone(),
                    reason: format!(
                        "the {} split names an entity that {TABLE} lacks: rebuild the dataset",
                        split.name()
                    ),
                });
            }
        }
        Ok(entities)
    }

    /// Those that are there, by name.
    pub fn splits(&self) -> impl Iterator<Item = (Split, &Store<R>)> {
        [
            (Split::Train, Some(&*self.train)),
            (Split::Validation, self.validation.as_ref()),
            (Split::Test, self.test.as_ref()),
        ]
        .into_iter()
        .filter_map(|(split, store)| Some((split, store?)))
    }
}
