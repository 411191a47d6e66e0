//! What a run says: to people on standard error, to programs in `metrics.jsonl`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::iter;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget};
use kprep_schemas::{printable, thousands};
use serde_json::{Value, json};
use tch::Tensor;

use crate::config::{Config, Task};
use crate::console::{Console, PLAIN_EVERY, style};
use crate::evaluate::metrics::{self, Names, Scores};
use crate::files::weights::write_atomically;
use crate::report::tensorboard::{self, events};
use crate::train::checkpoint::Unlogged;
use crate::train::steps::Read;
use crate::train::unlogged_steps::Since;
use crate::{Error, Result};

/// Columns of a terminal in which a line of progress has room, and of these for a run's name beside its bar.
const COLUMNS: usize = 80;
const NAME: usize = 24;

/// How long a run takes at least, of which it is said beforehand.
const WORTH_SAYING: Duration = Duration::from_secs(20);

/// The log of a run.
pub struct Log {
    name: String,
    console: Console,
    bar: ProgressBar,
    metrics: File,
    path: PathBuf,
    events: File,
    events_path: PathBuf,
    /// The wall time of step 0 in TensorBoard.
    wall_time: f64,
    steps: u64,
    first: u64,
    started: Instant,
    last_plain: Instant,
    since: Since,
}

/// A point of the log: how far the training is.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// Steps done.
    pub step: u64,
    /// Epochs done, with the part of the current one.
    pub epoch: f64,
    /// Learning rate of the step before.
    pub rate: f64,
}

impl Log {
    /// Opens the log of a run with these settings that has done step `first` of `steps`, with a bar among `bars`. Lines of
    /// later steps and of the final test, which a killed run left, are dropped: those will be written again.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Setting`] for a malformed `SOURCE_DATE_EPOCH`.
    pub fn open(
        path: &Path,
        name: &str,
        settings: &Config,
        console: Console,
        bars: &MultiProgress,
        [first, steps]: [u64; 2],
    ) -> Result<Self> {
        let kept = lines_up_to(path, first)?;
        let events_path = path.with_file_name(tensorboard::FILE);
        let wall_time = tensorboard::wall_time()?;
        let mut of_kept = tensorboard::header(&json!(settings), wall_time);
        for line in kept.lines() {
            let line = serde_json::from_str(line).unwrap_or_default();
            of_kept.extend(events(&line, wall_time));
        }
        let metrics = start(path, kept.as_bytes())?;
        let events = start(&events_path, &of_kept)?;
        if console.quiet || !io::stderr().is_terminal() {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        let bar = bars.add(ProgressBar::new(steps).with_position(first));
        bar.set_style(style(
            "{prefix} {bar:12} {pos}/{len}  {eta} left  {wide_msg}",
        ));
        bar.set_prefix(short(name, NAME));
        let now = Instant::now();
        Ok(Self {
            name: name.to_owned(),
            console,
            bar,
            metrics,
            path: path.to_owned(),
            events,
            events_path,
            wall_time,
            steps,
            first,
            started: now,
            last_plain: now,
            since: Since::new(),
        })
    }

    /// Says a line above the bar.
    pub fn say(&self, line: &str) {
        self.bar
            .suspend(|| self.console.say(&format!("{}  {line}", self.name)));
    }

    /// Writes a line of `metrics.jsonl`, and its numbers for TensorBoard.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&mut self, line: &Value) -> Result<()> {
        writeln!(self.metrics, "{line}").map_err(Error::io(&self.path))?;
        let events = events(line, self.wall_time);
        let file = &mut self.events;
        file.write_all(&events)
            .map_err(Error::io(&self.events_path))
    }

    /// How many steps the run takes.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// Counts a step, by its number from 1. Nothing here waits for the device.
    pub fn step(&mut self, step: u64, read: Read, loss: &Tensor, norm: &Tensor) {
        self.since.step(step, read, loss, norm);
        self.bar.inc(1);
    }

    /// Counts a step that had nothing to learn.
    pub(crate) fn step_without_loss(&mut self) {
        self.bar.inc(1);
    }

    /// Logs the steps since the last call. This waits for the device.
    ///
    /// # Errors
    /// [`Error::NotFinite`] names the first step without a number; [`Error::Io`].
    pub fn train(&mut self, point: Point) -> Result<()> {
        let since = std::mem::replace(&mut self.since, Since::new());
        let Some(sum) = since.read()? else {
            return Ok(());
        };
        let loss = f64::from(sum.loss) / sum.steps as f64;
        let seconds = since.elapsed().as_secs_f64().max(1e-9);
        let speed = since.examples as f64 / seconds;
        let tokens = since.tokens as f64 / seconds;
        self.write(&json!({
            "kind": "train", "step": point.step, "steps": sum.steps, "epoch": point.epoch, "loss": loss, "learning_rate": point.rate,
            "gradient_norm": f64::from(sum.gradient_norm), "examples_per_second": speed, "tokens_per_second": tokens,
            "waited_for_data": since.waited.as_secs_f64() / seconds,
        }))?;
        let message = format!("loss {loss:.4}  {speed:.0} examples/s");
        self.bar.set_message(message.clone());
        if self.bar.is_hidden() && self.last_plain.elapsed() >= PLAIN_EVERY {
            self.last_plain = Instant::now();
            let left = HumanDuration(self.left(point.step));
            let line = format!(
                "step {}/{}  {message}  {left:#} left",
                point.step, self.steps
            );
            let name = short(&self.name, COLUMNS.saturating_sub(line.len() + 2).max(1));
            self.console.say(&format!("{name}  {line}"));
        }
        Ok(())
    }

    /// Says how long the run will take, when its first step took so long. This waits for the device.
    pub(crate) fn estimate(&self, step: u64, started: Instant) {
        // What is wrong with a number is said where the log is written.
        let _ = self.unlogged();
        let took = started.elapsed();
        let left = took.mul_f64(self.steps.saturating_sub(step) as f64);
        if left >= WORTH_SAYING {
            let left = HumanDuration(left);
            self.say(&format!(
                "the first step took {:.1} s: about {left} left for {} steps, and the validations",
                took.as_secs_f64(),
                thousands(self.steps)
            ));
        }
    }

    /// What the next line would tell of, for a run that stops between two. This waits for the
    /// device.
    ///
    /// # Errors
    /// [`Error::NotFinite`].
    pub fn unlogged(&self) -> Result<Option<Unlogged>> {
        self.since.read()
    }

    /// Goes on with what a stopped run had not logged.
    pub fn carry(&mut self, unlogged: Option<Unlogged>) {
        if let Some(unlogged) = unlogged {
            self.since.before = unlogged;
        }
    }

    fn left(&self, step: u64) -> Duration {
        let done = (step - self.first).max(1) as f64;
        self.started
            .elapsed()
            .mul_f64((self.steps - step) as f64 / done)
    }

    /// Logs a validation or the final test.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn scores(
        &mut self,
        split: &str,
        point: Point,
        names: &Names,
        scores: &Scores,
        best: bool,
    ) -> Result<()> {
        let mut line = json!({
            "kind": split, "step": point.step, "epoch": point.epoch, "best": best, "accuracy_name": names.score,
        });
        if let (Some(line), Ok(Value::Object(scores))) =
            (line.as_object_mut(), serde_json::to_value(scores))
        {
            line.extend(scores);
            if let Some(Value::Object(official)) = line.remove("official") {
                line.extend(official); // one level, for those who read it
            }
        }
        self.write(&line)?;
        self.say(&format!(
            "step {}  {split} {}{}",
            point.step,
            metrics::in_words(names, scores),
            if best { "  (best so far)" } else { "" }
        ));
        // Those of validations are in the file.
        if split.starts_with("test") {
            for line in metrics::others_in_words(scores) {
                self.say(&format!("  {line}"));
            }
        }
        Ok(())
    }

    /// Logs the scores of all tasks of a run, each under its name where there are several, and
    /// their means.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn tasks(
        &mut self,
        split: &str,
        point: Point,
        scores: &[(Task, Scores)],
        best: bool,
    ) -> Result<()> {
        if scores.len() > 1 {
            for (task, scores) in scores {
                let names = task.facts().figures;
                let split = format!("{split}_{}", task.name());
                self.scores(&split, point, &names, scores, best)?;
            }
        }
        match metrics::together(scores) {
            Some((names, all)) => self.scores(split, point, &names, &all, best),
            None => Ok(()),
        }
    }

    /// Stops measuring speed, before work that is no training.
    pub fn pause(&mut self) {
        self.since.pause();
    }

    /// Measures speed again.
    pub fn go_on(&mut self) {
        self.since.go_on();
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// The end of a name that is too long for its place: there are the settings in which runs differ.
fn short(name: &str, most: usize) -> String {
    let name = printable(name);
    let left_out = name.chars().count().saturating_sub(most);
    if left_out == 0 {
        return name.into_owned();
    }
    iter::once('…')
        .chain(name.chars().skip(left_out + 1))
        .collect()
}

/// A file that starts with these bytes and grows. Whoever reads it finds the old bytes or these,
/// never fewer.
fn start(path: &Path, bytes: &[u8]) -> Result<File> {
    write_atomically(path, bytes)?;
    let mut append = OpenOptions::new();
    append.append(true).open(path).map_err(Error::io(path))
}

/// The lines that a run which goes on after `step` does not write again. The final test is done
/// again even where no step is left.
fn lines_up_to(path: &Path, step: u64) -> Result<String> {
    let mut kept = String::new();
    if step == 0 || !path.exists() {
        return Ok(kept);
    }
    let file = File::open(path).map_err(Error::io(path))?;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(Error::io(path))?;
        // The last line may be cut off.
        let Ok(value) = serde_json::from_str::<Value>(&line) else {
            break;
        };
        if value["kind"] != "test" && value["step"].as_u64().unwrap_or(0) <= step {
            kept += &line;
            kept.push('\n');
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;

    use super::*;
    use crate::config::Preset;

    fn open(path: &Path, first: u64, steps: u64) -> Result<Log> {
        let settings = Config::preset(Preset::Paper, Task::Relation);
        let (console, bars) = (Console { quiet: true }, MultiProgress::new());
        Log::open(path, "x", &settings, console, &bars, [first, steps])
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(short("trex-rc seed=1", 14), "trex-rc seed=1");
        assert_eq!(short("trex-rc seed=1", 7), "…seed=1");
    }

    #[test]
    fn a_resumed_run_drops_lines_of_steps_to_be_done_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let lines = "{\"kind\":\"data\"}\n{\"step\":10}\n{\"step\":20}\n{\"step\":30}\n{\"st";
        fs::write(&path, lines).unwrap();
        open(&path, 20, 40).unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        assert_eq!(kept, "{\"kind\":\"data\"}\n{\"step\":10}\n{\"step\":20}\n");
        open(&path, 0, 40).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }

    #[test]
    fn a_run_killed_after_its_final_test_logs_the_test_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let events = || fs::read(path.with_file_name(tensorboard::FILE)).unwrap();
        let open = || open(&path, 40, 40).unwrap();
        let test = json!({"kind": "test", "step": 40, "accuracy": 0.5});
        fs::write(&path, "{\"kind\":\"train\",\"step\":40,\"loss\":0.5}\n").unwrap();
        open().write(&test).unwrap();
        let before = (fs::read_to_string(&path).unwrap(), events());
        assert_eq!(before.0.lines().count(), 2);
        open().write(&test).unwrap();
        assert!(before == (fs::read_to_string(&path).unwrap(), events()));
    }

    /// A run killed while its log was opened lost the lines of all steps before.
    #[test]
    fn opening_the_log_replaces_the_file_and_never_empties_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("metrics.jsonl");
        let lines = "{\"step\":10}\n{\"step\":20}\n";
        fs::write(&path, lines).unwrap();
        let mut old = File::open(&path).unwrap();
        let mut log = open(&path, 10, 40).unwrap();
        let mut found = String::new();
        old.read_to_string(&mut found).unwrap();
        assert_eq!(found, lines);
        log.write(&json!({"step": 11})).unwrap();
        let grown = fs::read_to_string(&path).unwrap();
        assert_eq!(grown, "{\"step\":10}\n{\"step\":11}\n");
    }
}
