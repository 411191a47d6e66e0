//! What the hidden states of a split depend on.

use kprep_schemas::hex;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::data::examples::TrainingRow;
use crate::data::store::Store;
use crate::data::tokenizer::Vocabulary;
use crate::files::identity::BackboneIdentity;
use crate::model::hidden_states::FrozenBackbone;

/// What a split's hidden states are a function of.
pub struct Source<'a, R: TrainingRow> {
    /// The examples.
    pub store: &'a Store<R>,
    /// The settings, in which all runs that read the cache agree.
    pub config: &'a Config,
    /// The pass through the backbone.
    pub frozen: &'a FrozenBackbone,
    /// Which backbone that is.
    pub backbone: &'a BackboneIdentity,
    /// Its tokenizer.
    pub vocabulary: &'a Vocabulary,
    /// The dataset's name, for people.
    pub name: &'a str,
}

impl<R: TrainingRow> Source<'_, R> {
    /// The SHA-256 of everything that the states depend on.
    pub(super) fn key(&self) -> String {
        let mut ids = Sha256::new();
        let mut row = vec![0; self.config.max_length];
        for i in 0..self.store.len() {
            let row = &mut row[..self.store.length(i)];
            self.store.copy_ids(i, 0..self.store.length(i), row);
            ids.update((row.len() as u64).to_le_bytes());
            for id in row {
                ids.update(id.to_le_bytes());
            }
        }
        let mut key = json!({
            "ids": hex(&ids.finalize()), "backbone": self.backbone.sha256, "files": self.backbone.files, "points": self.frozen.points,
            "precision": self.config.precision, "pads_to": self.config.pads_to(),
            "device": self.frozen.backbone.device().is_cuda(),
            // Of the batches that are computed together, on which the last bits depend.
            "batch_size": match self.config.batch_tokens {
                0 => json!(self.config.batch_size),
                tokens => json!({"tokens": tokens}),
            },
        });
        let share = R::masked_share(self.config, false);
        if share > 0.0 {
            let seed = self.config.order_seed.unwrap_or(self.config.seed);
            key["masks"] = json!([share, seed]);
        }
        hex(&Sha256::digest(key.to_string()))
    }
}
