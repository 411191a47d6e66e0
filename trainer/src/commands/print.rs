//! Standard output, which whoever reads it may close before the end.

use std::io::{self, ErrorKind, Write};

use anyhow::{Context, Result};

/// Writes to standard output, and gives whether anybody still reads it: whoever has seen enough (`... | head`) ends
/// the printing, never the work, and changes no exit code.
pub(crate) fn print(text: &str) -> Result<bool> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("standard output"),
    }
}
