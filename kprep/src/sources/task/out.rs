//! Where the dataset of a benchmark goes, and the flags of every benchmark.

use std::path::PathBuf;

use crate::build::inputs::Wanted;
use crate::flags::{ErrorFlags, RunFlags, SeedFlags};

/// How a dataset is built, whatever the task.
#[derive(Debug, clap::Args)]
pub(crate) struct OutArgs {
    /// Where the dataset goes [default: data/ and the task's name]
    #[arg(long, short, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) seed: SeedFlags,

    #[command(flatten)]
    pub(super) errors: ErrorFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// How and where the output of a task goes.
pub(crate) struct Out<'a> {
    pub(crate) args: &'a OutArgs,
    pub(crate) place: PathBuf,
    /// What the task reads.
    pub(super) wanted: Wanted,
}

impl OutArgs {
    /// For the task of this name, `task ` before it, which reads such files.
    pub(crate) fn of(&self, command: &'static str, formats: &'static str) -> Out<'_> {
        let name = command.strip_prefix("task ").unwrap_or(command);
        let place = self.out.clone();
        Out {
            args: self,
            place: place.unwrap_or_else(|| PathBuf::from("data").join(name)),
            wanted: Wanted { command, formats },
        }
    }
}
