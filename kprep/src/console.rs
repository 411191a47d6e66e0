//! What the program says: messages on stderr for people, answers on stdout.
//!
//! Names and texts from files pass through here on their way to a terminal, which must not obey
//! them. Whoever stops reading ends the talk and not the verdict: the exit code stays that of the
//! work.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, ErrorKind, StdoutLock, Write, stderr, stdout};

use anyhow::Result;
use kprep_schemas::printable;
use serde::Serialize;

/// Says something to people, a line or several. That nobody listens is no fault.
pub(crate) fn tell(message: &dyn Display) {
    let message = message.to_string();
    let text = message.strip_suffix('\n').unwrap_or(&message);
    // In one piece, so that the lines of two threads do not mix.
    let _ = stderr().lock().write_all((shown(text) + "\n").as_bytes());
}

/// Text of one line or several without what a terminal would obey.
pub(crate) fn shown(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// The standard output. Its faults are called by its name, so that a full disk behind it is known
/// for one; a reader that has seen enough ([`ErrorKind::BrokenPipe`]) is a fault that `main` ends
/// with 0 on.
pub(crate) struct Answer(StdoutLock<'static>);

impl Answer {
    pub(crate) fn new() -> Self {
        Self(stdout().lock())
    }
}

fn named(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("stdout: {error}"))
}

impl Write for Answer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(|error| named(&error))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(|error| named(&error))
    }
}

/// Prints an answer for people.
pub(crate) fn show(text: &dyn Display) -> Result<()> {
    print(&shown(&text.to_string()))
}

/// The same with the line ends that the text has at its end, and one more.
pub(crate) fn show_lines(text: &str) -> Result<()> {
    let mut out = Answer::new();
    writeln!(out, "{}", shown(text))?;
    Ok(out.flush()?)
}

/// Prints an answer for programs.
pub(crate) fn show_json(value: &impl Serialize) -> Result<()> {
    print(&json(value)?)
}

fn print(text: &str) -> Result<()> {
    let mut out = Answer::new();
    writeln!(out, "{}", text.trim_end_matches('\n'))?;
    Ok(out.flush()?)
}

/// JSON, which may hold as they are some characters that a terminal obeys; it has escapes of its
/// own.
fn json(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string_pretty(value)?;
    let escaped = json
        .chars()
        .map(|c| match printable(c.encode_utf8(&mut [0; 4])) {
            Cow::Owned(_) if c != '\n' => format!("\\u{:04x}", u32::from(c)),
            _ => c.to_string(),
        });
    Ok(escaped.collect())
}

/// For the report of a command that has a verdict of its own, which a reader that is gone does not
/// change.
pub(crate) fn even_unread(printed: Result<()>) -> Result<()> {
    match printed {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        done => done,
    }
}

/// Whether an error says that whoever read our stdout has seen enough (`kprep head DIR | less`).
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_codes_do_not() {
        assert_eq!(shown("a\u{1b}[2J\nb\r"), "a\\u{1b}[2J\nb\\u{d}");
        let value = vec!["\u{9b}2J\u{1b}\u{202e}é"];
        let text = json(&value).unwrap();
        assert_eq!(text, "[\n  \"\\u009b2J\\u001b\\u202eé\"\n]");
        assert_eq!(serde_json::from_str::<Vec<String>>(&text).unwrap(), value);
    }
}
