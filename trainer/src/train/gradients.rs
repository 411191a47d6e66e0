//! The gradients of a step: of one model or of several on the same pass through the backbone, from
//! the micro-batches of a batch where the whole does not fit into memory.

use tch::Tensor;

use crate::Result;
use crate::data::batch::Batch;
use crate::data::examples::Targets;
use crate::data::sampler;
use crate::model::dropout::DropoutRng;
use crate::model::hidden_states::FrozenBackbone;
use crate::model::params::Params;
use crate::tasks::TaskDefinition;
use crate::tasks::model::Model;

/// What is trained.
pub struct Learner<'a, T: TaskDefinition> {
    /// The model.
    pub model: &'a Model<T>,
    /// Its trained parameters.
    pub params: &'a Params,
    /// The seed of its dropout.
    pub seed: u64,
}

/// A loss, and its gradient with respect to [`Params::leaves`].
pub type Gradient = (Tensor, Vec<Tensor>);

/// For each learner the mean loss over all labels of the parts and its gradient, as of the one batch
/// that [`Batch::parts`] cut. What a learner gets does not depend on the others.
///
/// A part's loss is the mean over its own labels, so it counts by its share of them: a mean over
/// the parts would give words of sparse parts too much weight. Nothing here waits for the device.
///
/// # Errors
/// [`crate::Error::Torch`].
pub fn gradients<T: TaskDefinition>(
    frozen: &FrozenBackbone,
    learners: &[Learner<T>],
    parts: &[Batch<T::Row>],
    step: u64,
) -> Result<Vec<Gradient>> {
    let labels: i64 = parts.iter().map(|part| part.targets.labels()).sum();
    let mut sums: Vec<Gradient> = Vec::with_capacity(learners.len());
    for (part, batch) in (0..).zip(parts) {
        let share = batch.targets.labels() as f64 / labels.max(1) as f64;
        let batch = batch.to_device(frozen.backbone.device());
        let states = frozen.states(&batch.input);
        for (i, learner) in learners.iter().enumerate() {
            let rng = DropoutRng::new(sampler::dropout_seed(learner.seed, step, part));
            let leaves = learner.params.leaves();
            let (loss, grads) = learner
                .model
                .gradient(&states, &batch, share, leaves, &rng)?;
            let Some((loss_before, all)) = sums.get_mut(i) else {
                sums.push((loss, grads));
                continue;
            };
            *loss_before += loss;
            for (all, grad) in all.iter_mut().zip(&grads) {
                *all += grad;
            }
        }
    }
    Ok(sums)
}
