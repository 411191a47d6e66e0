//! The state after the last step known to be good, in memory: what a run that diverges is set
//! back to.

use tch::Tensor;

use crate::model::params::Params;
use crate::train::checkpoint::Progress;
use crate::train::optimizer::AdamW;

/// Twelve bytes for each trained number, on the device.
pub struct Snapshot {
    progress: Progress,
    flat: Tensor,
    mean: Tensor,
    square: Tensor,
}

impl Snapshot {
    /// Copies the state.
    pub fn new(params: &Params, adam: &AdamW, progress: Progress) -> Self {
        Self {
            progress,
            flat: params.flat().copy(),
            mean: adam.mean.copy(),
            square: adam.square.copy(),
        }
    }

    /// Copies the state into the same memory.
    pub fn take(&mut self, params: &Params, adam: &AdamW, progress: Progress) {
        let _guard = tch::no_grad_guard();
        self.progress = progress;
        self.flat.copy_(params.flat());
        self.mean.copy_(&adam.mean);
        self.square.copy_(&adam.square);
    }

    /// Sets parameters and optimiser back, and gives the progress.
    pub fn restore(&self, params: &Params, adam: &mut AdamW) -> Progress {
        let _guard = tch::no_grad_guard();
        params.flat().shallow_clone().copy_(&self.flat);
        adam.mean.copy_(&self.mean);
        adam.square.copy_(&self.square);
        self.progress
    }
}
