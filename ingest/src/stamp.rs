//! What tells that a file has changed while it was read.

use std::fs::Metadata;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use kprep_schemas::hex;
use sha2::{Digest, Sha256};

/// Size and checksum of an input as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// Size of a file and the time of its last change. Its inode is left out: file systems in user
/// space number a file anew whenever it is opened, and another file of the same size and time still
/// has another checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// What the passes over an input have seen of it.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    checksum: OnceLock<Checksum>,
    changed: AtomicBool,
}

impl Seen {
    /// Notes what a pass over the whole input has read; the next one must read the same.
    pub(crate) fn note(&self, checksum: &Checksum) {
        let first = self.checksum.get_or_init(|| checksum.clone());
        if first != checksum {
            self.note_change();
        }
    }

    pub(crate) fn note_change(&self) {
        self.changed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    pub(crate) fn checksum(&self) -> Option<&Checksum> {
        self.checksum.get()
    }
}

/// A reader that sums up the bytes that are read from it and counts them in `read`, too.
pub(crate) struct Summed<R> {
    inner: R,
    read: Arc<AtomicU64>,
    bytes: u64,
    sha256: Sha256,
    ended: bool,
}

impl<R: Read> Summed<R> {
    pub(crate) fn new(inner: R, read: &Arc<AtomicU64>) -> Self {
        Self {
            inner,
            read: Arc::clone(read),
            bytes: 0,
            sha256: Sha256::new(),
            ended: false,
        }
    }

    /// Whether it was read to its end.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Reads what is left, so that the sum is that of the whole, and gives the sum.
    pub(crate) fn finish(mut self) -> io::Result<(Checksum, R)> {
        let mut buffer = vec![0; 1 << 16];
        while !self.ended {
            match self.read(&mut buffer) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
        }
        let sum = Checksum {
            bytes: self.bytes,
            sha256: hex(&self.sha256.finalize()),
        };
        Ok((sum, self.inner))
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.read.fetch_add(n as u64, Ordering::Relaxed);
        self.bytes += n as u64;
        self.sha256.update(&buffer[..n]);
        self.ended |= n == 0 && !buffer.is_empty();
        Ok(n)
    }
}
