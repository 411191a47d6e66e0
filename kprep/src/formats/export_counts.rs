//! How many rows went out, and why others did not.

use std::collections::BTreeMap;
use std::fmt;

use kprep_schemas::{Unfit, thousands};

/// Rows read = rows written + rows lost by reason.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) written: u64,
    lost: BTreeMap<Unfit, u64>,
}

impl Counts {
    /// Counts a row that was written or not.
    pub(crate) fn add(&mut self, row: Result<(), Unfit>) {
        match row {
            Ok(()) => self.written += 1,
            Err(unfit) => *self.lost.entry(unfit).or_default() += 1,
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let read = self.written + self.lost.values().sum::<u64>();
        writeln!(f, "  {:<34} {:>10}", "rows read", thousands(read))?;
        for (unfit, &count) in &self.lost {
            let reason = format!("  - {unfit}");
            writeln!(f, "  {reason:<34} {:>10}", thousands(count))?;
        }
        writeln!(f, "  {:<34} {:>10}", "written", thousands(self.written))
    }
}
