//! A folder of T-REx's JSON files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::formats::trex::write_document;
use anyhow::{Context, Result};
use kprep_schemas::{
    AlignedPage, DataFile, Error, OutputDir, Replaces, is_plain_name, printable, sha256_file,
};
use serde::{Deserialize, Serialize};

/// Documents of a file, as in the release.
const DOCUMENTS: u64 = 10_000;

/// The hidden file that lists the files of the folder: by that, `--overwrite` tells a folder of
/// kprep from T-REx's release, whose files have the same names.
const FILES: &str = ".kprep-files.json";
const FORMAT: &str = "kprep-trex-folder";
const FORMAT_VERSION: u32 = 1;

const TREX_FOLDER: Replaces = Replaces { check, remove };

/// Writes `re-nlg_0-10000.json`, `re-nlg_10000-20000.json`, … beside the folder's final place,
/// which they take when they are complete. Dropped unfinished, it removes what it wrote.
pub(crate) struct TrexFolder {
    file: Option<BufWriter<File>>,
    documents: u64,
    files: Vec<DataFile>,
    /// Where it grows.
    dir: PathBuf,
    out: OutputDir,
}

#[derive(Serialize, Deserialize)]
struct Listing {
    format: String,
    format_version: u32,
    files: Vec<DataFile>,
}

impl TrexFolder {
    pub(crate) fn create(out: &Path, overwrite: bool) -> Result<Self> {
        let mut out = OutputDir::claim_for(out, overwrite, TREX_FOLDER)?;
        Ok(Self {
            file: None,
            documents: 0,
            files: Vec::new(),
            dir: out.start()?,
            out,
        })
    }

    pub(crate) fn write(&mut self, page: &AlignedPage) -> Result<()> {
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
        self.dir.join("open.json")
    }

    fn close(&mut self) -> Result<()> {
        let Some(mut file) = self.file.take() else {
            return Ok(());
        };
        let first = (self.documents - 1) / DOCUMENTS * DOCUMENTS;
        let name = format!("re-nlg_{first}-{}.json", self.documents);
        let path = self.dir.join(&name);
        let context = || path.display().to_string();
        file.write_all(b"]\n").with_context(context)?;
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)
            .with_context(context)?;
        fs::rename(self.open_path(), &path).with_context(context)?;
        self.files.push(DataFile {
            path: name,
            bytes: fs::metadata(&path).with_context(context)?.len(),
            sha256: sha256_file(&path).with_context(context)?,
        });
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.close()?;
        let Self {
            files, dir, out, ..
        } = self;
        let files = Listing {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            files,
        };
        let path = dir.join(FILES);
        fs::write(&path, serde_json::to_vec_pretty(&files)?)
            .with_context(|| path.display().to_string())?;
        Ok(out.publish()?)
    }
}

/// `--overwrite` replaces a folder that kprep wrote and nothing else.
fn check(out: &Path) -> kprep_schemas::Result<()> {
    let refuse = |found| {
        Err(Error::NotOurs {
            path: out.to_owned(),
            found,
        })
    };
    let Some(files) = read_files(out) else {
        return refuse(format!("it has no {FILES}"));
    };
    let entries = fs::read_dir(out)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(|source| io_error(out, source))?;
    let is_listed = |entry: &&fs::DirEntry| {
        let name = entry.file_name();
        let listed = files.iter().any(|file| name == *file.path);
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        is_file && (listed || name == FILES)
    };
    match entries.iter().find(|entry| !is_listed(entry)) {
        Some(entry) => {
            let name = entry.file_name().to_string_lossy().into_owned();
            refuse(format!("{FILES} does not list {}", printable(&name)))
        }
        None => Ok(()),
    }
}

/// Removes the files of a folder that [`check`] has looked at, their list last.
fn remove(dir: &Path) -> kprep_schemas::Result<()> {
    let names = read_files(dir).unwrap_or_default();
    let names = names.iter().map(|file| file.path.as_str());
    for path in names.chain([FILES]).map(|name| dir.join(name)) {
        match fs::remove_file(&path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io_error(&path, e)),
            _ => {}
        }
    }
    fs::remove_dir(dir).map_err(|source| io_error(dir, source))
}

/// The files that the list in a folder names, if there is one.
fn read_files(dir: &Path) -> Option<Vec<DataFile>> {
    let json = fs::read(dir.join(FILES)).ok()?;
    let found: Listing = serde_json::from_slice(&json).ok()?;
    let is_ours = found.format == FORMAT && found.format_version == FORMAT_VERSION;
    let are_names = found.files.iter().all(|file| is_plain_name(&file.path));
    (is_ours && are_names).then_some(found.files)
}

fn io_error(path: &Path, reason: io::Error) -> Error {
    Error::Io {
        path: path.to_owned(),
        reason,
    }
}
