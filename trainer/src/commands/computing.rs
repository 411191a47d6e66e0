//! The flags for the hardware, the same in every command that computes.

use crate::console::Console;
use crate::libtorch::device::{self, Precision};
use anyhow::{Result, ensure};
use std::thread;
use tch::Device;

/// Device, precision and threads.
#[derive(clap::Args)]
#[command(next_help_heading = "Hardware")]
pub(crate) struct Computing {
    /// Device that computes: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(crate) device: String,
    /// Precision of the matrix products
    #[arg(long, value_enum, default_value_t = Precision::Fp32)]
    pub(crate) precision: Precision,
    /// Threads of the CPU [default: all]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

impl Computing {
    /// Opens the device. With `auto` the precision is the device's, which is said with the reason.
    pub(crate) fn start(&self, console: Console) -> Result<(Device, Precision)> {
        let device = device::open(&self.device)?;
        if self.precision == Precision::Auto {
            let words = self.precision.in_words(device);
            console.say(&format!("precision {words}"));
        }
        Ok((device, self.precision.resolve(device)))
    }

    /// The number of CPU threads.
    pub(crate) fn threads(&self) -> Result<usize> {
        let all = || thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or_else(all);
        ensure!(threads > 0, "--threads must be at least 1");
        Ok(threads)
    }
}
