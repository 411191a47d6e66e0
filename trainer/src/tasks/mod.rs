//! Tasks: what is learnt from a dataset, each in one file from its row to its score.
//!
//! A new task is one file with a [`TrainingRow`] and a [`TaskDefinition`], and its line in [`Task::dispatch`].

use std::rc::Rc;

use kprep_schemas::{Dataset, Record};
use tch::{Kind, Tensor};

use crate::config::{Benchmark, Config, Preset, Schedule, Task};
use crate::data::batch::Batch;
use crate::data::entities::Entities;
use crate::data::examples::TrainingRow;
use crate::evaluate::metrics::Names;
use crate::evaluate::scorer::Scorer;
use crate::model::dropout::DropoutRng;
use crate::model::params::{Params, Spec};
use crate::tasks::predictor::{AnyPredictor, Predictor};
use crate::{Error, Result};

pub mod choice;
pub mod dependency;
pub mod labels;
pub mod link;
pub mod mlm;
pub mod model;
pub mod pair;
pub mod predictor;
pub mod relation;
pub mod size;
pub mod span;
pub mod typing;

/// The targets of a task's batches.
pub type TargetsOf<T> = <<T as TaskDefinition>::Row as TrainingRow>::Targets;

/// What a task is. Its row says how examples and batches are made.
pub trait TaskDefinition: Sized + 'static {
    /// Which task this is.
    const TASK: Task;
    /// Its name in files.
    const NAME: &'static str;
    /// What score and baseline are called.
    const FIGURES: Names;
    /// What runs that train adapters on it are called; `None` for a task for fine-tuning only.
    const KNOWLEDGE: Option<Titles> = None;
    /// How a model of it predicts from text; `None` for one that does not.
    const PREDICTOR: Option<fn(Predictor<Self>) -> AnyPredictor> = None;
    /// Whether a part of a split cannot be scored.
    const IS_SCORED_WHOLE: bool = false;
    /// Whether its head reads the entities of the dataset.
    const READS_ENTITIES: bool = false;

    /// A row of its datasets.
    type Row: TrainingRow;
    /// Its prediction head.
    type Head;
    /// What scores its predictions.
    type Scorer: Scorer<Self::Row>;

    /// The preset's length, batches and learning rate.
    fn schedule(preset: Preset) -> Schedule {
        Schedule::preset(preset)
    }

    /// A rule that these settings break.
    fn broken_rule(_config: &Config) -> Option<&'static str> {
        None
    }

    /// Other settings with which whole splits are scored, too, and what the scores are then of.
    fn also_scored(_config: &Config) -> Option<(&'static str, Config)> {
        None
    }

    /// The benchmark that a dataset of this name with these classes is; or else what to say of it.
    fn benchmark(
        _dataset: &str,
        _classes: &[String],
    ) -> std::result::Result<Benchmark, &'static str> {
        Err("nothing to fine-tune on")
    }

    /// The parameters of the head on a backbone of width `hidden`. `features` is the width of all features
    /// together; `classes` how many there are.
    fn specs(config: &Config, hidden: i64, features: i64, classes: i64) -> Vec<Spec>;

    /// The head whose parameters are those of [`TaskDefinition::specs`].
    ///
    /// # Errors
    /// [`Error::Parameters`] if `params` were made for other settings.
    fn head(config: &Config, params: &Params) -> Result<Self::Head>;

    /// Gives the head the entities of the dataset, where it reads them.
    fn set_entities(_head: &mut Self::Head, _entities: &Rc<Entities>) {}

    /// The positions whose features the head reads, as indexes into the batch's positions one sentence after
    /// the other; `None` for all.
    fn reads<'a>(head: &Self::Head, targets: &'a TargetsOf<Self>) -> Option<&'a Tensor>;

    /// What the head says of features at the positions that it reads. `rng` has the random numbers of the dropout, where there is one.
    fn logits(
        head: &Self::Head,
        features: &[Tensor],
        batch: &Batch<Self::Row>,
        rng: Option<&DropoutRng>,
    ) -> Tensor;

    /// The mean loss over the labels.
    fn loss(head: &Self::Head, logits: &Tensor, targets: &TargetsOf<Self>) -> Tensor;

    /// The predictions, as the task's scorer reads them.
    fn predict(logits: &Tensor, targets: &TargetsOf<Self>) -> Tensor;

    /// The targets of a batch whose inputs are `t` wide as a loop in another framework reads them, by name;
    /// `None` where there is no such loop.
    fn export(_targets: &TargetsOf<Self>, _t: i64) -> Option<Vec<(&'static str, Tensor)>> {
        None
    }
}

/// What runs are called that train adapters on a task, or compare others with them.
#[derive(Debug, Clone, Copy)]
pub struct Titles {
    /// The adapter.
    pub adapter: &'static str,
    /// A head without an adapter.
    pub backbone: &'static str,
    /// A head on a randomly initialised adapter.
    pub random: &'static str,
}

/// Of each row of logits, n × 2 in fp64: the best class, and by how much the second class is above the first.
pub(crate) fn class_and_score(logits_nc: &Tensor) -> Tensor {
    let best_n = logits_nc.argmax(-1, false).to_kind(Kind::Double);
    let last = logits_nc.size()[1] - 1;
    let at = |class: i64| logits_nc.select(1, class.min(last)).to_kind(Kind::Double);
    Tensor::stack(&[best_n, at(1) - at(0)], 1)
}

/// What is done with any task, of which [`Task::dispatch`] says the type.
pub trait WithTask {
    /// What comes of it.
    type Output;

    /// Does it.
    fn with<T: TaskDefinition>(self) -> Self::Output;
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Relation,
        Self::Dependency,
        Self::Typing,
        Self::Choice,
        Self::Span,
        Self::Pair,
        Self::Labels,
        Self::Link,
    ];

    /// Does something with the definition of the task: the one place that chooses it.
    pub fn dispatch<W: WithTask>(self, what: W) -> W::Output {
        match self {
            Self::Relation => what.with::<relation::Relation>(),
            Self::Dependency => what.with::<dependency::Dependency>(),
            Self::Typing => what.with::<typing::Typing>(),
            Self::Choice => what.with::<choice::Choice>(),
            Self::Span => what.with::<span::Span>(),
            Self::Pair => what.with::<pair::Pair>(),
            Self::Labels => what.with::<labels::Labels>(),
            Self::Link => what.with::<link::Linking>(),
        }
    }

    /// What there is to know of it without its types.
    pub fn facts(self) -> Facts {
        self.dispatch(AskFacts)
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Whether adapters are trained on it.
    pub fn is_knowledge(self) -> bool {
        self.facts().knowledge.is_some()
    }

    /// The task that a dataset's records are for; `None` for tables that nothing is trained on.
    pub fn of_dataset(dataset: &Dataset) -> Option<Self> {
        let record = dataset.manifest.record.as_str();
        Self::ALL
            .into_iter()
            .find(|task| task.facts().record == record)
    }
}

/// A task's constants and functions that need none of its types.
pub struct Facts {
    /// Its name in files.
    pub name: &'static str,
    /// The name of its record.
    pub record: &'static str,
    /// What score and baseline are called.
    pub figures: Names,
    /// [`TaskDefinition::KNOWLEDGE`].
    pub knowledge: Option<Titles>,
    /// Whether a model of it predicts from text.
    pub predicts: bool,
    /// [`TaskDefinition::schedule`].
    pub schedule: fn(Preset) -> Schedule,
    /// [`TaskDefinition::broken_rule`].
    pub broken_rule: fn(&Config) -> Option<&'static str>,
    /// [`TaskDefinition::benchmark`].
    pub benchmark: fn(&str, &[String]) -> std::result::Result<Benchmark, &'static str>,
    /// [`TaskDefinition::specs`].
    pub head_specs: fn(&Config, i64, i64, i64) -> Vec<Spec>,
}

struct AskFacts;

impl WithTask for AskFacts {
    type Output = Facts;

    fn with<T: TaskDefinition>(self) -> Facts {
        Facts {
            name: T::NAME,
            record: <T::Row as Record>::NAME,
            figures: T::FIGURES,
            knowledge: T::KNOWLEDGE,
            predicts: T::PREDICTOR.is_some(),
            schedule: T::schedule,
            broken_rule: T::broken_rule,
            benchmark: T::benchmark,
            head_specs: T::specs,
        }
    }
}

impl Benchmark {
    /// The benchmark of a dataset, by its record type and class names.
    ///
    /// # Errors
    /// [`Error::Unusable`] for records that no benchmark has.
    pub fn of_dataset(dataset: &Dataset) -> Result<Self> {
        let manifest = &dataset.manifest;
        let found = match Task::of_dataset(dataset) {
            Some(task) => (task.facts().benchmark)(&manifest.name, &manifest.class_names),
            None => Err("nothing to fine-tune on"),
        };
        found.map_err(|what| Error::Unusable {
            path: dataset.dir.clone(),
            reason: format!("holds {}: {what}", manifest.record),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct AskTask;

    impl WithTask for AskTask {
        type Output = Task;

        fn with<T: TaskDefinition>(self) -> Task {
            T::TASK
        }
    }

    #[test]
    fn each_task_has_its_own_definition_and_one_name() {
        for task in Task::ALL {
            assert_eq!(task.dispatch(AskTask), task);
            assert_eq!(serde_json::json!(task), task.name());
        }
    }
}
