//! What a first pass leaves on disk for a second one, so that inputs are read and parsed once.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Bytes on their way to or from the disk.
const BUFFER: usize = 1 << 20;

/// Blocks of items in the order in which they came.
///
/// The file has no name: it is gone when the program is, however that ends. Memory: one buffer, and
/// the blocks that callers hold.
pub(crate) struct Spool {
    folder: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl Spool {
    /// An empty one on the disk of this folder.
    pub(crate) fn beside(folder: &Path) -> Result<Self> {
        let file = tempfile::tempfile_in(folder).with_context(|| named(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            file: BufWriter::with_capacity(BUFFER, file),
            bytes: 0,
        })
    }

    /// Adds a block that [`pack`] made.
    pub(crate) fn push(&mut self, block: &[u8]) -> Result<()> {
        let length = block.len() as u64;
        self.bytes += length;
        let written = self.file.write_all(&length.to_le_bytes());
        let written = written.and_then(|()| self.file.write_all(block));
        written.with_context(|| named(&self.folder))
    }

    /// The bytes of all blocks.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Gives the blocks back in their order.
    pub(crate) fn blocks(self) -> Result<impl Iterator<Item = Result<Vec<u8>>>> {
        let folder = self.folder;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error);
        let rewound = file.and_then(|mut file| file.rewind().map(|()| file));
        let file = rewound.with_context(|| named(&folder))?;
        let mut file = BufReader::with_capacity(BUFFER, file);
        let mut left = self.bytes;
        Ok(std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let block = next(&mut file).with_context(|| named(&folder));
            left -= block.as_ref().map_or(left, |block| block.len() as u64);
            Some(block)
        }))
    }
}

fn named(folder: &Path) -> String {
    format!("a temporary file in {}", folder.display())
}

fn next(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; size_of::<u64>()];
    file.read_exact(&mut length)?;
    let mut block = vec![0; u64::from_le_bytes(length) as usize];
    file.read_exact(&mut block)?;
    Ok(block)
}

/// Items as a block, compressed. Works on any thread.
pub(crate) fn pack<T: Serialize>(items: &[T]) -> Result<Vec<u8>> {
    let plain = postcard::to_stdvec(items)?;
    Ok(zstd::bulk::compress(&plain, 1)?)
}

/// The items of a block.
pub(crate) fn unpack<T: DeserializeOwned>(block: &[u8]) -> Result<Vec<T>> {
    Ok(postcard::from_bytes(&zstd::decode_all(block)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_back_in_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::beside(dir.path()).unwrap();
        let blocks: [&[(u32, &str)]; 3] = [&[(1, "one"), (2, "")], &[], &[(3, "three")]];
        for block in blocks {
            spool.push(&pack(block).unwrap()).unwrap();
        }
        assert_eq!(dir.path().read_dir().unwrap().count(), 0);
        let read = spool.blocks().unwrap();
        let read = read.map(|block| unpack::<(u32, String)>(&block.unwrap()).unwrap());
        let read: Vec<Vec<(u32, String)>> = read.collect();
        for (read, written) in read.iter().zip(blocks) {
            let read: Vec<_> = read.iter().map(|(n, text)| (*n, text.as_str())).collect();
            assert_eq!(read, written);
        }
        assert_eq!(read.len(), blocks.len());
    }

    #[test]
    fn one_without_blocks_gives_none() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::beside(dir.path()).unwrap();
        assert_eq!(spool.blocks().unwrap().count(), 0);
        assert!(Spool::beside(&dir.path().join("none")).is_err());
    }
}
