//! A folder of T-REx's JSON files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use kprep_schemas::{AlignedPage, write_document};

/// Documents of a file, as in the release.
const DOCUMENTS: u64 = 10_000;

/// Writes `re-nlg_0-10000.json`, `re-nlg_10000-20000.json`, … into `.NAME.partial` beside the
/// folder's final place, which it takes when it is complete. Dropped unfinished, it removes what it
/// wrote.
pub(super) struct TrexFolder {
    out: PathBuf,
    partial: PathBuf,
    file: Option<BufWriter<File>>,
    documents: u64,
}

impl TrexFolder {
    pub(super) fn create(out: &Path, overwrite: bool) -> Result<Self> {
        check_free(out, overwrite)?;
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let partial = out.with_file_name(format!(".{name}.partial"));
        remove(&partial)?;
        fs::create_dir_all(&partial).with_context(|| partial.display().to_string())?;
        Ok(Self {
            out: out.to_owned(),
            partial,
            file: None,
            documents: 0,
        })
    }

    pub(super) fn write(&mut self, page: &AlignedPage) -> Result<()> {
        let path = self.open_path();
        let written = self.append(page);
        written.with_context(|| path.display().to_string())?;
        self.documents += 1;
        if self.documents.is_multiple_of(DOCUMENTS) {
            self.close()?;
        }
        Ok(())
    }

    fn append(&mut self, page: &AlignedPage) -> io::Result<()> {
        let path = self.open_path();
        if let Some(file) = &mut self.file {
            file.write_all(b",\n")?;
            return write_document(page, file);
        }
        let file = self.file.insert(BufWriter::new(File::create(path)?));
        file.write_all(b"[")?;
        write_document(page, file)
    }

    /// The file that is being written: how many documents it will have is not known yet.
    fn open_path(&self) -> PathBuf {
        self.partial.join("open.json")
    }

    fn close(&mut self) -> Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let first = (self.documents - 1) / DOCUMENTS * DOCUMENTS;
        let name = format!("re-nlg_{first}-{}.json", self.documents);
        let path = self.partial.join(name);
        let context = || path.display().to_string();
        file.write_all(b"]\n").with_context(context)?;
        let file = file.into_inner().map_err(io::IntoInnerError::into_error);
        file.and_then(|file| file.sync_all())
            .with_context(context)?;
        fs::rename(self.open_path(), &path).with_context(context)
    }

    pub(super) fn finish(mut self) -> Result<()> {
        self.close()?;
        remove(&self.out)?;
        let context = || self.out.display().to_string();
        fs::rename(&self.partial, &self.out).with_context(context)
    }
}

impl Drop for TrexFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.partial); // after finish nothing is there
    }
}

fn remove(dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| dir.display().to_string())?;
    }
    Ok(())
}

/// Refuses a place where something is; `--overwrite` replaces T-REx's JSON and nothing else.
fn check_free(out: &Path, overwrite: bool) -> Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let entries = fs::read_dir(out).with_context(|| out.display().to_string())?;
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let number = name.strip_prefix("re-nlg_");
        let is_ours = number.is_some_and(|name| name.strip_suffix(".json").is_some());
        if !overwrite || !is_ours {
            let advice = if is_ours {
                ", or replace it with --overwrite"
            } else {
                ""
            };
            bail!(
                "{} holds {name}: choose another --out{advice}",
                out.display()
            );
        }
    }
    Ok(())
}
