//! Ctrl-C and SIGTERM: the run ends after the step that it is in.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;

/// Whether a signal has asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicUsize>);

impl Stop {
    /// Takes the two signals over. A second one, of either kind, ends the program at once with its
    /// own exit code.
    ///
    /// # Errors
    /// The system's reason if it refuses.
    pub fn listen() -> io::Result<Self> {
        let stop = Self::default();
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order, or the first signal would count as the second.
            flag::register_conditional_shutdown(signal, exit_code(signal).into(), again.clone())?;
            flag::register(signal, again.clone())?;
            flag::register_usize(signal, stop.0.clone(), signal as usize)?;
        }
        Ok(stop)
    }

    /// As it is after this signal.
    pub fn after(signal: i32) -> Self {
        Self(Arc::new(AtomicUsize::new(signal as usize)))
    }

    /// The signal that came, if one did.
    pub fn signal(&self) -> Option<i32> {
        let signal = self.0.load(Ordering::Relaxed);
        (signal != 0).then_some(signal as i32)
    }
}

/// Lets a write beyond the limit on files' sizes (`ulimit -f`, a quota) fail with an error that names the file. By
/// default its signal ends the program without a word.
///
/// # Errors
/// The system's reason if it refuses.
pub fn survive_file_limits() -> io::Result<()> {
    flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false))).map(drop)
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

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::{self, Command};

    use signal_hook::low_level::raise;

    use super::*;

    /// In a process of its own, for it ends by its signals.
    #[test]
    fn a_second_signal_of_either_kind_ends_the_program_at_once() {
        const TEST: &str = "stop::tests::a_second_signal_of_either_kind_ends_the_program_at_once";
        if let Ok(signals) = env::var(TEST) {
            let stop = Stop::listen().unwrap();
            for signal in signals.split(' ').map(|signal| signal.parse().unwrap()) {
                raise(signal).unwrap();
                assert_eq!(stop.signal(), Some(signal));
            }
            process::exit(0);
        }
        for (signals, code) in [
            ("2", 0),
            ("15", 0),
            ("2 2", 130),
            ("15 2", 130),
            ("2 15", 143),
            ("15 15", 143),
        ] {
            let mut command = Command::new(env::current_exe().unwrap());
            command.args(["--exact", TEST]).env(TEST, signals);
            let output = command.output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{signals}: {output:?}");
        }
    }
}
