//! A run to be, and one that is ready.

use std::rc::Rc;

use crate::config::Config;
use crate::files::identity::Identity;
use crate::files::paths::Paths;
use crate::model::encoder::Encoder;
use crate::model::frozen_adapter::FrozenAdapter;
use crate::model::params::Params;
use crate::train::metrics_log::Log;

/// A run to be: settings, a folder, and what the log calls it.
#[derive(Clone)]
pub struct Job {
    /// Every setting, of each task that takes turns.
    pub configs: Vec<Config>,
    /// Where its files go.
    pub paths: Paths,
    /// Its name.
    pub name: String,
    /// The frozen adapters of a fine-tuning run.
    pub knowledge: Vec<Rc<FrozenAdapter>>,
}

impl Job {
    /// The settings of a job with one task.
    pub fn config(&self) -> &Config {
        &self.configs[0]
    }
}

/// A run that is ready.
pub(super) struct Run<'a> {
    pub(super) job: &'a Job,
    pub(super) identity: Identity,
    pub(super) params: Params,
    pub(super) number: usize,
    pub(super) encoder: Rc<Encoder>,
    pub(super) log: Log,
}
