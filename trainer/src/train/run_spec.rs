//! A run that is to be trained: its settings, its folder and its name.

use std::rc::Rc;

use crate::config::Config;
use crate::files::paths::Paths;
use crate::model::frozen_adapter::FrozenAdapter;

/// What a run is to be.
#[derive(Clone)]
pub struct RunSpec {
    /// Every setting, of each task that alternates.
    pub configs: Vec<Config>,
    /// Where its files go.
    pub paths: Paths,
    /// Its name in the log.
    pub name: String,
    /// The frozen adapters of a fine-tuning run.
    pub knowledge: Vec<Rc<FrozenAdapter>>,
}

impl RunSpec {
    /// The settings of its (first) task.
    pub fn config(&self) -> &Config {
        &self.configs[0]
    }
}
