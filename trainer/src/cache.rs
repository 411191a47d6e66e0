//! `--cache`: the hidden states of a training split on disk, so that only the first of several
//! passes over it goes through the backbone.
//!
//! A file of safetensors: one tensor a hidden state, named by its index, [pieces, width] in the
//! backbone's precision, the examples one behind the other. Its name is a function of all that the
//! states depend on, so that it serves any later run that reads the same, and no other.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::iter;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use kprep_schemas::hex;
use serde_json::json;
use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};

use crate::batch::Batch;
use crate::config::Config;
use crate::frozen::{Frozen, States};
use crate::header::Header;
use crate::identity::BackboneIdentity;
use crate::order;
use crate::stop::Stop;
use crate::store::Store;
use crate::talk::Talk;
use crate::tokens::Vocabulary;
use crate::weights;
use crate::{Error, Result};

/// The hidden states of a split.
pub struct Cache {
    path: PathBuf,
    file: File,
    layout: Layout,
}

/// What lies where.
struct Layout {
    points: Vec<usize>,
    width: i64,
    kind: Kind,
    /// Positions before each example, and those of all.
    before: Vec<u64>,
    header: Header,
}

/// What a split's hidden states are a function of.
pub struct Source<'a> {
    /// The examples.
    pub store: &'a Store,
    /// The settings, in which all runs that read the cache agree.
    pub config: &'a Config,
    /// The pass through the backbone.
    pub frozen: &'a Frozen,
    /// Which backbone that is.
    pub backbone: &'a BackboneIdentity,
    /// Its tokenizer.
    pub vocabulary: &'a Vocabulary,
    /// The dataset's name, for people.
    pub name: &'a str,
}

impl Source<'_> {
    /// The SHA-256 of everything that the states depend on.
    fn key(&self) -> String {
        let mut ids = Sha256::new();
        let mut row = vec![0; self.config.max_length];
        for i in 0..self.store.len() {
            let row = &mut row[..self.store.length(i)];
            self.store.copy_ids(i, 0..self.store.length(i), row);
            ids.update((row.len() as u64).to_le_bytes());
            for id in row {
                ids.update(id.to_le_bytes());
            }
        }
        let key = json!({
            "ids": hex(&ids.finalize()), "backbone": self.backbone.sha256, "points": self.frozen.points,
            "precision": self.config.precision, "pads_to": self.config.pads_to(),
            "device": self.frozen.backbone.device().is_cuda(),
            // Of the batches that are computed together, on which the last bits depend.
            "batch_size": match self.config.batch_pieces {
                0 => json!(self.config.batch_size),
                pieces => json!({"pieces": pieces}),
            },
        });
        hex(&Sha256::digest(key.to_string()))
    }

    fn layout(&self) -> Layout {
        let length = |i| {
            self.config
                .pads_to()
                .unwrap_or_else(|| self.store.length(i)) as u64
        };
        let mut before = vec![0];
        for i in 0..self.store.len() {
            before.push(before[i] + length(i));
        }
        let pieces = before[self.store.len()];
        let width = self.frozen.backbone.config().hidden_size;
        let kind = self.config.precision.kind();
        let size = pieces * width as u64 * kind.elt_size_in_bytes() as u64;
        let dtype = if kind == Kind::BFloat16 {
            "BF16"
        } else {
            "F32"
        };
        let tensors = self.frozen.points.iter();
        let tensors = tensors.map(|i| (i.to_string(), dtype, vec![pieces as i64, width], size));
        Layout {
            points: self.frozen.points.iter().copied().collect(),
            width,
            kind,
            header: Header::new(&[], tensors),
            before,
        }
    }
}

impl Layout {
    /// Bytes of a position's state.
    fn position(&self) -> u64 {
        self.width as u64 * self.kind.elt_size_in_bytes() as u64
    }

    /// Where an example's states of the `k`-th point begin.
    fn place(&self, k: usize, example: usize) -> u64 {
        self.header.starts[k] + self.before[example] * self.position()
    }

    fn positions(&self, example: usize) -> usize {
        (self.before[example + 1] - self.before[example]) as usize
    }
}

impl Cache {
    /// Opens the cache of a split in a folder, or makes it, a batch in memory at a time,
    /// and says its size first. A file that is not finished never has the cache's name.
    ///
    /// # Errors
    /// [`Error::NoSpace`]; [`Error::StoppedCaching`]; [`Error::Unusable`] for a file of another
    /// size, and for one that another process is writing; [`Error::Io`].
    pub fn open(dir: &Path, source: &Source, stop: &Stop, talk: Talk) -> Result<Self> {
        let say = |line: &str| talk.say(&format!("{}  {line}", source.name));
        fs::create_dir_all(dir).map_err(Error::io(dir))?;
        let layout = source.layout();
        let key = source.key();
        let path = dir.join(format!("{}-{}.safetensors", source.name, &key[..16]));
        let states = format!(
            "{} hidden states of {} positions x {} in {:?}",
            layout.points.len(),
            layout.before[source.store.len()],
            layout.width,
            layout.kind
        );
        let size = HumanBytes(layout.header.end);
        if path.is_file() {
            let found = path.metadata().map_err(Error::io(&path))?.len();
            if found != layout.header.end {
                let reason = format!(
                    "holds {found} bytes and should have {}: delete it",
                    layout.header.end
                );
                return Err(Error::Unusable { path, reason });
            }
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
            fill(&path, source, &layout, stop, talk)?;
        }
        Ok(Self {
            file: File::open(&path).map_err(Error::io(&path))?,
            path,
            layout,
        })
    }

    /// The states of some examples, side by side in `width` positions; those of pads are zero,
    /// where the cache holds none.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Torch`].
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
            }
            states.push((point, Tensor::f_from_data_size(&bytes, &shape, *kind)?));
        }
        Ok(states.into_iter().collect())
    }
}

/// Writes the states beside their place, in the order of length, and puts them there. Of several
/// processes that want the same file one writes it.
fn fill(path: &Path, source: &Source, layout: &Layout, stop: &Stop, talk: Talk) -> Result<()> {
    let Source {
        store,
        config,
        frozen,
        vocabulary,
        ..
    } = source;
    let partial = weights::beside(path);
    let mut open = OpenOptions::new();
    let open = open.write(true).create(true).truncate(false).open(&partial);
    let file = open.map_err(Error::io(&partial))?;
    // The system lets go of the lock when the process ends, in whatever way. Some file systems have none.
    let locked = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    if locked || path.exists() {
        return Err(Error::Unusable {
            path: path.to_owned(),
            reason: "another run is writing it: start this one when it is complete".to_owned(),
        });
    }
    file.set_len(0).map_err(Error::io(&partial))?; // what a killed run left
    let put = |bytes: &[u8], place| file.write_all_at(bytes, place).map_err(Error::io(&partial));
    put(&layout.header.bytes, 0)?;
    let mut bar = talk.bar("caching", layout.before[store.len()]);
    let position = layout.position() as usize;
    let batches = order::in_order_of_length(store, config, (0..store.len()).collect());
    for examples in batches {
        if let Some(signal) = stop.asked() {
            fs::remove_file(&partial).map_err(Error::io(&partial))?;
            return Err(Error::StoppedCaching { signal });
        }
        let batch = Batch::new(store, config, vocabulary.pad, &examples);
        let batch = batch.to_device(frozen.backbone.device());
        let states = frozen.states(&batch);
        for (k, &point) in layout.points.iter().enumerate() {
            let bytes = weights::bytes(&states.at(point))?;
            let rows = bytes.chunks(batch.ids_bt.size()[1] as usize * position);
            for (row, &example) in iter::zip(rows, &examples) {
                let row = &row[..layout.positions(example) * position];
                put(row, layout.place(k, example))?;
            }
        }
        bar.inc(examples.iter().map(|&i| layout.positions(i) as u64).sum());
    }
    weights::publish(&partial, path)
}

/// Bytes that are free where a folder lies.
fn free(dir: &Path) -> Result<u64> {
    let stat = rustix::fs::statvfs(dir).map_err(io::Error::from);
    let stat = stat.map_err(Error::io(dir))?;
    Ok(stat.f_bavail * stat.f_frsize)
}
