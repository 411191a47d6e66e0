//! Where in a cache's file each example's part of each hidden state lies, and its checksum.

use std::fs::File;
use std::iter;
use std::os::unix::fs::FileExt;
use std::path::Path;

use tch::Kind;

use super::source::Source;
use crate::data::examples::TrainingRow;
use crate::files::header::Header;
use crate::{Error, Result};

/// The tensor of the checksums. It lies first: its numbers are the widest, and so all are aligned.
const SUMS: &str = "crc32c";

/// What lies where.
pub(super) struct Layout {
    pub(super) points: Vec<usize>,
    pub(super) width: i64,
    pub(super) kind: Kind,
    /// Positions before each example, and those of all.
    pub(super) before: Vec<u64>,
    pub(super) header: Header,
}

impl Layout {
    /// That of a split's states.
    pub(super) fn new<R: TrainingRow>(source: &Source<R>) -> Self {
        let length = |i| {
            source
                .config
                .pads_to()
                .unwrap_or_else(|| source.store.length(i)) as u64
        };
        let mut before = vec![0];
        for i in 0..source.store.len() {
            before.push(before[i] + length(i));
        }
        let tokens = before[source.store.len()];
        let width = source.frozen.backbone.config().hidden_size;
        let kind = source.config.precision.kind();
        let size = tokens * width as u64 * kind.elt_size_in_bytes() as u64;
        let dtype = if kind == Kind::BFloat16 {
            "BF16"
        } else {
            "F32"
        };
        let shape = vec![source.frozen.points.len() as i64, source.store.len() as i64];
        let sums = 8 * (source.frozen.points.len() * source.store.len()) as u64;
        let tensors = source.frozen.points.iter();
        let tensors = tensors.map(|i| (i.to_string(), dtype, vec![tokens as i64, width], size));
        let tensors = iter::once((SUMS.to_owned(), "I64", shape, sums)).chain(tensors);
        Self {
            points: source.frozen.points.iter().copied().collect(),
            width,
            kind,
            header: Header::new(&[], tensors),
            before,
        }
    }

    /// Bytes of a position's state.
    pub(super) fn position(&self) -> u64 {
        self.width as u64 * self.kind.elt_size_in_bytes() as u64
    }

    /// Where an example's states of the `k`-th point begin.
    pub(super) fn place(&self, k: usize, example: usize) -> u64 {
        self.header.starts[1 + k] + self.before[example] * self.position()
    }

    /// The number of an example's checksum of the `k`-th point.
    pub(super) fn sum(&self, k: usize, example: usize) -> usize {
        k * (self.before.len() - 1) + example
    }

    pub(super) fn positions(&self, example: usize) -> usize {
        (self.before[example + 1] - self.before[example]) as usize
    }
}

/// The checksums in a file, if it has the size and the header that it should have.
pub(super) fn sums(file: &File, path: &Path, layout: &Layout) -> Result<Vec<i64>> {
    let unusable = |reason: String| Error::Unusable {
        path: path.to_owned(),
        reason,
    };
    let (found, expected) = (
        file.metadata().map_err(Error::io(path))?.len(),
        layout.header.end,
    );
    if found != expected {
        return Err(unusable(format!(
            "holds {found} bytes and should have {expected}: delete it"
        )));
    }
    let mut start = vec![0; layout.header.starts[1] as usize];
    file.read_exact_at(&mut start, 0).map_err(Error::io(path))?;
    let (header, sums) = start.split_at(layout.header.bytes.len());
    if header != layout.header.bytes {
        return Err(unusable(
            "has another header than it should have: delete it".to_owned(),
        ));
    }
    let (sums, _) = sums.as_chunks::<8>();
    Ok(sums
        .iter()
        .map(|bytes| i64::from_le_bytes(*bytes))
        .collect())
}
