//! What counts the right and wrong predictions of a task.

use tch::Tensor;

use crate::Result;
use crate::config::Config;
use crate::data::examples::TrainingRow;
use crate::data::store::Store;
use crate::evaluate::metrics::Scores;

/// Counts what was right and wrong among the predictions of a task with these rows.
pub trait Scorer<R: TrainingRow>: Clone {
    /// Nothing counted yet. The baseline is what is most frequent in the training split.
    fn new(train: &Store<R>, config: &Config) -> Self;

    /// Counts the predictions for a batch of these examples.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    fn add(
        &mut self,
        store: &Store<R>,
        examples: &[usize],
        targets: &R::Targets,
        predicted: &Tensor,
    ) -> Result<()>;

    /// The scores of all of it. `names` are those of the classes.
    fn scores(&self, store: &Store<R>, names: &[String]) -> Scores;
}
