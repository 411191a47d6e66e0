//! A file of records in order, found by the number that they start with.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::error::{Error, Result};

/// How such a file starts; the last letter is the version.
pub(super) const MAGIC: &[u8; 8] = b"kprepsf2";

/// Magic, width, identity, records, checksum of the body, checksum of all that.
pub(super) const HEAD: usize = 8 + 4 + 32 + 8 + 8 + 8;

/// So many records share an entry of the index: with 800 million it has 25 MB.
pub(super) const BLOCK: u64 = 128;

/// What a file was made from: it is refused where it was made from something else.
pub type Identity = [u8; 32];

/// Records of `N` bytes in ascending order of their bytes; the first four are a big-endian number.
///
/// Read with positioned reads, so that what the system keeps of the file in its page cache is what
/// it takes of memory, besides an index of 4 bytes for every 128 records. A file that is cut or
/// overwritten while it is open gives an error; mapped into memory it would end the program.
#[derive(Debug)]
pub(super) struct SortedFile<const N: usize> {
    path: PathBuf,
    file: File,
    records: u64,
    /// The number that each block of records starts with.
    index: Vec<u32>,
}

impl<const N: usize> SortedFile<N> {
    /// Opens a file and reads it once, to check that it is whole.
    ///
    /// # Errors
    /// [`Error::Stale`] if it was made from something else, [`Error::Damaged`] if it is not what it
    /// was when it was written, [`Error::Io`] if it cannot be read.
    pub(super) fn open(path: &Path, identity: &Identity) -> Result<Self> {
        let mut file = File::open(path).map_err(Error::io(path))?;
        let damaged = |expected| Error::Damaged {
            path: path.to_owned(),
            expected,
        };
        let mut head = [0; HEAD];
        read_exact(&mut file, &mut head, path, "a head of 68 bytes")?;
        let (fields, sum) = head.split_at(HEAD - 8);
        if !fields.starts_with(MAGIC) || u64_at(sum, 0) != xxh3_64(fields) {
            return Err(damaged("a head that agrees with its checksum"));
        }
        if fields[8..12] != (N as u32).to_le_bytes() {
            return Err(damaged("records of another width"));
        }
        if fields[12..44] != *identity {
            return Err(Error::Stale(path.to_owned()));
        }
        let [records, body] = [44, 52].map(|at| u64_at(fields, at));
        let size = HEAD as u64 + records * N as u64 + records.div_ceil(BLOCK) * 4;
        if file.metadata().map_err(Error::io(path))?.len() != size {
            return Err(damaged("the size that its head states"));
        }
        let mut hasher = Xxh3::new();
        let mut reader = BufReader::with_capacity(1 << 20, file).take(records * N as u64);
        io::copy(&mut reader, &mut HashWriter(&mut hasher)).map_err(Error::io(path))?;
        let mut bytes = Vec::new();
        let mut reader = reader.into_inner();
        reader.read_to_end(&mut bytes).map_err(Error::io(path))?;
        hasher.update(&bytes);
        if hasher.digest() != body {
            return Err(damaged("a body that agrees with its checksum"));
        }
        let (entries, _) = bytes.as_chunks::<4>();
        Ok(Self {
            path: path.to_owned(),
            file: reader.into_inner(),
            records,
            index: entries.iter().map(|e| u32::from_le_bytes(*e)).collect(),
        })
    }

    /// How many records there are.
    pub(super) fn len(&self) -> u64 {
        self.records
    }

    /// The records that start with a number.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be read.
    pub(super) fn starting_with(&self, number: u32) -> Result<Vec<[u8; N]>> {
        // They may begin within the block before the first one that starts with them.
        let blocks_before = self.index.partition_point(|&first| first < number);
        let from = blocks_before.saturating_sub(1) as u64 * BLOCK;
        let to = self.index.partition_point(|&first| first <= number) as u64 * BLOCK;
        let to = to.min(self.records).max(from);
        let mut bytes = vec![0; (to - from) as usize * N];
        self.file
            .read_exact_at(&mut bytes, HEAD as u64 + from * N as u64)
            .map_err(Error::io(&self.path))?;
        let (records, _) = bytes.as_chunks::<N>();
        let first = records.partition_point(|record| number_of(record) < number);
        let records = records[first..].iter();
        Ok(records
            .take_while(|record| number_of(*record) == number)
            .copied()
            .collect())
    }

    /// All records in order: for small files.
    ///
    /// # Errors
    /// [`Error::Io`] if they cannot be read.
    pub(super) fn read_all(&self) -> Result<Vec<[u8; N]>> {
        let mut bytes = vec![0; self.len() as usize * N];
        self.file
            .read_exact_at(&mut bytes, HEAD as u64)
            .map_err(Error::io(&self.path))?;
        Ok(bytes.as_chunks::<N>().0.to_vec())
    }
}

/// The number that a record starts with.
pub(super) fn number_of(record: &[u8]) -> u32 {
    u32::from_be_bytes([record[0], record[1], record[2], record[3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(number)
}

fn read_exact(
    file: &mut File,
    bytes: &mut [u8],
    path: &Path,
    expected: &'static str,
) -> Result<()> {
    file.read_exact(bytes).map_err(|source| {
        if source.kind() == io::ErrorKind::UnexpectedEof {
            return Error::Damaged {
                path: path.to_owned(),
                expected,
            };
        }
        Error::io(path)(source)
    })
}

struct HashWriter<'a>(&'a mut Xxh3);

impl Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::sorter::Sorter;
    use super::*;

    const IDENTITY: Identity = [7; 32];

    #[test]
    fn every_damaged_byte_is_noticed_and_another_origin_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let mut sorter = Sorter::new(&path, 100);
        for number in 0..20 {
            let [a, b, c, d] = u32::to_be_bytes(number);
            sorter.push([a, b, c, d, 0, 1]).unwrap();
        }
        sorter.finish(&IDENTITY).unwrap();
        let good = fs::read(&path).unwrap();
        let message = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let error = SortedFile::<6>::open(&path, &IDENTITY).unwrap_err();
            error
                .to_string()
                .replace(&dir.path().display().to_string(), "")
        };
        for byte in 0..good.len() {
            let mut bad = good.clone();
            bad[byte] ^= 1;
            assert!(message(&bad).contains("is damaged"), "byte {byte}");
        }
        assert_eq!(
            message(&good[..good.len() - 1]),
            "/a is damaged: expected the size that its head states"
        );
        assert_eq!(
            message(&good[..10]),
            "/a is damaged: expected a head of 68 bytes"
        );
        fs::write(&path, &good).unwrap();
        let stale = SortedFile::<6>::open(&path, &[8; 32]).unwrap_err();
        assert!(matches!(stale, Error::Stale(_)), "{stale}");
        let width = SortedFile::<10>::open(&path, &IDENTITY).unwrap_err();
        assert!(matches!(width, Error::Damaged { .. }), "{width}");
    }
}
