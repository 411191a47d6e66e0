//! Records in any order to a [`super::sorted_file::SortedFile`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::error::{Error, Result};
use super::sorted_file::{BLOCK, HEAD, Identity, MAGIC, number_of};

/// How the names of files begin that are not complete.
pub const UNFINISHED: &str = ".unfinished-";

/// Sorts records into such a file: runs that fit in memory are sorted and put on disk, then merged.
///
/// Memory: `run_bytes` while records come, and 256 KiB a run while they are merged. Disk: twice the
/// records, beside the file.
pub(super) struct Sorter<const N: usize> {
    path: PathBuf,
    capacity: usize,
    run: Vec<[u8; N]>,
    runs: Vec<File>,
}

impl<const N: usize> Sorter<N> {
    /// Starts a file that will appear at `path`.
    pub(super) fn new(path: &Path, run_bytes: usize) -> Self {
        Self {
            path: path.to_owned(),
            capacity: (run_bytes / N).max(1),
            run: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// Adds a record.
    ///
    /// # Errors
    /// [`Error::Io`] if a run cannot be written.
    pub(super) fn push(&mut self, record: [u8; N]) -> Result<()> {
        self.run.push(record);
        if self.run.len() == self.capacity {
            self.run_is_full().map_err(Error::io(&self.path))?;
        }
        Ok(())
    }

    /// Puts a full run on disk; one of the same few records again and again stays in memory, lest
    /// there be more runs than files can be open.
    fn run_is_full(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        self.run.dedup();
        if self.run.len() > self.capacity / 2 {
            self.end_run()?;
        }
        Ok(())
    }

    fn end_run(&mut self) -> io::Result<()> {
        self.run.sort_unstable();
        self.run.dedup();
        // A file without a name: it is gone when the program is, however that ends.
        let mut file = BufWriter::with_capacity(1 << 20, tempfile::tempfile_in(self.folder())?);
        file.write_all(self.run.as_flattened())?;
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        self.run.clear();
        Ok(())
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// Writes the file, each record once, and puts it in its place.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written; then what was there before stays.
    pub(super) fn finish(mut self, identity: &Identity) -> Result<()> {
        let path = self.path.clone();
        self.write(identity).map_err(Error::io(&path))
    }

    fn write(&mut self, identity: &Identity) -> io::Result<()> {
        let mut output = Output::<N>::new(
            Builder::new()
                .prefix(UNFINISHED)
                .tempfile_in(self.folder())?,
        )?;
        if self.runs.is_empty() {
            self.run.sort_unstable();
            self.run.iter().try_for_each(|record| output.add(record))?;
        } else {
            self.end_run()?;
            self.run = Vec::new();
            merge(&self.runs, |record| output.add(record))?;
        }
        output.finish(identity, &self.path)
    }
}

/// Passes the records of sorted runs on in order.
fn merge<const N: usize>(
    runs: &[File],
    mut add: impl FnMut(&[u8; N]) -> io::Result<()>,
) -> io::Result<()> {
    let mut runs: Vec<_> = runs
        .iter()
        .map(|run| BufReader::with_capacity(1 << 18, run))
        .collect();
    let mut heads = BinaryHeap::new();
    for (number, run) in runs.iter_mut().enumerate() {
        heads.extend(next(run)?.map(|record| Reverse((record, number))));
    }
    while let Some(Reverse((record, number))) = heads.pop() {
        add(&record)?;
        heads.extend(next(&mut runs[number])?.map(|record| Reverse((record, number))));
    }
    Ok(())
}

fn next<const N: usize>(run: &mut impl Read) -> io::Result<Option<[u8; N]>> {
    let mut record = [0; N];
    match run.read_exact(&mut record) {
        Ok(()) => Ok(Some(record)),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

/// The file while it is written: its head comes last.
struct Output<const N: usize> {
    file: BufWriter<NamedTempFile>,
    hasher: Xxh3,
    index: Vec<u32>,
    records: u64,
    last: Option<[u8; N]>,
}

impl<const N: usize> Output<N> {
    fn new(file: NamedTempFile) -> io::Result<Self> {
        let mut file = BufWriter::with_capacity(1 << 20, file);
        file.write_all(&[0; HEAD])?;
        Ok(Self {
            file,
            hasher: Xxh3::new(),
            index: Vec::new(),
            records: 0,
            last: None,
        })
    }

    fn add(&mut self, record: &[u8; N]) -> io::Result<()> {
        if self.last.as_ref() == Some(record) {
            return Ok(());
        }
        if self.records.is_multiple_of(BLOCK) {
            self.index.push(number_of(record));
        }
        self.last = Some(*record);
        self.records += 1;
        self.hasher.update(record);
        self.file.write_all(record)
    }

    fn finish(mut self, identity: &Identity, path: &Path) -> io::Result<()> {
        for entry in &self.index {
            self.hasher.update(&entry.to_le_bytes());
            self.file.write_all(&entry.to_le_bytes())?;
        }
        let mut head = Vec::with_capacity(HEAD);
        head.extend_from_slice(MAGIC);
        head.extend_from_slice(&(N as u32).to_le_bytes());
        head.extend_from_slice(identity);
        for number in [self.records, self.hasher.digest()] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(&xxh3_64(&head).to_le_bytes());
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&head)?;
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::sorted_file::SortedFile;
    use super::*;

    const IDENTITY: Identity = [7; 32];

    fn record(number: u32, rest: u16) -> [u8; 6] {
        let mut record = [0; 6];
        record[..4].copy_from_slice(&number.to_be_bytes());
        record[4..].copy_from_slice(&rest.to_be_bytes());
        record
    }

    /// 3,000 records in no order, some of them twice.
    fn write(path: &Path, run_bytes: usize) {
        let mut sorter = Sorter::new(path, run_bytes);
        for i in (0..3000u32).chain(100..120) {
            let number = i.wrapping_mul(2_654_435_761) % 1000;
            sorter.push(record(number, (i / 1000) as u16)).unwrap();
        }
        sorter.finish(&IDENTITY).unwrap();
    }

    #[test]
    fn runs_of_any_size_give_the_same_file_and_each_record_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        write(&path, 1 << 20);
        let whole = fs::read(&path).unwrap();
        for run_bytes in [6, 60, 6000, 18_120] {
            write(&path, run_bytes);
            assert!(
                fs::read(&path).unwrap() == whole,
                "runs of {run_bytes} bytes"
            );
        }
        let file = SortedFile::<6>::open(&path, &IDENTITY).unwrap();
        let all = file.read_all().unwrap();
        assert!(all.is_sorted() && all.windows(2).all(|two| two[0] != two[1]));
        assert_eq!(file.len(), all.len() as u64);
        for number in [0, 1, 15, 16, 17, 500, 999, 1000, 5000, u32::MAX] {
            let expected: Vec<_> = all.iter().filter(|r| number_of(*r) == number).collect();
            assert_eq!(
                file.starting_with(number)
                    .unwrap()
                    .iter()
                    .collect::<Vec<_>>(),
                expected
            );
        }
    }

    #[test]
    fn few_records_many_times_need_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut sorter = Sorter::new(&dir.path().join("a"), 60);
        for i in 0..100_000 {
            sorter.push(record(i % 5, 0)).unwrap();
        }
        assert!(sorter.runs.is_empty());
        sorter.finish(&IDENTITY).unwrap();
        let file = SortedFile::<6>::open(&dir.path().join("a"), &IDENTITY).unwrap();
        let expected: Vec<_> = (0..5).map(|number| record(number, 0)).collect();
        assert_eq!(file.read_all().unwrap(), expected);
    }

    proptest! {
        /// Numbers with none, few and many records, so that blocks begin before, in and after them.
        #[test]
        fn each_number_has_its_records(
            groups in vec((0_u32..40, 1_u16..400, 0_u16..300), 0..12),
            run_bytes in 6_usize..6000,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a");
            let mut sorter = Sorter::new(&path, run_bytes);
            let mut all = BTreeSet::new();
            for (number, count, first) in groups {
                for rest in (first..first + count).rev() {
                    sorter.push(record(number, rest)).unwrap();
                    all.insert(record(number, rest));
                }
            }
            sorter.finish(&IDENTITY).unwrap();
            let file = SortedFile::<6>::open(&path, &IDENTITY).unwrap();
            prop_assert_eq!(file.len(), all.len() as u64);
            for number in (0..42).chain([u32::MAX]) {
                let expected = all.iter().filter(|r| number_of(*r) == number).copied();
                prop_assert_eq!(
                    file.starting_with(number).unwrap(),
                    expected.collect::<Vec<_>>()
                );
            }
            prop_assert_eq!(file.read_all().unwrap(), all.into_iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_empty_file_holds_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        Sorter::<10>::new(&path, 100).finish(&IDENTITY).unwrap();
        let file = SortedFile::<10>::open(&path, &IDENTITY).unwrap();
        assert!(file.len() == 0 && file.starting_with(3).unwrap().is_empty());
    }
}
