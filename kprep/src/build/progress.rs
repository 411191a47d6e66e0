//! Progress of long work: a bar on a terminal, plain lines now and then elsewhere, or nothing.

use std::io::{IsTerminal, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

use crate::console::tell;

/// Time between two plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// Shows how many of the inputs' stored bytes are read and how many records were lost.
pub(crate) struct Progress {
    /// Stored bytes read so far; whoever reads adds to it.
    pub(crate) read: Arc<AtomicU64>,
    /// Records lost so far.
    pub(crate) lost: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts showing progress through `total` bytes, if it is known how many there are, unless
    /// `quiet`.
    pub(crate) fn start(what: &'static str, total: Option<u64>, quiet: bool) -> Self {
        let [read, lost] = [(); 2].map(|()| Arc::new(AtomicU64::new(0)));
        let stop = Arc::new(AtomicBool::new(false));
        let view = View {
            what,
            total,
            read: Arc::clone(&read),
            lost: Arc::clone(&lost),
        };
        let stopped = Arc::clone(&stop);
        let ticker = (!quiet).then(|| {
            thread::spawn(move || {
                if stderr().is_terminal() {
                    view.bar(&stopped);
                } else {
                    view.lines(&stopped);
                }
            })
        });
        Self {
            read,
            lost,
            stop,
            ticker,
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            let _ = ticker.join(); // a broken progress bar is no reason to fail
        }
    }
}

struct View {
    what: &'static str,
    total: Option<u64>,
    read: Arc<AtomicU64>,
    lost: Arc<AtomicU64>,
}

impl View {
    fn bar(&self, stop: &AtomicBool) {
        let bar = self
            .total
            .map_or_else(ProgressBar::no_length, ProgressBar::new);
        let template = if self.total.is_some() {
            // The bar takes the columns that the figures leave, so that no line wraps.
            "{prefix} {percent}% of {total_bytes}, {binary_bytes_per_sec}, {eta} left{msg} [{wide_bar}]"
        } else {
            "{prefix} {spinner} {bytes}, {binary_bytes_per_sec}{msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(self.what);
        while !stop.load(Ordering::Relaxed) {
            let read = self.read.load(Ordering::Relaxed);
            bar.set_position(read.min(self.total.unwrap_or(read)));
            bar.set_message(format!(
                ", {} lost",
                HumanCount(self.lost.load(Ordering::Relaxed))
            ));
            thread::park_timeout(Duration::from_millis(100));
        }
        bar.finish_and_clear();
    }

    fn lines(&self, stop: &AtomicBool) {
        let start = Instant::now();
        let mut last = start;
        while !stop.load(Ordering::Relaxed) {
            thread::park_timeout(Duration::from_millis(100));
            if last.elapsed() < PLAIN_EVERY {
                continue;
            }
            last = Instant::now();
            tell(&self.line(start.elapsed().as_secs_f64()));
        }
    }

    fn line(&self, seconds: f64) -> String {
        let read = self.read.load(Ordering::Relaxed).max(1);
        let rate = HumanBytes((read as f64 / seconds) as u64);
        let lost = HumanCount(self.lost.load(Ordering::Relaxed));
        let what = self.what;
        let Some(total) = self.total else {
            return format!("{what}: {} read, {rate}/s, {lost} lost", HumanBytes(read));
        };
        let part = (read as f64 / total.max(1) as f64).min(1.0);
        let left = HumanDuration(Duration::from_secs_f64(seconds / part - seconds));
        let total = HumanBytes(total);
        format!(
            "{what}: {:.0}% of {total}, {rate}/s, {left} left, {lost} lost",
            100.0 * part
        )
    }
}
