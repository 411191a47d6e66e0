//! The gradient of a step from its parts, where the whole does not fit into memory.

use tch::Tensor;

use crate::Result;
use crate::batch::Batch;
use crate::model::Model;
use crate::params::Params;

/// The mean loss over all labels of the parts, and its gradient with respect to
/// [`Params::leaves`], as of the one batch that [`Batch::parts`] cut.
///
/// A part's loss is the mean over its own labels, so it counts by its share of them: a mean over
/// the parts would give words of sparse parts too much weight. Nothing here waits for the device.
///
/// # Errors
/// [`crate::Error::Torch`].
pub fn gradient(model: &Model, params: &Params, parts: &[Batch]) -> Result<(Tensor, Vec<Tensor>)> {
    let labels: i64 = parts.iter().map(Batch::labels).sum();
    let mut sum: Option<(Tensor, Vec<Tensor>)> = None;
    for part in parts {
        let share = part.labels() as f64 / labels.max(1) as f64;
        let loss = model.loss(&part.to_device(model.device())) * share;
        let grads = Tensor::f_run_backward(&[&loss], params.leaves(), false, false)?;
        let loss = loss.detach(); // the part's graph ends here, and its memory with it
        sum = Some(match sum {
            None => (loss, grads),
            Some((loss_before, mut all)) => {
                for (all, grad) in all.iter_mut().zip(&grads) {
                    *all += grad;
                }
                (loss_before + loss, all)
            }
        });
    }
    sum.ok_or_else(|| crate::Error::Config("a step needs at least one part".to_owned()))
}
