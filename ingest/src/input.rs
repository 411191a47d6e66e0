//! From the paths that a user names to streams of decompressed bytes.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use kprep_schemas::hex;
use sha2::{Digest, Sha256};

use crate::decompress::{BUFFER, decompress};
use crate::{Error, Result};

/// How zip archives start.
const ZIP: &[u8] = b"PK\x03\x04";

/// The path that stands for the standard input.
const STDIN: &str = "-";

/// One input file as stored, or a stream: the standard input, or a pipe that has a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// File name, for messages and manifests, with its path below a folder that was named; `stdin`
    /// for the standard input.
    pub name: String,
    /// Size in bytes; 0 for a stream.
    pub bytes: u64,
    is_stream: bool,
    /// What a stream was, since nobody can look at it again.
    streamed: Arc<OnceLock<Checksum>>,
}

/// Size and checksum of an input as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

impl Input {
    /// The file at `path`, or the standard input if that is `-`.
    ///
    /// # Errors
    /// [`Error::Open`] if it cannot be looked at.
    pub fn new(path: &Path) -> Result<Self> {
        let streamed = Arc::default();
        if path == Path::new(STDIN) {
            return Ok(Self {
                path: path.to_owned(),
                name: "stdin".into(),
                bytes: 0,
                is_stream: true,
                streamed,
            });
        }
        let metadata = fs::metadata(path).map_err(opening(path))?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            path: path.to_owned(),
            name,
            bytes: metadata.len(),
            is_stream: !metadata.is_file(),
            streamed,
        })
    }

    /// Whether it can be read only once: the standard input, or a pipe.
    pub fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// Size and checksum of a stream, once it was read to its end.
    pub fn streamed(&self) -> Option<&Checksum> {
        self.streamed.get()
    }

    /// Calls `visit` with the name and the decompressed content of the file, or of each file in it
    /// if it is a zip archive, by name. `read` counts the stored bytes as they are consumed.
    ///
    /// # Errors
    /// [`Error::Open`] or [`Error::Zip`] from here, and whatever `visit` returns. An archive cannot be
    /// read from a stream.
    pub fn visit<E: From<Error>>(
        &self,
        read: &Arc<AtomicU64>,
        mut visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        if self.is_stream {
            let mut content = self.decompress(Counted {
                inner: self.open_stream()?,
                read: Arc::clone(read),
            })?;
            return visit(&self.name, &mut content);
        }
        let mut file = File::open(&self.path).map_err(opening(&self.path))?;
        let mut magic = [0; 4];
        let is_zip = file.read_exact(&mut magic).is_ok() && magic == ZIP;
        file.rewind().map_err(opening(&self.path))?;
        let file = Counted {
            inner: file,
            read: Arc::clone(read),
        };
        if is_zip {
            return self.visit_zip(file, visit);
        }
        let mut content = self.decompress(file)?;
        visit(&self.name, &mut content)
    }

    fn open_stream(&self) -> Result<impl Read + use<>> {
        let mut stream: Box<dyn BufRead> = if self.path == Path::new(STDIN) {
            Box::new(io::stdin().lock())
        } else {
            let pipe = File::open(&self.path).map_err(opening(&self.path))?;
            Box::new(BufReader::with_capacity(BUFFER, pipe))
        };
        let start = stream.fill_buf().map_err(opening(&self.path))?;
        if start.starts_with(ZIP) {
            let why = "an archive cannot be read from a pipe, save it as a file";
            return Err(opening(&self.path)(io::Error::other(why)));
        }
        Ok(Summed {
            inner: stream,
            bytes: 0,
            sha256: Sha256::new(),
            done: Arc::clone(&self.streamed),
        })
    }

    fn visit_zip<E: From<Error>>(
        &self,
        file: Counted<File>,
        mut visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let damaged = |source| Error::Zip {
            path: self.path.clone(),
            source,
        };
        let mut archive =
            zip::ZipArchive::new(BufReader::with_capacity(BUFFER, file)).map_err(damaged)?;
        let names = archive.file_names().map(|name| name.map(Cow::into_owned));
        let mut names = names
            .collect::<std::result::Result<Vec<String>, _>>()
            .map_err(damaged)?;
        names.retain(|name| !name.ends_with('/'));
        names.sort();
        for name in names {
            let entry = archive.by_name(&name).map_err(damaged)?;
            let mut content = self.decompress(entry)?;
            visit(&format!("{}/{name}", self.name), &mut content)?;
        }
        Ok(())
    }

    fn decompress<'a>(&self, file: impl Read + 'a) -> Result<Box<dyn BufRead + 'a>> {
        decompress(file).map_err(opening(&self.path))
    }
}

pub(crate) fn opening(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Open {
        path: path.to_owned(),
        source,
    }
}

/// An input that sums up what is read from it, and says so at its end.
struct Summed<R> {
    inner: R,
    bytes: u64,
    sha256: Sha256,
    done: Arc<OnceLock<Checksum>>,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.bytes += n as u64;
        self.sha256.update(&buffer[..n]);
        if n == 0 && !buffer.is_empty() {
            self.done.get_or_init(|| Checksum {
                bytes: self.bytes,
                sha256: hex(&self.sha256.finalize_reset()),
            });
        }
        Ok(n)
    }
}

/// A file that counts the bytes read from it.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_zip_archive_is_read_entry_by_entry() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("release.zip");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [
            ("b.json", b"second".to_vec()),
            ("a.json.gz", gzip(b"first")),
        ] {
            archive.start_file(name, options).unwrap();
            archive.write_all(&content).unwrap();
        }
        archive.finish().unwrap();
        let mut seen = Vec::new();
        let count = Arc::new(AtomicU64::new(0));
        let input = Input::new(&path).unwrap();
        let visited: Result<()> = input.visit(&count, |name, content| {
            let mut text = Vec::new();
            content.read_to_end(&mut text).unwrap();
            seen.push((name.to_owned(), text));
            Ok(())
        });
        visited.unwrap();
        assert_eq!(
            seen[0],
            ("release.zip/a.json.gz".to_owned(), b"first".to_vec())
        );
        assert_eq!(
            seen[1],
            ("release.zip/b.json".to_owned(), b"second".to_vec())
        );
        assert!(count.load(Ordering::Relaxed) > 0);
    }
}
