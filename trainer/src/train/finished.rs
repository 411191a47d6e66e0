//! A finished run beside the one that is asked for.

use kprep_schemas::Dataset;

use crate::files::adapter_config::AdapterConfig;
use crate::train::run::{RunSpec, identity};
use crate::train::shared::Shared;
use crate::{Error, Result};

/// Checks that a finished run is the one that is asked for on these datasets, and that its files are those that it
/// wrote. Of its `training` folder, its card and the shards of the datasets nothing is read.
///
/// # Errors
/// [`Error::Exists`] with every difference; [`Error::Damaged`], and what [`AdapterConfig::read`] says.
pub fn check(datasets: &[&Dataset], spec: &RunSpec, shared: &Shared) -> Result<()> {
    let found = AdapterConfig::read(&spec.paths.dir)?;
    let differences = identity(datasets, spec, shared)?.differences(&found.run);
    if !differences.is_empty() {
        return Err(Error::Exists {
            path: spec.paths.dir.clone(),
            what: format!(
                "a finished run with other settings ({})",
                differences.join("; ")
            ),
            advice: "give the same ones, choose another --out, or replace it with --overwrite",
        });
    }
    found.check_files()
}
