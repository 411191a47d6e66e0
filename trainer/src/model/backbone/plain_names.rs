//! The encoder's parameters under the names that checkpoints of all ages and wrappers give them.

use std::collections::BTreeMap;
use std::path::Path;

use tch::Tensor;

use crate::Result;
use crate::files::file_kind;
use crate::files::weights::Named;

/// The tensors by their [`plain_name`]s.
pub(crate) fn with_plain_names(path: &Path, found: Named) -> Result<Named> {
    let mut plain: BTreeMap<String, (String, Tensor)> = BTreeMap::new();
    for (name, tensor) in found {
        let plain_name = plain_name(&name);
        let is_harmless = is_harmless(&plain_name);
        if let Some((other, _)) = plain.insert(plain_name, (name.clone(), tensor))
            && !is_harmless
        {
            let reason = format!(
                "{other} and {name} are the same parameter of two encoders: keep the tensors of one"
            );
            return Err(file_kind::refuse(path, reason));
        }
    }
    let plain = plain.into_iter();
    Ok(plain.map(|(name, (_, tensor))| (name, tensor)).collect())
}

/// What wrappers put before the encoder's own names: the model with its head, `DataParallel`, and
/// models that hold the encoder under a name of their own.
const PREFIXES: [&str; 6] = [
    "module.",
    "model.",
    "bert.",
    "roberta.",
    "encoder.bert.",
    "encoder.roberta.",
];

/// The name without prefixes, and with today's names of the layer norm's parameters.
fn plain_name(mut name: &str) -> String {
    while let Some(rest) = PREFIXES.iter().find_map(|p| name.strip_prefix(p)) {
        name = rest;
    }
    // Checkpoints from before 2020 use the first pair.
    name.replace("LayerNorm.gamma", "LayerNorm.weight")
        .replace("LayerNorm.beta", "LayerNorm.bias")
}

/// Tensors that checkpoints hold beside the encoder.
pub(super) fn is_harmless(name: &str) -> bool {
    name == "embeddings.position_ids"
        || ["pooler.", "lm_head.", "cls.", "classifier.", "qa_outputs."]
            .iter()
            .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_common_checkpoints_are_no_part_of_the_name() {
        for prefix in [
            "",
            "bert.",
            "module.bert.",
            "encoder.roberta.",
            "module.model.roberta.",
        ] {
            let name = format!("{prefix}encoder.layer.0.output.LayerNorm.gamma");
            assert_eq!(plain_name(&name), "encoder.layer.0.output.LayerNorm.weight");
        }
        assert!(is_harmless(&plain_name("module.classifier.dense.weight")));
        assert!(is_harmless(&plain_name(
            "encoder.roberta.pooler.dense.bias"
        )));
    }

    #[test]
    fn two_encoders_in_a_file_are_refused() {
        let one = || Tensor::from(1.0f32);
        let names = ["module.bert.x", "bert.x"].map(|name| (name.to_owned(), one()));
        let error = with_plain_names(Path::new("m"), names.into()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "m: bert.x and module.bert.x are the same parameter of two encoders: keep the tensors of one"
        );
    }
}
