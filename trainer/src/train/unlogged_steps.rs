//! The steps that no line of the log tells of yet: kept on the device, read together.

use std::time::{Duration, Instant};

use tch::{Kind, Tensor};

use crate::Result;
use crate::train::checkpoint::Unlogged;
use crate::train::steps::Read;

/// What happened since the last line of the log.
pub(crate) struct Since {
    /// When the clock was started; none while it is stopped.
    running: Option<Instant>,
    /// What it had measured before.
    measured: Duration,
    /// The steps with a loss, from 1.
    steps: Vec<u64>,
    /// Their losses and gradient norms, on the device.
    losses: Vec<Tensor>,
    norms: Vec<Tensor>,
    /// Of steps before the run was stopped and resumed.
    pub(crate) before: Unlogged,
    pub(crate) examples: usize,
    pub(crate) tokens: usize,
    pub(crate) waited: Duration,
}

impl Since {
    pub(crate) fn new() -> Self {
        Self {
            running: Some(Instant::now()),
            measured: Duration::ZERO,
            steps: Vec::new(),
            losses: Vec::new(),
            norms: Vec::new(),
            before: Unlogged {
                loss: 0.0,
                steps: 0,
                gradient_norm: 0.0,
            },
            examples: 0,
            tokens: 0,
            waited: Duration::ZERO,
        }
    }

    /// How long the steps took, without what was between them.
    pub(crate) fn elapsed(&self) -> Duration {
        let running = self.running.map(|start| start.elapsed());
        self.measured + running.unwrap_or_default()
    }

    /// Stops the clock, before work that is no training.
    pub(crate) fn pause(&mut self) {
        self.measured = self.elapsed();
        self.running = None;
    }

    /// Starts it again.
    pub(crate) fn go_on(&mut self) {
        self.measured = self.elapsed();
        self.running = Some(Instant::now());
    }

    /// Counts a step. Nothing here waits for the device.
    pub(crate) fn step(&mut self, step: u64, read: Read, loss: &Tensor, norm: &Tensor) {
        self.steps.push(step);
        self.losses.push(loss.to_kind(Kind::Float));
        self.norms.push(norm.shallow_clone());
        self.examples += read.examples;
        self.tokens += read.tokens;
        self.waited += read.waited;
    }

    /// The sum of the losses, and the last gradient norm; `None` if no step had a loss, before the run was stopped or since.
    /// One wait for the device reads them all.
    pub(crate) fn read(&self) -> Result<Option<Unlogged>> {
        let n = self.steps.len();
        let all: Vec<&Tensor> = self.losses.iter().chain(&self.norms).collect();
        if all.is_empty() {
            return Ok((self.before.steps > 0).then_some(self.before));
        }
        let numbers = Vec::<f32>::try_from(Tensor::f_stack(&all, 0)?)?;
        let (losses, norms) = numbers.split_at(n);
        for (&step, (&loss, &norm)) in self.steps.iter().zip(losses.iter().zip(norms)) {
            for (what, value) in [("loss", loss), ("gradient norm", norm)] {
                if !value.is_finite() {
                    return Err(NotFinite { step, what, value }.into());
                }
            }
        }
        Ok(Some(Unlogged {
            loss: losses.iter().fold(self.before.loss, |sum, loss| sum + loss),
            steps: self.before.steps + n as u64,
            gradient_norm: norms[n - 1],
        }))
    }
}

/// A step that computed no number.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the {what} of step {step} is {value}")]
pub struct NotFinite {
    /// The step, from 1.
    pub step: u64,
    /// `loss` or `gradient norm`.
    pub what: &'static str,
    /// The value.
    pub value: f32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// Two steps, the last of which is step 12.
    fn since(losses: [f32; 2], norms: [f32; 2]) -> Since {
        let scalars = |numbers: [f32; 2]| Vec::from(numbers.map(Tensor::from));
        Since {
            steps: vec![11, 12],
            losses: scalars(losses),
            norms: scalars(norms),
            ..Since::new()
        }
    }

    #[test]
    fn losses_are_summed_on_from_before_the_run_was_stopped() {
        let mut since = since([1.0, 2.0], [0.5, 0.25]);
        since.before = Unlogged {
            loss: 4.0,
            steps: 3,
            gradient_norm: 8.0,
        };
        let sum = Unlogged {
            loss: 7.0,
            steps: 5,
            gradient_norm: 0.25,
        };
        assert_eq!(since.read().unwrap(), Some(sum));
        // Stopped again, or logged, before a step had a loss.
        let resumed = Since {
            before: sum,
            ..Since::new()
        };
        assert_eq!(resumed.read().unwrap(), Some(sum));
        assert_eq!(Since::new().read().unwrap(), None);
    }

    #[test]
    fn the_first_step_without_a_number_is_named() {
        let message = |losses, norms| since(losses, norms).read().unwrap_err().to_string();
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        assert_eq!(
            message([1.0, inf], [1.0, nan]),
            "the loss of step 12 is inf"
        );
        assert_eq!(
            message([1.0, nan], [inf, nan]),
            "the gradient norm of step 11 is inf"
        );
        assert!(matches!(
            since([nan, 1.0], [1.0, 1.0]).read(),
            Err(Error::NotFinite(NotFinite { step: 11, .. }))
        ));
    }
}
