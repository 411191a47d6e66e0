//! Ctrl-C and SIGTERM: the run ends after the step that it is in.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether a signal has asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Takes the two signals over. A second one ends the program at once, with the same exit code.
    ///
    /// # Errors
    /// The system's reason if it refuses.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            let again = Arc::new(AtomicBool::new(false));
            // In this order, or the first signal would count as the second.
            flag::register_conditional_shutdown(signal, exit_code(signal).into(), again.clone())?;
            flag::register(signal, again)?;
            flag::register_usize(signal, stop.0.clone(), signal as usize)?;
        }
        Ok(stop)
    }

    /// The signal that came, if one did.
    pub fn asked(&self) -> Option<i32> {
        let signal = self.0.load(Ordering::Relaxed);
        (signal != 0).then_some(signal as i32)
    }
}

/// The exit code of a program that a signal ended, as shells give it: 130 after Ctrl-C, 143 after
/// SIGTERM.
pub fn exit_code(signal: i32) -> u8 {
    128 + signal as u8
}

/// `SIGINT` or `SIGTERM`.
pub fn name(signal: i32) -> &'static str {
    signal_hook::low_level::signal_name(signal).unwrap_or("a signal")
}
