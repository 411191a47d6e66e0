//! Progress of long work: a bar on a terminal, plain lines now and then elsewhere, or nothing.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};

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
    /// Starts showing progress through `total` bytes, unless `quiet`.
    pub(crate) fn start(what: &'static str, total: u64, quiet: bool) -> Self {
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
    total: u64,
    read: Arc<AtomicU64>,
    lost: Arc<AtomicU64>,
}

impl View {
    fn bar(&self, stop: &AtomicBool) {
        let bar = ProgressBar::new(self.total);
        let template = "{prefix} [{bar:30}] {percent}% of {total_bytes}, {binary_bytes_per_sec}, \
                        {eta} left{msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_prefix(self.what);
        while !stop.load(Ordering::Relaxed) {
            bar.set_position(self.read.load(Ordering::Relaxed).min(self.total));
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
            let read = self
                .read
                .load(Ordering::Relaxed)
                .clamp(1, self.total.max(1));
            let seconds = start.elapsed().as_secs_f64();
            let left = seconds * (self.total as f64 / read as f64 - 1.0);
            let _ = writeln!(
                stderr(),
                "{}: {:.0}% of {}, {}/s, {} left, {} lost",
                self.what,
                100.0 * read as f64 / self.total as f64,
                HumanBytes(self.total),
                HumanBytes((read as f64 / seconds) as u64),
                HumanDuration(Duration::from_secs_f64(left.max(0.0))),
                HumanCount(self.lost.load(Ordering::Relaxed)),
            );
        }
    }
}
