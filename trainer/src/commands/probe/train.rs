//! Training the MLM heads.

use std::fs;

use crate::Error;
use crate::config::{Config, Preset, Task};
use crate::data::masks::Masking;
use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::Vocabulary;
use crate::files::identity::{DatasetIdentity, Identity};
use crate::libtorch::device::Precision;
use crate::model::features::FeatureExtractor;
use crate::stop::Stop;
use crate::tasks::mlm::{HeldOut, MlmHead, Text};
use crate::train::mlm_objective::MlmObjective;
use crate::train::mlm_run;
use crate::train::training_loop;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::{Args, text};

/// MLM heads that were trained.
pub(super) struct TrainedHeads {
    pub(super) heads: Vec<MlmHead>,
    /// Their scores on the lines that were held out.
    pub(super) held_out: Vec<Option<HeldOut>>,
    /// What they are a function of.
    pub(super) settings: Map<String, Value>,
    stop: Stop,
    steps: u64,
}

impl TrainedHeads {
    /// Fails if a signal came: the last step's checkpoints are there.
    pub(super) fn check_stop(&self) -> Result<()> {
        let steps = self.steps;
        match self.stop.signal() {
            None => Ok(()),
            Some(signal) => Err(Error::Stopped {
                signal,
                step: steps,
                steps,
            })?,
        }
    }
}

impl Args {
    /// Trains a head for the backbone alone, for each adapter beside it, and for all together.
    pub(super) fn train(
        &self,
        encoder: &FeatureExtractor,
        vocabulary: &Vocabulary,
        names: &[&str],
        precision: Precision,
    ) -> Result<TrainedHeads> {
        let max_length = self.max_length(encoder)?;
        let lines = text::read(&self.text, vocabulary, Limit::Cut(max_length))?;
        self.console().say(&format!(
            "text  {} lines, {} tokens, {} lines cut",
            lines.len(),
            lines.tokens(),
            lines.cut
        ));
        let tokens = encoder.backbone_model().config().vocab_size;
        let text = Text {
            lines: &lines,
            masking: Masking {
                mask: vocabulary.mask()?,
                // Checkpoints may have rows behind their last token, for the sake of speed.
                tokens: vocabulary.len().min(tokens as usize),
                seed: self.seed,
            },
        };
        let heads = self.heads(encoder, text, names)?;
        let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
        let config = self.config(max_length, precision)?;
        let identity = Identity {
            // A training may go on with other checkpoints.
            config: Config {
                save_every: 0,
                ..config.clone()
            },
            backbone: encoder.backbone().clone(),
            dataset: DatasetIdentity {
                name: "text".to_owned(),
                manifest_sha256: lines.checksum(),
            },
            second: None,
            adapter_weights_sha256: None,
            adapters: encoder.adapters().cloned().collect(),
        };
        let objective = MlmObjective::new(encoder, &heads, &config, text, vocabulary.pad)?;
        let steps = training_loop::steps(&[&objective]);
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let dir = self.training();
        let folders = mlm_run::MlmFolders(&dir);
        let held_out = mlm_run::train(&objective, &identity, &folders, &stop, self.console())?;
        Ok(TrainedHeads {
            held_out,
            settings: self.settings(encoder, names, &lines, precision),
            stop,
            steps,
            heads,
        })
    }

    /// The longest line in tokens.
    fn max_length(&self, encoder: &FeatureExtractor) -> Result<usize> {
        let longest = encoder.max_length();
        let most = self.max_length.unwrap_or(longest.min(512));
        ensure!(
            (3..=longest).contains(&most),
            "--max-length is {most}, but backbone and adapters read 3 to {longest} tokens"
        );
        Ok(most)
    }

    /// The heads as they start.
    fn heads(
        &self,
        encoder: &FeatureExtractor,
        text: Text,
        names: &[&str],
    ) -> Result<Vec<MlmHead>> {
        let log_share_v = text.log_shares(encoder.backbone_model().config().vocab_size)?;
        let head =
            |name: String, adapters| MlmHead::new(name, adapters, encoder, &log_share_v, self.seed);
        let mut heads = vec![head("backbone".to_owned(), Vec::new())?];
        for (i, name) in names.iter().enumerate() {
            heads.push(head((*name).to_owned(), vec![i])?);
        }
        if names.len() > 1 {
            heads.push(head(names.join("+"), (0..names.len()).collect())?);
        }
        Ok(heads)
    }

    /// The settings of the heads' runs. Those of adapters and tasks are a preset's, and nothing reads them.
    fn config(&self, max_length: usize, precision: Precision) -> Result<Config> {
        let config = Config {
            epochs: self.epochs,
            batch_size: self.batch_size,
            max_length,
            learning_rate: self.lr,
            warmup_steps: self.warmup_steps,
            max_steps: self.max_steps,
            save_every: self.save_every,
            seed: self.seed,
            precision,
            ..Config::preset(Preset::Paper, Task::Relation)
        };
        config.check()?;
        Ok(config)
    }

    /// All that the heads are a function of.
    fn settings(
        &self,
        encoder: &FeatureExtractor,
        names: &[&str],
        lines: &Lines,
        precision: Precision,
    ) -> Map<String, Value> {
        let others = json!({
            "backbone": encoder.backbone(), "adapters": encoder.adapters().collect::<Vec<_>>(),
            "text": lines.checksum(), "precision": precision,
        });
        let mut settings = self.flags(names);
        settings.extend(others.as_object().cloned().unwrap_or_default());
        settings
    }

    /// Those of them that the flags say.
    pub(super) fn flags(&self, names: &[&str]) -> Map<String, Value> {
        let flags = json!({
            "names of adapters": names, "epochs": self.epochs, "batch size": self.batch_size,
            "learning rate": self.lr, "warm-up": self.warmup_steps, "number of steps": self.max_steps,
            "seed": self.seed,
        });
        flags.as_object().cloned().unwrap_or_default()
    }
}
