//! What a finished run leaves for others.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::data::Lesson;
use crate::identity::Identity;
use crate::params::Params;
use crate::paths::Paths;
use crate::run::Summary;
use crate::shared::SETTINGS_FILES;
use crate::weights::{self, Named, write_atomically, write_json};
use crate::{Error, Result, card, curve, metrics, model, trained};

/// Puts the best weights in their place, with card, picture and, last, the configuration. `from` is the
/// folder of the backbone that was given.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub(crate) fn publish(
    lessons: &[Lesson],
    identity: &Identity,
    params: &Params,
    paths: &Paths,
    summary: &Summary,
    from: &Path,
) -> Result<()> {
    let config = &identity.config;
    let dataset = lessons[0].dataset;
    if model::trains_backbone(config.variant) {
        publish_backbone(params, paths, from)?;
    } else {
        let adapter = paths.adapter();
        if adapter.exists() {
            fs::remove_file(&adapter).map_err(Error::io(&adapter))?;
        }
        // The same bytes twice: one copy on disk where the file system allows it.
        if fs::hard_link(paths.best(), &adapter).is_err() {
            fs::copy(paths.best(), &adapter).map_err(Error::io(&adapter))?;
        }
    }
    let names = match lessons {
        [lesson] => metrics::names(lesson.config.task),
        _ => metrics::names_together(),
    };
    let metrics = paths.training("metrics.jsonl");
    curve::draw(&metrics, &paths.training("curve.svg"), &names)?;
    let card = card::render(dataset, identity, summary);
    write_atomically(&paths.dir.join("README.md"), card.as_bytes())?;
    let adapter_config: Value = json!({
        "format": "ktrain adapter",
        "version": env!("CARGO_PKG_VERSION"),
        "plug_points": config.plug_points(identity.backbone.layers),
        "parameters": summary.parameters,
        "class_names": dataset.manifest.class_names,
        "config": config,
        "backbone": identity.backbone,
        "dataset": identity.dataset,
        "adapter_weights_sha256": identity.adapter_weights_sha256,
        "adapters": identity.adapters,
        "scores": summary.scores,
        "second": identity.second,
        "second_scores": summary.second.as_ref().map(|second| &second.scores),
    });
    write_json(&paths.adapter_config(), &adapter_config)
}

/// Writes the backbone that was trained as a folder like the one it came from, and its heads.
fn publish_backbone(params: &Params, paths: &Paths, from: &Path) -> Result<()> {
    let to = paths.backbone();
    fs::create_dir_all(&to).map_err(Error::io(&to))?;
    for name in SETTINGS_FILES {
        let path = from.join(name);
        if path.is_file() {
            fs::copy(&path, to.join(name)).map_err(Error::io(&path))?;
        }
    }
    let (mut backbone, mut heads) = (Named::new(), Named::new());
    for (name, tensor) in params.complete() {
        match name.strip_prefix(trained::PREFIX) {
            Some(name) => backbone.insert(name.to_owned(), tensor),
            None => heads.insert(name, tensor),
        };
    }
    weights::write(&to.join("model.safetensors"), &backbone, &[])?;
    weights::write(&paths.heads(), &heads, &[])
}
