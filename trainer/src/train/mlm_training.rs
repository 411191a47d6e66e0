//! Trains the layers of `ktrain probe` that guess masked tokens, all of them on the same pass of the frozen encoder.

use std::fmt::Write;

use tch::Tensor;

use crate::config::Config;
use crate::console::Console;
use crate::data::masks::Masked;
use crate::data::sampler::Random;
use crate::model::features::FeatureExtractor;
use crate::tasks::mlm::{self, HeldOut, Row, Text};
use crate::train::mlm_checkpoint::Checkpoints;
use crate::train::optimizer;
use crate::{Error, Result};

/// Steps between two lines that tell of the loss.
const TOLD_EVERY: u64 = 100;

/// How layers are trained.
pub struct Course<'a> {
    /// What makes the features.
    pub encoder: &'a FeatureExtractor,
    /// What they learn from.
    pub text: Text<'a>,
    /// Of the settings those of the optimiser, of the batches and of the schedule count.
    pub config: &'a Config,
    /// The pad token.
    pub pad: u32,
    /// What is said meanwhile.
    pub console: Console,
}

impl Course<'_> {
    /// The lines that are held out, and the others; none that is empty.
    fn lines(&self) -> [Vec<usize>; 2] {
        let all = 0..self.text.lines.len();
        let all = all.filter(|&i| self.text.lines.ids(i).len() > 2);
        let (held_out, train) = all.partition(|&i| self.text.is_held_out(i));
        [held_out, train]
    }

    /// How many steps it takes.
    pub fn steps(&self) -> u64 {
        let [_, train] = self.lines();
        let all = self.config.epochs * train.len().div_ceil(self.config.batch_size) as u64;
        match self.config.max_steps {
            0 => all,
            most => most.min(all),
        }
    }

    /// Trains all rows together: one pass of the frozen encoder serves them all. Goes on from the last of
    /// the checkpoints, if there is one. Returns each row's scores on the lines that were held out, if
    /// any were.
    ///
    /// # Errors
    /// [`Error::Config`] if there is nothing to learn from; [`Error::Stopped`] after a signal, with a
    /// checkpoint; [`Error::Torch`], and what checkpoints can fail with.
    pub fn train(
        &self,
        rows: &mut [Row],
        checkpoints: &Checkpoints,
    ) -> Result<Vec<Option<HeldOut>>> {
        let [held_out, train] = self.lines();
        if train.is_empty() {
            return Err(Error::Config("the text has no line to learn from".into()));
        }
        let per_epoch = train.len().div_ceil(self.config.batch_size) as u64;
        let steps = self.steps();
        let first = checkpoints.load(rows)?;
        let mut bar = self.console.bar("training MLM heads", steps);
        bar.inc(first);
        let mut order = (u64::MAX, Vec::new());
        for step in first..steps {
            let epoch = step / per_epoch;
            if order.0 != epoch {
                order = (epoch, train.clone());
                Random::new(self.config.seed, epoch).shuffle(&mut order.1);
            }
            let from = (step % per_epoch) as usize * self.config.batch_size;
            let to = (from + self.config.batch_size).min(train.len());
            let chosen = order.1[from..to].to_vec();
            let parts = self.text.parts(chosen, epoch, self.encoder.pads_to());
            let losses = self.learn(&parts, rows, (step, steps))?;
            bar.inc(1);
            let step = step + 1;
            if step.is_multiple_of(TOLD_EVERY) || step == steps {
                self.tell(rows, &losses, (step, steps))?;
            }
            checkpoints.after(rows, (step, steps))?;
        }
        drop(bar);
        let parts = self.text.parts(held_out, u64::MAX, self.encoder.pads_to());
        mlm::score(self.encoder, &parts, rows, self.pad)
    }

    /// One step of each row. Gives their losses, a masked token.
    fn learn(
        &self,
        parts: &[Vec<Masked>],
        rows: &mut [Row],
        (step, steps): (u64, u64),
    ) -> Result<Vec<Tensor>> {
        let gradients = mlm::gradients(self.encoder, self.pad, parts, rows)?;
        let rate = optimizer::learning_rate(self.config, step, steps);
        let mut losses = Vec::new();
        for (row, (loss, grads)) in rows.iter_mut().zip(gradients.into_iter().flatten()) {
            let _norm = row
                .adam
                .step(self.config, &row.params, &grads, step, rate)?;
            losses.push(loss);
        }
        Ok(losses)
    }

    /// A line with the loss of each row.
    fn tell(&self, rows: &[Row], losses: &[Tensor], (step, steps): (u64, u64)) -> Result<()> {
        let mut line = format!("step {step}/{steps}  loss");
        for (row, loss) in rows.iter().zip(losses) {
            let loss = f64::try_from(loss)?;
            if !loss.is_finite() {
                return Err(Error::Config(format!(
                    "the loss of {} is {loss} after step {step}: restart with --overwrite and a lower --lr",
                    row.name
                )));
            }
            let _ = write!(line, "  {} {loss:.3}", row.name); // writing to a String cannot fail
        }
        self.console.say(&line);
        Ok(())
    }
}
