//! Where an export goes: a file that appears when it is complete, or stdout.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use kprep_schemas::{Error, OutputDir, Replaces};

use crate::console::Answer;

/// What `--overwrite` replaces: the file that it names, whatever is in it.
const FILE: Replaces = Replaces {
    check: |_| Ok(()),
    remove: |path| match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(Error::Io {
            path: path.to_owned(),
            reason: e,
        }),
        _ => Ok(()),
    },
};

/// Records on their way out, in an array or one after the other. Dropped unfinished, it removes
/// what it wrote.
pub(crate) struct Output {
    out: Box<dyn Write>,
    /// The file that is written, for messages; `None` for stdout.
    path: Option<PathBuf>,
    array: bool,
    any: bool,
    /// Where the file goes; `None` for stdout. Last: it is removed when nothing writes into it.
    place: Option<OutputDir>,
}

impl Output {
    /// Starts the output at `path`, where `-` is stdout. In an `array` the records are the elements
    /// of a JSON array, a line each.
    pub(crate) fn create(path: &Path, overwrite: bool, array: bool) -> Result<Self> {
        let to_stdout = path == Path::new("-");
        let (out, path, place): (Box<dyn Write>, _, _) = if to_stdout {
            (Box::new(BufWriter::new(Answer::new())), None, None)
        } else {
            if path.is_dir() {
                bail!(
                    "{} is a folder, expected the name of a file",
                    path.display()
                );
            }
            let mut place = OutputDir::claim_for(path, overwrite, FILE)?;
            let path = place.start_file()?;
            let file = File::create(&path).with_context(|| path.display().to_string())?;
            (Box::new(BufWriter::new(file)), Some(path), Some(place))
        };
        Ok(Self {
            out,
            path,
            array,
            any: false,
            place,
        })
    }

    /// Adds what a record has become.
    pub(crate) fn write(&mut self, record: &[u8]) -> Result<()> {
        if self.array {
            let between: &[u8] = if self.any { b",\n" } else { b"[\n" };
            self.put(between)?;
        }
        self.any = true;
        self.put(record)
    }

    /// Faults of stdout have its name already.
    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let put = self.out.write_all(bytes);
        self.named(put)
    }

    fn named(&self, done: io::Result<()>) -> Result<()> {
        match &self.path {
            Some(path) => done.with_context(|| path.display().to_string()),
            None => Ok(done?),
        }
    }

    /// Ends the output and puts the file in its place.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.array {
            let end: &[u8] = if self.any { b"\n]\n" } else { b"[]\n" };
            self.put(end)?;
        }
        let flushed = self.out.flush();
        self.named(flushed)?;
        if let Some(place) = self.place.take() {
            place.publish()?;
        }
        Ok(())
    }
}
