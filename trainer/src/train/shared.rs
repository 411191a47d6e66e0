//! What all runs of a command share.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use tch::Device;

use crate::console::Console;
use crate::data::tokenizer::Vocabulary;
use crate::files::identity::BackboneIdentity;
use crate::model::backbone::Backbone;
use crate::model::initial_weights::Start;
use crate::stop::Stop;

/// What lies in a backbone's folder beside its weights.
pub const SETTINGS_FILES: [&str; 7] = [
    "config.json",
    "bert_config.json",
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "vocab.txt",
    "tokenizer_config.json",
];

/// Those of them that are read of a folder, on which features depend: one configuration, and the first tokenizer
/// that is there. What lies beside them may change.
pub(crate) fn settings_files(dir: &Path) -> Vec<&'static str> {
    let there = |name: &str| dir.join(name).is_file();
    let mut names = vec![if there("config.json") {
        "config.json"
    } else {
        "bert_config.json"
    }];
    names.extend_from_slice(if there("tokenizer.json") {
        &["tokenizer.json"]
    } else if there("vocab.json") && there("merges.txt") {
        &["vocab.json", "merges.txt"]
    } else {
        &["vocab.txt", "tokenizer_config.json"]
    });
    names
}

/// What all runs of a command share.
pub struct Shared {
    /// The backbone's folder.
    pub dir: PathBuf,
    /// The backbone, in memory.
    pub backbone: Rc<Backbone>,
    /// Which one it is.
    pub identity: BackboneIdentity,
    /// Its tokenizer.
    pub vocabulary: Vocabulary,
    /// Where tensors live.
    pub device: Device,
    /// What the adapters start from, if not at random.
    pub start: Option<Start>,
    /// Where hidden states are cached, if they are.
    pub cache: Option<PathBuf>,
    /// Threads that tokenise.
    pub threads: usize,
    /// Messages on standard error.
    pub console: Console,
    /// Whether runs are to stop.
    pub stop: Stop,
}
