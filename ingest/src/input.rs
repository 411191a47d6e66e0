//! From the paths that a user names to streams of decompressed bytes.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use kprep_schemas::hex;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

const BUFFER: usize = 1 << 18;

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

    /// Files as they are named (`-` is the standard input), and for a folder every file in it and below it whose name ends in
    /// one of `suffixes`, with or without that of a compression, in the order of their paths.
    ///
    /// # Errors
    /// [`Error::Open`], or [`Error::NoInput`] for a folder without inputs.
    pub fn find(paths: &[PathBuf], suffixes: &[&str]) -> Result<Vec<Self>> {
        let mut inputs = Vec::new();
        for path in paths {
            if !path.is_dir() {
                inputs.push(Self::new(path)?);
                continue;
            }
            let mut files = Vec::new();
            list(path, suffixes, &mut BTreeSet::new(), &mut files)?;
            if files.is_empty() {
                let expected = suffixes.iter().map(|s| format!("*{s}")).collect::<Vec<_>>();
                let expected = expected.join(", ");
                return Err(Error::NoInput {
                    path: path.clone(),
                    expected,
                });
            }
            files.sort();
            for file in files {
                let inside = file.strip_prefix(path).unwrap_or(&file);
                inputs.push(Self {
                    name: inside.to_string_lossy().into_owned(),
                    ..Self::new(&file)?
                });
            }
        }
        Ok(inputs)
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

/// Adds the files in a folder and below it. Links may lead back to where they stand: each folder is
/// looked into once.
fn list(
    dir: &Path,
    suffixes: &[&str],
    seen: &mut BTreeSet<PathBuf>,
    files: &mut Vec<PathBuf>,
) -> Result<()> {
    if !seen.insert(dir.canonicalize().map_err(opening(dir))?) {
        return Ok(());
    }
    for entry in fs::read_dir(dir).map_err(opening(dir))? {
        let path = entry.map_err(opening(dir))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let name = name.to_ascii_lowercase();
        let plain = without_compression(&name);
        if path.is_dir() {
            list(&path, suffixes, seen, files)?;
        } else if suffixes.iter().any(|suffix| plain.ends_with(suffix)) {
            files.push(path);
        }
    }
    Ok(())
}

/// A file name without the suffix of a compression: `a.json.gz` is `a.json`.
pub fn without_compression(name: &str) -> &str {
    let suffixes = [".gz", ".bz2", ".zst", ".xz"];
    suffixes
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

fn opening(path: &Path) -> impl FnOnce(io::Error) -> Error + '_ {
    move |source| Error::Open {
        path: path.to_owned(),
        source,
    }
}

/// Recognises gzip, bzip2, Zstandard and xz by their first bytes and decodes them, with all their
/// members, streams and frames; anything else passes through.
///
/// Memory: the decoder's own window (at most 64 MiB for xz and Zstandard files of the usual
/// levels).
///
/// # Errors
/// Whatever reading the first bytes or starting the decoder fails with.
pub fn decompress<'a>(mut file: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut magic = Vec::with_capacity(6);
    file.by_ref().take(6).read_to_end(&mut magic)?;
    let known = |start: &[u8]| magic.starts_with(start);
    let (gzip, bzip2, xz) = (known(b"\x1f\x8b"), known(b"BZh"), known(b"\xfd7zXZ\0"));
    let zstd = known(b"\x28\xb5\x2f\xfd") || is_skippable_frame(&magic);
    let file = BufReader::with_capacity(BUFFER, Cursor::new(magic).chain(file));
    let content: Box<dyn Read + 'a> = if gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else if bzip2 {
        Box::new(bzip2::bufread::MultiBzDecoder::new(file))
    } else if xz {
        Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(file))
    } else if zstd {
        Box::new(zstd::Decoder::with_buffer(file)?)
    } else {
        return Ok(Box::new(file));
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER, content)))
}

/// Zstandard files may start with a frame of metadata (0x184D2A50 to 0x184D2A5F).
fn is_skippable_frame(magic: &[u8]) -> bool {
    magic.len() >= 4 && magic[0] & 0xf0 == 0x50 && magic[1..4] == [0x2a, 0x4d, 0x18]
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

    const TEXT: &[u8] = b"some text that is worth compressing, some text";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 3).unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        decompress(bytes)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn every_compression_with_two_members_is_read_to_its_end() {
        for compress in [gzip, bzip2, xz, zstd, |text: &[u8]| text.to_vec()] {
            let two = [compress(TEXT), compress(TEXT)].concat();
            assert_eq!(read(&two).unwrap(), [TEXT, TEXT].concat());
        }
        assert_eq!(read(b"").unwrap(), b"");
        assert_eq!(read(b"[").unwrap(), b"[");
    }

    #[test]
    fn a_cut_compressed_file_is_an_error_and_not_a_shorter_file() {
        for compress in [gzip, bzip2, xz, zstd] {
            let two = [compress(TEXT), compress(TEXT)].concat();
            for cut in [1, 5, compress(TEXT).len() - 7] {
                assert!(
                    read(&two[..two.len() - cut]).is_err(),
                    "{:?} cut by {cut}",
                    &two[..2]
                );
            }
        }
    }

    #[test]
    fn a_folder_gives_its_inputs_by_name_and_says_when_there_are_none() {
        let dir = tempfile::tempdir().unwrap();
        for name in [
            "b.JSON",
            "a.json.gz",
            "notes.txt",
            ".hidden.json",
            "c/b.json",
        ] {
            fs::create_dir_all(dir.path().join("c")).unwrap();
            fs::write(dir.path().join(name), TEXT).unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), dir.path().join("c/back")).unwrap();
        let paths = [dir.path().to_owned()];
        let found = Input::find(&paths, &[".json"]).unwrap();
        assert_eq!(
            found.iter().map(|i| &i.name).collect::<Vec<_>>(),
            ["a.json.gz", "b.JSON", "c/b.json"]
        );
        let error = Input::find(&paths, &[".conllu", ".conll"])
            .unwrap_err()
            .to_string();
        assert!(error.ends_with("no input in this folder, expected files named *.conllu, *.conll"));
    }

    #[test]
    fn a_zip_archive_is_read_entry_by_entry() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("release.zip");
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        let options = zip::write::SimpleFileOptions::default();
        for (name, content) in [("b.json", TEXT.to_vec()), ("a.json.gz", gzip(b"first"))] {
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
        assert_eq!(seen[1], ("release.zip/b.json".to_owned(), TEXT.to_vec()));
        assert!(count.load(Ordering::Relaxed) > 0);
    }
}
