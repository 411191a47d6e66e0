//! What a finished run leaves for others.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::console::printable_lines;
use crate::data::class_labels;
use crate::evaluate::metrics;
use crate::files::adapter_config;
use crate::files::checkpoint_folder::SETTINGS_FILES;
use crate::files::entity_vectors;
use crate::files::identity::Identity;
use crate::files::paths::Paths;
use crate::files::weights::{self, Named, write_atomically};
use crate::model::params::Params;
use crate::model::trainable;
use crate::report::card;
use crate::report::curve;
use crate::report::summary::Summary;
use crate::train::objective::DatasetObjective;
use crate::train::run_files;
use crate::{Error, Result};

/// Puts the best weights in their place, with card, picture and, last, the configuration. `from` is the
/// folder of the backbone that was given.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub(crate) fn publish(
    objectives: &[Box<dyn DatasetObjective + '_>],
    identity: &Identity,
    params: &Params,
    paths: &Paths,
    summary: &Summary,
    from: &Path,
) -> Result<()> {
    let config = &identity.config;
    let dataset = objectives[0].dataset();
    if config.variant.trains_backbone() {
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
    if let Some((entities, vectors)) = objectives[0]
        .entities()
        .and_then(|entities| Some((entities, entities.vector_nd.as_ref()?)))
    {
        entity_vectors::write(&paths.entity_vectors(), &entities.ids, vectors)?;
    }
    let names = match objectives {
        [objective] => objective.config().task.facts().figures,
        _ => metrics::names_together(),
    };
    let metrics = paths.training("metrics.jsonl");
    curve::draw(&metrics, &paths.training("curve.svg"), &names)?;
    let labels = class_labels::of(dataset)?;
    let card = printable_lines(&card::render(dataset, identity, summary, &labels));
    write_atomically(&paths.dir.join("README.md"), card.as_bytes())?;
    let more: Value = json!({
        "parameters": summary.parameters,
        "class_names": dataset.manifest.class_names,
        "class_labels": labels,
        "scores": summary.scores,
        "second_scores": summary.second.as_ref().map(|second| &second.scores),
        "entities": learned_entities(objectives[0].as_ref()),
    });
    run_files::sync(&paths.dir)?;
    adapter_config::write(&paths.dir, identity, &results(&paths.dir)?, more)
}

/// The ids of the entities whose vectors the head has learned, in their order; those of frozen vectors lie beside them.
fn learned_entities<'a>(objective: &'a (dyn DatasetObjective + 'a)) -> Option<&'a [String]> {
    let entities = objective.entities()?;
    entities.vector_nd.is_none().then_some(&entities.ids)
}

/// The files for good, which readers check: all of the run's but its card and what is about its training. People edit
/// cards.
fn results(dir: &Path) -> Result<Vec<String>> {
    let [own, _] = run_files::own_and_foreign(dir)?;
    let names = own.iter().map(|path| path.to_string_lossy().into_owned());
    let is_result = |name: &String| {
        let others = ["README.md", adapter_config::FILE, adapter_config::MODELLING];
        !name.starts_with("training/")
            && !name.ends_with(".partial")
            && !others.contains(&name.as_str())
    };
    Ok(names.filter(is_result).collect())
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
        match name.strip_prefix(trainable::PREFIX) {
            Some(name) => backbone.insert(name.to_owned(), tensor),
            None => heads.insert(name, tensor),
        };
    }
    weights::write(&to.join("model.safetensors"), &backbone, &[])?;
    weights::write(&paths.heads(), &heads, &[])
}
