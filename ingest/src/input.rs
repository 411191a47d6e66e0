//! From the paths that a user names to streams of decompressed bytes.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::decompress::{BUFFER, decompress};
use crate::stamp::{Checksum, Seen, Stamp, Summed};
use crate::{Error, Result};

/// How zip archives start.
const ZIP: &[u8] = b"PK\x03\x04";

/// The path that stands for the standard input.
const STDIN: &str = "-";

/// One input file as stored, or a stream: the standard input, or a pipe that has a path.
///
/// The checksum of an input is that of the very bytes that were parsed. A file that changes between
/// the time it was found and the end of the last pass over it is noticed by its size, its time and
/// its checksum: [`Input::checksum`] refuses it, so whoever asks before anything is published never
/// publishes a mixture.
#[derive(Debug, Clone)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// File name, for messages and manifests, with its path below a folder that was named; `stdin`
    /// for the standard input.
    pub name: String,
    /// Size in bytes; 0 for a stream.
    pub bytes: u64,
    /// What a file was when it was found; none for a stream.
    stamp: Option<Stamp>,
    /// What was read of it, shared by all copies of this value.
    seen: Arc<Seen>,
}

/// How much of an input a pass reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it, whatever of it is parsed.
    Whole,
    /// What is asked for.
    Start,
}

impl Input {
    /// The file at `path`, or the standard input if that is `-`.
    ///
    /// # Errors
    /// [`Error::Open`] if it cannot be looked at, [`Error::Folder`] if it is no file.
    pub fn new(path: &Path) -> Result<Self> {
        let seen = Arc::default();
        if path == Path::new(STDIN) {
            return Ok(Self {
                path: path.to_owned(),
                name: "stdin".into(),
                bytes: 0,
                stamp: None,
                seen,
            });
        }
        let metadata = fs::metadata(path).map_err(opening(path))?;
        if metadata.is_dir() {
            let path = path.to_owned();
            return Err(Error::Folder { path });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self {
            path: path.to_owned(),
            name: name.into_owned(),
            bytes: metadata.len(),
            stamp: metadata.is_file().then(|| Stamp::of(&metadata)),
            seen,
        })
    }

    /// Whether it can be read only once: the standard input, or a pipe.
    pub fn is_stream(&self) -> bool {
        self.stamp.is_none()
    }

    /// Size and checksum of what was parsed. A file that no pass has read to its end is read for
    /// it; a stream that was not has none.
    ///
    /// # Errors
    /// [`Error::Changed`] if the file changed while it was read, [`Error::Open`] if it cannot be
    /// read.
    pub fn checksum(&self) -> Result<Option<Checksum>> {
        if !self.is_stream() && self.seen.checksum().is_none() && !self.seen.has_changed() {
            let file = self.open()?;
            let summed = Summed::new(file, &Arc::default()).finish();
            let (checksum, file) = summed.map_err(opening(&self.path))?;
            self.seen.note(&checksum);
            self.compare(&file)?;
        }
        if self.seen.has_changed() {
            let path = self.path.clone();
            return Err(Error::Changed { path });
        }
        Ok(self.seen.checksum().cloned())
    }

    /// Whether it still is what it was when it was found, as far as its size and its time tell.
    ///
    /// # Errors
    /// [`Error::Changed`] if not, [`Error::Open`] if it cannot be looked at.
    pub fn unchanged(&self) -> Result<()> {
        if let Some(stamp) = self.stamp {
            let metadata = fs::metadata(&self.path).map_err(opening(&self.path))?;
            if stamp != Stamp::of(&metadata) {
                self.seen.note_change();
            }
        }
        if self.seen.has_changed() {
            let path = self.path.clone();
            return Err(Error::Changed { path });
        }
        Ok(())
    }

    /// Calls `visit` with the name and the decompressed content of the file, or of each file in it
    /// if it is a zip archive, by name. `read` counts the stored bytes as they are consumed.
    ///
    /// What `visit` leaves of a file is read to the end for the checksum, but not decompressed.
    ///
    /// # Errors
    /// [`Error::Open`] or [`Error::Zip`] from here, and whatever `visit` returns. An archive cannot
    /// be read from a stream.
    pub fn visit<E: From<Error>>(
        &self,
        read: &Arc<AtomicU64>,
        visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.pass(read, Extent::Whole, visit)
    }

    /// The same for who looks at the start of a file alone.
    ///
    /// # Errors
    /// As [`Input::visit`].
    pub fn look<E: From<Error>>(
        &self,
        visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.pass(&Arc::default(), Extent::Start, visit)
    }

    fn pass<E: From<Error>>(
        &self,
        read: &Arc<AtomicU64>,
        extent: Extent,
        mut visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        if self.is_stream() {
            let mut summed = Summed::new(self.open_stream()?, read);
            visit(&self.name, &mut self.decompress(&mut summed)?)?;
            // It has a checksum only if it has ended: there may be more of it than anyone wants.
            if summed.has_ended()
                && let Ok((checksum, _)) = summed.finish()
            {
                self.seen.note(&checksum);
            }
            return Ok(());
        }
        let mut file = self.open()?;
        let mut magic = [0; 4];
        let is_zip = file.read_exact(&mut magic).is_ok() && magic == ZIP;
        file.rewind().map_err(opening(&self.path))?;
        let file = if is_zip {
            self.visit_zip(file, read, extent, visit)?
        } else {
            let mut summed = Summed::new(file, read);
            visit(&self.name, &mut self.decompress(&mut summed)?)?;
            if extent == Extent::Start {
                return Ok(());
            }
            match summed.finish() {
                Ok((checksum, file)) => {
                    self.seen.note(&checksum);
                    file
                }
                // `visit` has met the fault, or `checksum` will.
                Err(_) => return Ok(()),
            }
        };
        Ok(self.compare(&file)?)
    }

    /// Opens the file, which must be the one that was found.
    fn open(&self) -> Result<File> {
        let file = File::open(&self.path).map_err(opening(&self.path))?;
        self.compare(&file)?;
        Ok(file)
    }

    /// Notes whether the file is another one than was found.
    fn compare(&self, file: &File) -> Result<()> {
        let metadata = file.metadata().map_err(opening(&self.path))?;
        if self
            .stamp
            .is_some_and(|stamp| stamp != Stamp::of(&metadata))
        {
            self.seen.note_change();
        }
        Ok(())
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
        Ok(stream)
    }

    /// An archive is read here and there: its checksum takes a pass of its own, over the same open
    /// file.
    fn visit_zip<E: From<Error>>(
        &self,
        mut file: File,
        read: &Arc<AtomicU64>,
        extent: Extent,
        mut visit: impl FnMut(&str, &mut dyn BufRead) -> std::result::Result<(), E>,
    ) -> std::result::Result<File, E> {
        let damaged = |reason| Error::Zip {
            path: self.path.clone(),
            reason,
        };
        if extent == Extent::Whole {
            let (checksum, summed) = Summed::new(file, &Arc::default())
                .finish()
                .map_err(opening(&self.path))?;
            self.seen.note(&checksum);
            file = summed;
            file.rewind().map_err(opening(&self.path))?;
        }
        let counted = Counted {
            inner: file,
            read: Arc::clone(read),
        };
        let mut archive =
            zip::ZipArchive::new(BufReader::with_capacity(BUFFER, counted)).map_err(damaged)?;
        let mut names = archive
            .file_names()
            .map(|name| name.map(Cow::into_owned))
            .collect::<std::result::Result<Vec<String>, _>>()
            .map_err(damaged)?;
        names.retain(|name| !name.ends_with('/'));
        names.sort();
        for name in names {
            let entry = archive.by_name(&name).map_err(damaged)?;
            let mut content = self.decompress(entry)?;
            visit(&format!("{}/{name}", self.name), &mut content)?;
        }
        Ok(archive.into_inner().into_inner().inner)
    }

    fn decompress<'a>(&self, file: impl Read + 'a) -> Result<Box<dyn BufRead + 'a>> {
        decompress(file).map_err(opening(&self.path))
    }
}

pub(crate) fn opening(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |reason| Error::Open {
        path: path.to_owned(),
        reason,
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

    /// The name of a file and its content, with the time of its last change.
    fn written(path: &Path, content: &str, seconds: u64) {
        fs::write(path, content).unwrap();
        let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        File::options()
            .append(true)
            .open(path)
            .unwrap()
            .set_modified(time)
            .unwrap();
    }

    fn pass(input: &Input) -> String {
        let mut text = String::new();
        let read = input.visit(&Arc::default(), |_, content| -> Result<()> {
            content.read_to_string(&mut text).unwrap();
            Ok(())
        });
        read.unwrap();
        text
    }

    #[test]
    fn the_checksum_is_that_of_the_bytes_that_were_parsed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        written(&path, "first", 1);
        let input = Input::new(&path).unwrap();
        assert_eq!(pass(&input), "first");
        // Whoever opens it again sees something else, and the manifest must not say that.
        written(&path, "other", 1);
        let sum = input.checksum().unwrap().unwrap();
        let expected = kprep_schemas::hex(&sha2::Digest::finalize(
            <sha2::Sha256 as sha2::Digest>::new_with_prefix("first"),
        ));
        assert_eq!((sum.bytes, sum.sha256), (5, expected));
    }

    #[test]
    fn a_file_that_changes_between_two_passes_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        // Of another size; of another time; of neither, but with other bytes.
        for (content, seconds) in [("longer", 1), ("first", 2), ("other", 1)] {
            written(&path, "first", 1);
            let input = Input::new(&path).unwrap();
            let copy = input.clone();
            pass(&input);
            written(&path, content, seconds);
            pass(&copy);
            let error = input.checksum().unwrap_err().to_string();
            assert!(
                error.ends_with(
                    "a.json changed while it was read: start again when nothing writes to it"
                ),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_not_parsed_counts_in_the_checksum() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let packed = gzip(&vec![b' '; 1 << 20]);
        fs::write(&path, &packed).unwrap();
        let input = Input::new(&path).unwrap();
        let looked: Result<()> = input.look(|_, content| {
            content.fill_buf().unwrap();
            Ok(())
        });
        looked.unwrap();
        assert_eq!(input.seen.checksum(), None);
        let one: Result<()> = input.visit(&Arc::default(), |_, content| {
            content.read_exact(&mut [0]).unwrap();
            Ok(())
        });
        one.unwrap();
        assert_eq!(input.seen.checksum().unwrap().bytes, packed.len() as u64);
    }

    #[test]
    fn a_folder_is_no_input() {
        let dir = tempfile::tempdir().unwrap();
        let error = Input::new(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with(": a folder, expected a file"), "{error}");
    }
}
