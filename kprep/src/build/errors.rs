//! Malformed input: told as it happens, counted, and held against `--max-errors`.

use anyhow::{Result, bail};

use crate::console::tell;

/// Errors told one by one; further ones are only counted.
const TOLD: u64 = 10;

/// Counts malformed records and broken files.
pub(crate) struct Errors {
    max: u64,
    quiet: bool,
    /// All of them.
    pub(crate) count: u64,
}

impl Errors {
    pub(crate) fn new(max: u64, quiet: bool) -> Self {
        Self {
            max,
            quiet,
            count: 0,
        }
    }

    /// A malformed record, which was skipped.
    pub(crate) fn record(&mut self, message: &str) {
        self.count += 1;
        if !self.quiet && self.count <= TOLD {
            let more = if self.count == TOLD {
                " (further ones are only counted)"
            } else {
                ""
            };
            tell(&format_args!("skipped: {message}{more}"));
        }
    }

    /// A file that cannot be read to its end. Fails unless `--max-errors` allows for it.
    pub(crate) fn file(&mut self, message: &str) -> Result<()> {
        if self.count >= self.max {
            self.count += 1;
            bail!(
                "{message}\nrepair or leave out this file; if a part of it is good, --max-errors {} takes that",
                self.count
            );
        }
        self.record(message);
        Ok(())
    }

    /// Something to know that is no error.
    pub(crate) fn note(&self, message: &str) {
        if !self.quiet {
            tell(&format_args!("note: {message}"));
        }
    }

    /// Whether more was lost than `--max-errors` allows.
    pub(crate) fn beyond_max(&self) -> bool {
        self.count > self.max
    }
}
