//! Where an export goes: a file that appears when it is complete, or stdout.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::console::Answer;

/// Records on their way out, in an array or one after the other. Dropped unfinished, it removes what
/// it wrote.
pub(super) struct Output {
    out: Box<dyn Write>,
    /// The file's final place and where it grows; `None` for stdout.
    file: Option<(PathBuf, PathBuf)>,
    array: bool,
    any: bool,
}

impl Output {
    /// Starts the output at `path`, where `-` is stdout. In an `array` the records are the elements
    /// of a JSON array, a line each.
    pub(super) fn create(path: &Path, overwrite: bool, array: bool) -> Result<Self> {
        let (out, file): (Box<dyn Write>, _) = if path == Path::new("-") {
            (Box::new(BufWriter::new(Answer::new())), None)
        } else {
            check_free(path, overwrite)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let partial = path.with_file_name(format!(".{name}.partial"));
            let shown = || partial.display().to_string();
            let file = File::create(&partial).with_context(shown)?;
            let out = Box::new(BufWriter::new(file));
            (out, Some((path.to_owned(), partial)))
        };
        Ok(Self {
            out,
            file,
            array,
            any: false,
        })
    }

    /// Adds what a record has become.
    pub(super) fn write(&mut self, record: &[u8]) -> Result<()> {
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

    fn named(&self, done: std::io::Result<()>) -> Result<()> {
        match &self.file {
            Some((path, _)) => done.with_context(|| path.display().to_string()),
            None => Ok(done?),
        }
    }

    /// Ends the output and puts the file in its place.
    pub(super) fn finish(mut self) -> Result<()> {
        if self.array {
            let end: &[u8] = if self.any { b"\n]\n" } else { b"[]\n" };
            self.put(end)?;
        }
        let flushed = self.out.flush();
        self.named(flushed)?;
        if let Some((path, partial)) = self.file.take() {
            fs::rename(&partial, &path).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some((_, partial)) = &self.file {
            // On the way out of an error, that error is what the user needs to see.
            let _ = fs::remove_file(partial);
        }
    }
}

fn check_free(path: &Path, overwrite: bool) -> Result<()> {
    let shown = path.display();
    if path.is_dir() {
        bail!("{shown} is a folder, expected the name of a file");
    }
    if path.exists() && !overwrite {
        bail!("{shown} exists already: choose another --out, or replace it with --overwrite");
    }
    Ok(())
}
