//! The layer that a checkpoint ships beside its encoder.

use std::path::Path;

use tch::Tensor;

use super::Mlm;
use crate::files::checkpoint_folder;
use crate::files::weights::{self, Expected, Named};
use crate::model::backbone::{self, Backbone};
use crate::{Error, Result};

/// What its parameters are called: BERT's names, or RoBERTa's.
struct Names {
    is_bert: bool,
    dense: &'static str,
    norm: &'static str,
    /// The bias of each token.
    bias: String,
    /// What compares with the tokens, if it is not the table of embeddings.
    decoder: Option<String>,
}

impl Names {
    /// Those in a file; `None` if it holds no such layer.
    fn of(found: &Named) -> Option<Self> {
        let is_bert = found.contains_key("cls.predictions.transform.dense.weight");
        let [head, dense, norm] = if is_bert {
            [
                "cls.predictions",
                "cls.predictions.transform.dense",
                "cls.predictions.transform.LayerNorm",
            ]
        } else {
            ["lm_head", "lm_head.dense", "lm_head.layer_norm"]
        };
        if !found.contains_key(&format!("{dense}.weight")) {
            return None;
        }
        let has = |name: &String| found.contains_key(name);
        let bias = [".bias", ".decoder.bias"].map(|part| format!("{head}{part}"));
        Some(Self {
            is_bert,
            dense,
            norm,
            bias: bias.into_iter().find(has)?,
            decoder: Some(format!("{head}.decoder.weight")).filter(has),
        })
    }

    /// The parameters for so many tokens and a backbone of this width.
    fn expected(&self, tokens: i64, width: i64) -> Vec<Expected> {
        let mut all = vec![
            Expected::new(&format!("{}.weight", self.dense), &[width, width]),
            Expected::new(&format!("{}.bias", self.dense), &[width]),
            Expected::new(&format!("{}.weight", self.norm), &[width]),
            Expected::new(&format!("{}.bias", self.norm), &[width]),
            Expected::new(&self.bias, &[tokens]),
        ];
        let decoder = self.decoder.iter();
        all.extend(decoder.map(|name| Expected::new(name, &[tokens, width])));
        all
    }
}

impl Mlm {
    /// The layer that a checkpoint ships beside its encoder.
    ///
    /// # Errors
    /// [`Error::NoMlmHead`] if it ships none; [`Error::Mismatch`] for one that does not fit the encoder; what
    /// reading weights can fail with.
    pub fn shipped(dir: &Path, backbone: &Backbone) -> Result<Self> {
        let (path, found) = checkpoint_folder::read(dir)?;
        let mut found = backbone::with_plain_names(&path, found)?;
        let none = || Error::NoMlmHead { path: path.clone() };
        let names = Names::of(&found).ok_or_else(none)?;
        let config = backbone.config();
        let expected = names.expected(config.vocab_size, config.hidden_size);
        found.retain(|name, _| expected.iter().any(|expected| expected.name == *name));
        let tensors = weights::match_strictly(&path, found, &expected, |_| false)?;
        let get = |name: &str| tensors[name].to_device(backbone.device());
        let pair = |name: &str| -> [Tensor; 2] {
            [get(&format!("{name}.weight")), get(&format!("{name}.bias"))]
        };
        let tied = || backbone.word_embeddings().shallow_clone();
        Ok(Self {
            dense: pair(names.dense),
            norm: pair(names.norm),
            decoder_vh: names.decoder.as_deref().map_or_else(tied, get),
            bias_v: get(&names.bias),
            eps: config.layer_norm_eps,
            // RoBERTa's layer has the plain function whatever its encoder has.
            gelu: if names.is_bert {
                backbone.gelu()
            } else {
                "none"
            },
        })
    }
}
