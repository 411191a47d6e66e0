//! What a training loop in another framework needs to do the very same steps.

use std::fs;
use std::path::Path;

use crate::Error;
use crate::config::Config;
use crate::data::batch::Batch;
use crate::files::weights::{self, Named};
use crate::model::params::Params;
use crate::tasks::TaskDefinition;
use crate::train::checkpoint;
use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use tch::Kind;

/// Writes the parameters before the first step, `start.safetensors`, and `batches.safetensors`:
/// `ids`, `mask` (1 at tokens), `pool` and `label` of each step from 0, named `0.ids` and so on.
pub(super) fn write<T: TaskDefinition>(
    dir: &Path,
    config: &Config,
    backbone_layers: usize,
    pad: u32,
    params: &Params,
    steps: &[Vec<Batch<T::Row>>],
) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let mut named = Named::new();
    for (i, parts) in steps.iter().enumerate() {
        let [batch] = parts.as_slice() else {
            bail!("--export needs gradient_accumulation_steps=1");
        };
        let input = &batch.input;
        let Some(targets) = T::export(&batch.targets, input.ids_bt.size()[1]) else {
            bail!(
                "--export writes batches of relations, not of parses: choose a dataset with --only"
            );
        };
        let mask_bt = input.mask_bt.as_ref().map_or_else(
            || input.ids_bt.ones_like(),
            |mask_bt| mask_bt.to_kind(Kind::Int64),
        );
        let inputs = [("ids", input.ids_bt.shallow_clone()), ("mask", mask_bt)];
        for (name, tensor) in inputs.into_iter().chain(targets) {
            named.insert(format!("{i}.{name}"), tensor);
        }
    }
    ensure!(!named.is_empty(), "--export has no step to write");
    let bench = json!({
        "steps": steps.len(), "warm_up": super::WARM_UP, "pad": pad, "config": config,
        "plug_points": config.plug_points(backbone_layers),
    });
    let path = dir.join("batches.safetensors");
    weights::write(&path, &named, &[("bench", bench.to_string())])?;
    checkpoint::save_weights(&dir.join("start.safetensors"), params).map_err(Error::into)
}
