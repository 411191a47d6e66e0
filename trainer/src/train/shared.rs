//! What all runs of a command share.

use std::path::PathBuf;
use std::rc::Rc;

use tch::Device;

use crate::console::Console;
use crate::data::tokenizer::Vocabulary;
use crate::files::identity::BackboneIdentity;
use crate::model::backbone::Backbone;
use crate::model::initial_weights::Start;
use crate::stop::Stop;

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
