//! `--cache`: the hidden states of a training split on disk, so that only the first of several
//! passes over it goes through the backbone.
//!
//! A file of safetensors: one tensor a hidden state, named by its index, [tokens, width] in the
//! backbone's precision, the examples one behind the other. Its name is a function of all that the
//! states depend on, so that it serves any later run that reads the same, and no other.
//!
//! One more tensor, `crc32c`, has the CRC-32C of each example's part of each hidden state, which is compared whenever
//! that part is read: disks do forget bits, and a state that differs trains another adapter. CRC-32C finds every
//! flipped bit and every damaged run of up to 32, and processors compute it as fast as memory is read.

use std::fs::{self, File};
use std::io;
use std::iter;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crc32c::crc32c;
use indicatif::HumanBytes;
use kprep_schemas::FolderLock;
use tch::Tensor;

use crate::console::Console;
use crate::data::batch::Batch;
use crate::data::examples::TrainingRow;
use crate::data::sampler;
use crate::files::partial_file::PartialFile;
use crate::files::paths;
use crate::files::weights;
use crate::model::hidden_states::States;
use crate::stop::Stop;
use crate::{Error, Result};

use self::layout::Layout;
use self::source::Source;

mod layout;
pub mod source;

/// The hidden states of a split.
pub struct Cache {
    path: PathBuf,
    file: File,
    layout: Layout,
    /// A checksum for each hidden state and example, as [`Layout::sum`] numbers them.
    sums: Vec<i64>,
}

impl Cache {
    /// Opens the cache of a split in a folder, or makes it, a batch in memory at a time,
    /// and says its size first. A file that is not finished never has the cache's name.
    ///
    /// # Errors
    /// [`Error::NoSpace`]; [`Error::StoppedCaching`]; [`Error::Unusable`] for a file of another
    /// size or with another header; [`Error::Dataset`] for one that another process is writing; [`Error::Io`].
    pub fn open<R: TrainingRow>(
        dir: &Path,
        source: &Source<R>,
        stop: &Stop,
        console: Console,
    ) -> Result<Self> {
        let say = |line: &str| console.say(&format!("{}  {line}", source.name));
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let layout = Layout::new(source);
        let key = source.key();
        let path = paths::below(dir, &format!("{}-{}.safetensors", source.name, &key[..16]))?;
        let states = format!(
            "{} hidden states of {} positions x {} in {:?}",
            layout.points.len(),
            layout.before[source.store.len()],
            layout.width,
            layout.kind
        );
        let size = HumanBytes(layout.header.end);
        let lock = if path.is_file() {
            None
        } else {
            Some(FolderLock::of(&path)?)
        };
        if path.is_file() {
            say(&format!("{states}, {size}, are in {}", path.display()));
        } else {
            let free = free(dir)?;
            say(&format!(
                "{states} take {size} in {}, where {} are free",
                path.display(),
                HumanBytes(free)
            ));
            if free < layout.header.end {
                return Err(Error::NoSpace {
                    path,
                    needed: layout.header.end,
                    free,
                });
            }
            fill(&path, source, &layout, stop, console)?;
        }
        drop(lock);
        let file = File::open(&path).map_err(Error::io(&path))?;
        let sums = layout::sums(&file, &path, &layout)?;
        Ok(Self {
            path,
            file,
            layout,
            sums,
        })
    }

    /// The states of some examples, side by side in `width` positions; those of pads are zero,
    /// where the cache holds none.
    ///
    /// # Errors
    /// [`Error::Unusable`] for states that are not those that were written; [`Error::Io`], [`Error::Torch`].
    pub fn read(&self, examples: &[usize], width: usize) -> Result<States> {
        let Layout {
            points,
            width: hidden,
            kind,
            ..
        } = &self.layout;
        let position = self.layout.position() as usize;
        let shape = [examples.len() as i64, width as i64, *hidden];
        let mut states = Vec::new();
        for (k, &point) in points.iter().enumerate() {
            let mut bytes = vec![0; examples.len() * width * position];
            for (row, &example) in bytes.chunks_mut(width * position).zip(examples) {
                let row = &mut row[..self.layout.positions(example) * position];
                let place = self.layout.place(k, example);
                let read = self.file.read_exact_at(row, place);
                read.map_err(Error::io(&self.path))?;
                if i64::from(crc32c(row)) != self.sums[self.layout.sum(k, example)] {
                    return Err(Error::Unusable {
                        path: self.path.clone(),
                        reason: format!(
                            "damaged: hidden state {point} of example {example}, {} bytes at byte {place}, has another \
                             checksum than when it was written: delete the file, and the next run with --cache makes \
                             it again",
                            row.len()
                        ),
                    });
                }
            }
            states.push((point, Tensor::f_from_data_size(&bytes, &shape, *kind)?));
        }
        Ok(states.into_iter().collect())
    }
}

/// Writes the states beside their place, in the order of length, and puts them there.
fn fill<R: TrainingRow>(
    path: &Path,
    source: &Source<R>,
    layout: &Layout,
    stop: &Stop,
    console: Console,
) -> Result<()> {
    let Source {
        store,
        config,
        frozen,
        vocabulary,
        ..
    } = source;
    let file = PartialFile::create(path)?;
    file.write_at(&layout.header.bytes, 0)?;
    let mut sums = vec![0_i64; layout.points.len() * store.len()];
    let mut bar = console.bar("caching", layout.before[store.len()]);
    let position = layout.position() as usize;
    let batches = sampler::in_order_of_length(store, config, (0..store.len()).collect());
    for examples in batches {
        if let Some(signal) = stop.signal() {
            return Err(Error::StoppedCaching { signal });
        }
        let batch = Batch::new(store, config, vocabulary.pad, &examples);
        let input = batch.input.to_device(frozen.backbone.device());
        let states = frozen.states(&input);
        for (k, &point) in layout.points.iter().enumerate() {
            let bytes = weights::bytes(&states.at(point))?;
            let rows = bytes.chunks(input.ids_bt.size()[1] as usize * position);
            for (row, &example) in iter::zip(rows, &examples) {
                let row = &row[..layout.positions(example) * position];
                sums[layout.sum(k, example)] = crc32c(row).into();
                file.write_at(row, layout.place(k, example))?;
            }
        }
        bar.inc(examples.iter().map(|&i| layout.positions(i) as u64).sum());
    }
    let sums: Vec<u8> = sums.iter().flat_map(|sum| sum.to_le_bytes()).collect();
    file.write_at(&sums, layout.header.starts[0])?;
    file.publish()
}

/// Bytes that are free where a folder lies.
fn free(dir: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(dir).map_err(io::Error::from);
    let stat = stat.map_err(Error::io(dir))?;
    Ok(stat.f_bavail * stat.f_frsize)
}
