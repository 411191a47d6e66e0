//! The folder of an adapter that was trained elsewhere: the same files as a run of this program leaves.

use serde_json::json;
use tch::Kind;

use crate::Result;
use crate::config::Task;
use crate::console::printable_lines;
use crate::files::adapter_config;
use crate::files::identity::Identity;
use crate::files::paths::Paths;
use crate::files::weights::{self, Named, write_atomically, write_json};
use crate::model::initial_weights::Start;
use crate::report::card;
use crate::report::card_metadata::{self, Origin};
use crate::train::run_files;

/// Writes the folder, which [`Paths::claim`] has allowed: the adapter and its head as fp32, a card and, last, what says
/// that it is complete. `class_names` are those of its relations, where they are known.
///
/// # Errors
/// [`crate::Error::Io`], [`crate::Error::Torch`].
pub fn write(
    paths: &Paths,
    overwrite: bool,
    identity: &Identity,
    class_names: &[String],
    start: &Start,
) -> Result<()> {
    paths.prepare(overwrite)?;
    // First: by it the folder is known as ours where the import is killed.
    write_json(&paths.training("config.json"), identity)?;
    let tensors = start.tensors().iter();
    let tensors: Named = tensors
        .map(|(name, tensor)| (name.clone(), tensor.to_kind(Kind::Float).contiguous()))
        .collect();
    weights::write(&paths.adapter(), &tensors, &[])?;
    let card = printable_lines(&card(identity, start));
    write_atomically(&paths.dir.join("README.md"), card.as_bytes())?;
    let parameters: usize = tensors.values().map(tch::Tensor::numel).sum();
    let more = json!({
        "parameters": parameters,
        "class_names": class_names,
        "imported_from": start.file_name(),
    });
    run_files::sync(&paths.dir)?;
    let files = [adapter_config::WEIGHTS.to_owned()];
    adapter_config::write(&paths.dir, identity, &files, more)?;
    paths.forget_replaced().map(drop)
}

/// What an adapter of a task is called.
pub fn what(task: Task) -> &'static str {
    task.facts()
        .knowledge
        .map_or("Adapter", |titles| titles.adapter)
}

fn card(identity: &Identity, start: &Start) -> String {
    let (what, backbone) = (what(identity.config.task), &identity.backbone);
    format!(
        "{}\n# {what} on {}\n\n\
         {}Imported from `{}`, SHA-256 `{}`.\nThe backbone's own weights are not in this folder; their SHA-256 is `{}`.\n\
         Every setting is in `config.json`. The architecture is that of K-Adapter (Wang et al., Findings of\n\
         ACL 2021).\n{}",
        card_metadata::yaml(identity, &Origin::default(), &[]),
        backbone.name,
        card::how_to_load(&identity.config, &backbone.name),
        start.file_name(),
        start.sha256,
        backbone.sha256,
        card::CITATION
    )
}
