//! The console: messages and progress for people, on standard error.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use kprep_schemas::printable;

/// Time between lines where standard error is no terminal.
pub(crate) const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Text of several lines, in each of which the control characters are escaped that text from files may hold.
pub fn printable_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// Messages on standard error.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// Errors alone are printed.
    pub quiet: bool,
}

impl Console {
    /// Says a line, or several. Control characters in it, which names from files may hold, are escaped.
    pub fn say(self, line: &str) {
        if !self.quiet {
            // Where standard error is closed, nobody reads why.
            let _ = writeln!(io::stderr(), "{}", printable_lines(line));
        }
    }

    /// A bar with the time that is left, for work that is no training. Where standard error is no
    /// terminal, there are lines instead.
    pub fn bar(self, what: &'static str, length: u64) -> Bar {
        let drawn = ProgressBar::new(length).with_prefix(what);
        drawn.set_style(style(
            "{prefix} {bar:24} {percent}%  {elapsed} done, {eta} left",
        ));
        if self.quiet {
            drawn.set_draw_target(ProgressDrawTarget::hidden());
        }
        let now = Instant::now();
        Bar {
            console: self,
            drawn,
            what,
            started: now,
            last_plain: now,
        }
    }
}

/// How far a piece of work is. It takes itself away when it is dropped.
pub struct Bar {
    console: Console,
    drawn: ProgressBar,
    what: &'static str,
    started: Instant,
    last_plain: Instant,
}

impl Bar {
    /// Some more is done.
    pub fn inc(&mut self, more: u64) {
        self.drawn.inc(more);
        if self.drawn.is_hidden() && self.last_plain.elapsed() >= PLAIN_EVERY {
            self.last_plain = Instant::now();
            self.console.say(&self.line(self.started.elapsed()));
        }
    }

    /// A line for where there is no bar.
    fn line(&self, elapsed: Duration) -> String {
        let (done, all) = (self.drawn.position(), self.drawn.length().unwrap_or(0));
        let share = done as f64 / all.max(1) as f64;
        let left = elapsed.mul_f64((1.0 - share).max(0.0) / share.max(1e-9));
        format!(
            "{} {:.0}%  {:#} done, {:#} left",
            self.what,
            100.0 * share,
            HumanDuration(elapsed),
            HumanDuration(left)
        )
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.drawn.finish_and_clear();
    }
}

pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_the_work_is() {
        let mut bar = Console { quiet: true }.bar("encoding", 400);
        let line = |bar: &Bar| bar.line(Duration::from_secs(10));
        bar.inc(100);
        assert_eq!(line(&bar), "encoding 25%  10s done, 30s left");
        bar.inc(300);
        assert_eq!(line(&bar), "encoding 100%  10s done, 0s left");
        let empty = Console { quiet: true }.bar("encoding", 0);
        assert!(line(&empty).starts_with("encoding 0%  10s done, "));
    }
}
