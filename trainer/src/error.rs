//! What can go wrong in training.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::weights::Mismatch;
use crate::libtorch::reason::first_line;
use crate::stop;
use crate::train::unlogged_steps::NotFinite;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of the trainer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {reason}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A JSON file is not what it should be.
    #[error("{path}: {reason}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What the JSON parser found.
        reason: serde_json::Error,
    },
    /// A dataset cannot be read.
    #[error(transparent)]
    Dataset(#[from] kprep_schemas::Error),
    /// `--shards` leads to nothing to train on.
    #[error(
        "no dataset at or below {}: expected a folder with a manifest.json, as `kprep trex` and \
         `kprep deps` write it", .0.display()
    )]
    NoDataset(PathBuf),
    /// A dataset lacks what training needs.
    #[error("{path}: {reason}", path = path.display())]
    Unusable {
        /// The dataset.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The backbone's folder lacks a file.
    #[error(
        "no {file} in the backbone folder {path}: get the small default backbone with `ktrain setup` \
         (in a source tree: `make backbone`), or name the folder of a Hugging Face checkpoint with --backbone DIR",
        path = path.display()
    )]
    NoBackbone {
        /// The folder.
        path: PathBuf,
        /// The file that is not there.
        file: &'static str,
    },
    /// A file of weights is damaged, or holds what is not read from one.
    #[error("{path}: {reason}", path = path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A file of tensors is damaged.
    #[error("{path}: {reason}", path = path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What the safetensors library found.
        reason: safetensors::SafeTensorError,
    },
    /// A file has another checksum than the one that was noted when it was written.
    #[error(
        "{path}: damaged: its SHA-256 is {found}, not {expected}: put a copy of the file that was \
         written in its place, or make it again (a run with --overwrite)",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Its checksum.
        found: String,
        /// The one that was noted.
        expected: String,
    },
    /// A file's tensors are not those that the model has.
    #[error(transparent)]
    Mismatch(Box<Mismatch>),
    /// A file's tensors are those of another preset.
    #[error("{mismatch}\n{advice}")]
    OtherPreset {
        /// What does not fit.
        mismatch: Box<Mismatch>,
        /// What the user can do.
        advice: String,
    },
    /// The tokenizer cannot be used.
    #[error("{path}: {reason}", path = path.display())]
    Tokenizer {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A setting has a value that it cannot have, or not beside another.
    #[error("{0}")]
    Setting(String),
    /// What a flag assigns is no setting, or not set by this flag.
    #[error("{flag} {assignment}: {reason}")]
    Assignment {
        /// The flag: `--set` or `--sweep`.
        flag: &'static str,
        /// What it was given.
        assignment: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A name cannot be that of a file or folder.
    #[error(
        "{name:?} cannot be the name of a file or folder in {dir}: expected a name without / that is not . or ..",
        dir = dir.display()
    )]
    UnsafeName {
        /// The name.
        name: String,
        /// The folder.
        dir: PathBuf,
    },
    /// A file holds something else than what it is read for, or does not fit the files beside it.
    #[error("{path}: {reason}", path = path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A checkpoint ships no MLM head.
    #[error("{path}: no MLM head (cls.predictions or lm_head): train one, with --text", path = path.display())]
    NoMlmHead {
        /// Its weights.
        path: PathBuf,
    },
    /// A text was tokenised with more tokens than the backbone has embeddings of.
    #[error(
        "the text has the token {token}, but the backbone has embeddings of {embeddings} tokens: its tokenizer.json \
         belongs to another model"
    )]
    OtherTokenizer {
        /// The token.
        token: i64,
        /// How many tokens the backbone knows.
        embeddings: i64,
    },
    /// A text has no line to learn from.
    #[error("the text has no line to learn from")]
    NoText,
    /// An input has more texts than a file of features can hold.
    #[error("{tensors} tensors are more than a safetensors file can name: split the input")]
    TooManyTensors {
        /// How many it has.
        tensors: usize,
    },
    /// Parameters are not those that a model is made of.
    #[error("{0}")]
    Parameters(String),
    /// The output holds a run already.
    #[error("{path} holds {what}: {advice}", path = path.display())]
    Exists {
        /// The run's folder.
        path: PathBuf,
        /// What was found.
        what: String,
        /// What the user can do.
        advice: &'static str,
    },
    /// A checkpoint does not fit the run.
    #[error("{path}: {reason}", path = path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An adapter cannot be used.
    #[error("{path} {reason}", path = path.display())]
    Adapter {
        /// Its folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of text cannot be used.
    #[error("{path}: line {line}: {reason}", path = path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Another version of this program, which has other settings, wrote a file.
    #[error(
        "{path}: another version of ktrain wrote it, {differences}: use that version, or train \
         again (with --overwrite in the same folder)",
        path = path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// In which settings they differ.
        differences: String,
    },
    /// A device was asked for that has no meaning, or is not there.
    #[error("{0}")]
    Device(String),
    /// The backbone changed, which it never may.
    #[error("the backbone's {what} changed during training: {before} before, {after} after")]
    BackboneChanged {
        /// File name, or `parameters in memory`.
        what: String,
        /// SHA-256 before.
        before: String,
        /// SHA-256 after.
        after: String,
    },
    /// A frozen adapter changed, which it never may.
    #[error("an adapter's {what} changed during fine-tuning: {before} before, {after} after")]
    AdapterChanged {
        /// `file`, or `parameters in memory`.
        what: String,
        /// SHA-256 before.
        before: String,
        /// SHA-256 after.
        after: String,
    },
    /// The loss or the gradient of a step is no number.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// That ended a run.
    #[error(
        "{reason}: the ids of the records in its batch are in {report}, the last good state is \
         kept as {checkpoint}; --resume would do the same again: restart with --overwrite and \
         a lower --lr, or without those records",
        report = report.display(), checkpoint = checkpoint.display()
    )]
    Diverged {
        /// Which step.
        reason: NotFinite,
        /// The last good state.
        checkpoint: PathBuf,
        /// A JSON file with the ids.
        report: PathBuf,
    },
    /// A signal ended a run. Its checkpoint is written.
    #[error(
        "{} came: stopped after step {step} of {steps}; the same command with --resume goes on \
         from there", stop::name(*signal)
    )]
    Stopped {
        /// The signal's number.
        signal: i32,
        /// Steps done.
        step: u64,
        /// Steps of the whole run.
        steps: u64,
    },
    /// A signal came when a run was complete and the next had not begun.
    #[error(
        "{} came: stopped with {finished} of {runs} runs finished; the same command with --resume \
         goes on with the next", stop::name(*signal)
    )]
    StoppedBetween {
        /// The signal's number.
        signal: i32,
        /// Runs that are complete.
        finished: usize,
        /// Runs of the command.
        runs: usize,
    },
    /// A signal came while hidden states were cached. Nothing is left of them.
    #[error(
        "{} came: stopped while hidden states were being cached; the same command with --resume \
         caches them again", stop::name(*signal)
    )]
    StoppedCaching {
        /// The signal's number.
        signal: i32,
    },
    /// A signal came while features were computed. Nothing is left of them.
    #[error("{} came: stopped while features were being computed; nothing was written", stop::name(*signal))]
    StoppedEncoding {
        /// The signal's number.
        signal: i32,
    },
    /// A disk is too small for a cache.
    #[error(
        "{path}: {needed} bytes are needed and {free} are free: name another folder with --cache, or train without it",
        path = path.display()
    )]
    NoSpace {
        /// The file that was to be.
        path: PathBuf,
        /// Bytes that it takes.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The thread that makes batches died.
    #[error("the thread that makes batches ended early")]
    LoaderDied,
    /// libtorch refused an operation: its reason in one line, without the stack of its C++ functions.
    #[error("libtorch: {0}")]
    Torch(String),
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Self {
        match error {
            tch::TchError::Torch(text) => Self::Torch(first_line(&text).to_owned()),
            other => Self::Torch(first_line(&other.to_string()).to_owned()),
        }
    }
}

impl From<Mismatch> for Error {
    fn from(mismatch: Mismatch) -> Self {
        Self::Mismatch(Box::new(mismatch))
    }
}

impl Error {
    /// The signal that ended the work, if one did: the program's exit code says which.
    pub fn signal(&self) -> Option<i32> {
        match self {
            Self::Stopped { signal, .. }
            | Self::StoppedBetween { signal, .. }
            | Self::StoppedCaching { signal }
            | Self::StoppedEncoding { signal } => Some(*signal),
            _ => None,
        }
    }

    /// For `map_err`: the system's error with the path it is about.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |reason| Self::Io {
            path: path.to_owned(),
            reason,
        }
    }

    /// For `map_err`: a JSON error with the file it is about.
    pub(crate) fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> Self + '_ {
        move |reason| Self::Json {
            path: path.to_owned(),
            reason,
        }
    }

    /// For `map_err`: a safetensors error with the file it is about.
    pub(crate) fn tensors(path: &Path) -> impl FnOnce(safetensors::SafeTensorError) -> Self + '_ {
        move |reason| Self::Tensors {
            path: path.to_owned(),
            reason,
        }
    }
}
