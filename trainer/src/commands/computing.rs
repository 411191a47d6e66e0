//! The flags of every command that computes without training an adapter: on what, how exactly, and what it says.

use crate::libtorch::device::{self, Precision};
use crate::report::console::Talk;
use anyhow::Result;
use tch::Device;

use crate::commands::flags::{named, use_threads};

/// What a command adds with `#[command(flatten)]`.
#[derive(clap::Args)]
pub(crate) struct Computing {
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Of the matrix products: auto (bf16 where the hardware is faster in it, else fp32), fp32 or bf16
    #[arg(long, default_value = "fp32", value_parser = named::<Precision>)]
    precision: Precision,
    /// Threads of the CPU [default: all]
    #[arg(long)]
    threads: Option<usize>,
    /// Say nothing but errors
    #[arg(long)]
    quiet: bool,
}

impl Computing {
    /// Opens the device and sets the number of threads. The precision is that of the device where it was left to it,
    /// which is said with the reason.
    pub(crate) fn start(&self) -> Result<(Device, Precision)> {
        let device = device::open(&self.device)?;
        use_threads(self.threads)?;
        if self.precision == Precision::Auto {
            let words = self.precision.in_words(device);
            self.talk().say(&format!("precision {words}"));
        }
        Ok((device, self.precision.resolve(device)))
    }

    /// What is said to people.
    pub(crate) fn talk(&self) -> Talk {
        Talk { quiet: self.quiet }
    }
}
