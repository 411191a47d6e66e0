//! An adapter that starts from weights that are there: this program's, or K-Adapter's released files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kprep_schemas::sha256_file;

use crate::files::adapter_config::{self, AdapterConfig};
use crate::files::adapter_shapes;
use crate::files::checkpoint_folder;
use crate::files::weights;
use crate::files::weights::{Expected, Named};
use crate::model::heads;
use crate::model::params::{Params, Spec};
use crate::{Error, Result};

/// The adapter's part of a file of weights. A head in the file belongs to the classes of its own data
/// and is left aside.
pub struct Start {
    /// The file.
    pub path: PathBuf,
    /// Its SHA-256.
    pub sha256: String,
    tensors: Named,
}

impl Start {
    /// Reads a file. That of a run of this program is compared with the checksum that lies beside it.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`], and what [`AdapterConfig::read`] and [`checkpoint_folder::read_file`] say.
    pub fn new(path: &Path) -> Result<Self> {
        let own = path.file_name() == Some(OsStr::new(adapter_config::WEIGHTS));
        let sha256 = match path.parent() {
            Some(dir) if own && dir.join(adapter_config::FILE).is_file() => {
                AdapterConfig::read(dir)?
                    .check_file(adapter_config::WEIGHTS)?
                    .to_owned()
            }
            _ => sha256_file(path).map_err(Error::io(path))?,
        };
        Ok(Self {
            path: path.to_owned(),
            sha256,
            tensors: plain(checkpoint_folder::read_file(path)?),
        })
    }

    /// Whether an adapter with these parameters can start from it.
    ///
    /// # Errors
    /// [`Error::Mismatch`] with every tensor that is missing, unknown or of another shape;
    /// [`Error::OtherPreset`] for the other preset's files.
    pub fn check(&self, adapter: &[Spec]) -> Result<()> {
        let expected: Vec<_> = adapter.iter().map(Spec::expected).collect();
        self.matching(&expected).map(drop)
    }

    /// The file's name.
    pub fn file_name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Every tensor of the file, with its head.
    pub fn tensors(&self) -> &Named {
        &self.tensors
    }

    /// Gives the adapter's parameters the file's values.
    ///
    /// # Errors
    /// As [`Start::check`].
    pub fn fill(&self, params: &Params) -> Result<()> {
        let mut expected = params.expected("");
        expected.retain(|expected| !heads::is_head(&expected.name));
        params.fill(params.flat(), "", &self.matching(&expected)?);
        Ok(())
    }

    fn matching(&self, expected: &[Expected]) -> Result<Named> {
        let tensors = self.tensors.iter();
        let found = tensors.map(|(name, tensor)| (name.clone(), tensor.shallow_clone()));
        let matched =
            weights::match_strictly(&self.path, found.collect(), expected, heads::is_head);
        matched.map_err(|error| match error {
            Error::Mismatch(mismatch) => match adapter_shapes::advice(&mismatch) {
                Some(advice) => Error::OtherPreset { mismatch, advice },
                None => Error::Mismatch(mismatch),
            },
            other => other,
        })
    }
}

/// The tensors without the `module.` that `torch.nn.DataParallel` puts before every name.
fn plain(named: Named) -> Named {
    const WRAPPED: &str = "module.";
    if !named.keys().all(|name| name.starts_with(WRAPPED)) {
        return named;
    }
    let named = named.into_iter();
    named
        .map(|(name, tensor)| (name[WRAPPED.len()..].to_owned(), tensor))
        .collect()
}
