//! Training the layers that fill gaps.

use std::fs;

use crate::Error;
use crate::config::{Config, Preset, Task};
use crate::data::masks::Masking;
use crate::data::text_corpus::{Limit, Lines};
use crate::data::tokenizer::Vocabulary;
use crate::libtorch::device::Precision;
use crate::model::features::FeatureExtractor;
use crate::stop::Stop;
use crate::tasks::mlm::{HeldOut, Row, Text};
use crate::train::mlm_checkpoint::Checkpoints;
use crate::train::mlm_training::Course;
use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::{Args, text};

/// Layers that are trained.
pub(super) struct Learnt {
    pub(super) rows: Vec<Row>,
    /// Their scores on the lines that were held out.
    pub(super) held_out: Vec<Option<HeldOut>>,
    /// What they are a function of.
    pub(super) settings: Map<String, Value>,
    stop: Stop,
    steps: u64,
}

impl Learnt {
    /// Fails if a signal came: the last step's checkpoint is there.
    pub(super) fn check_stop(&self) -> Result<()> {
        let steps = self.steps;
        match self.stop.asked() {
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
    /// Trains a layer for the backbone alone, for each adapter beside it, and for all together.
    pub(super) fn train(
        &self,
        encoder: &FeatureExtractor,
        vocabulary: &Vocabulary,
        names: &[&str],
        precision: Precision,
    ) -> Result<Learnt> {
        let longest = encoder.max_length();
        let most = self.max_length.unwrap_or(longest.min(512));
        ensure!(
            (3..=longest).contains(&most),
            "--max-length is {most}, but backbone and adapters read 3 to {longest} tokens"
        );
        let lines = text::read(&self.text, vocabulary, Limit::Cut(most))?;
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
        let log_share_v = text.log_shares(tokens)?;
        let row =
            |name: String, adapters| Row::new(name, adapters, encoder, &log_share_v, self.seed);
        let mut rows = vec![row("backbone".to_owned(), Vec::new())?];
        for (i, name) in names.iter().enumerate() {
            rows.push(row((*name).to_owned(), vec![i])?);
        }
        if names.len() > 1 {
            rows.push(row(names.join("+"), (0..names.len()).collect())?);
        }
        let settings = self.settings(encoder, names, &lines, precision);
        let stop = Stop::listen().context("taking over Ctrl-C and SIGTERM")?;
        let checkpoints = Checkpoints {
            dir: self.training(),
            every: self.save_every,
            identity: settings.clone(),
            stop: stop.clone(),
        };
        let course = Course {
            encoder,
            text,
            config: &self.config(),
            pad: vocabulary.pad,
            console: self.console(),
        };
        fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let held_out = course.train(&mut rows, &checkpoints)?;
        Ok(Learnt {
            rows,
            held_out,
            settings,
            stop,
            steps: course.steps(),
        })
    }

    fn config(&self) -> Config {
        Config {
            epochs: self.epochs,
            batch_size: self.batch_size,
            learning_rate: self.lr,
            warmup_steps: self.warmup_steps,
            max_steps: self.max_steps,
            seed: self.seed,
            ..Config::preset(Preset::Paper, Task::Relation)
        }
    }

    /// All that the layers are a function of.
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
