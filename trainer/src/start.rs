//! An adapter that starts from weights that are there: this program's, or K-Adapter's released files.

use std::path::{Path, PathBuf};

use kprep_schemas::sha256_file;

use crate::params::Params;
use crate::weights::Expected;
use crate::{Error, Result, folder, weights};

/// Heads that adapter files hold: this program's, and the released code's for either task. They
/// belong to the classes of their own data, so a run's head starts anew.
const HEADS: [&str; 5] = [
    "head.",
    "com_dense.",
    "dense.",
    "out_proj.",
    "self_attention.",
];

/// A file to start from.
#[derive(Debug, Clone)]
pub struct Start {
    /// The file.
    pub path: PathBuf,
    /// Its SHA-256.
    pub sha256: String,
}

impl Start {
    /// # Errors
    /// [`Error::Io`].
    pub fn new(path: &Path) -> Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            sha256: sha256_file(path).map_err(Error::io(path))?,
        })
    }

    /// Reads the adapter's parameters; a head in the file is left aside.
    ///
    /// # Errors
    /// What [`folder::read_file`] says; [`Error::Mismatch`] with every tensor that is missing,
    /// unknown or of another shape, as with the other preset's files.
    pub fn fill(&self, params: &Params) -> Result<()> {
        let is_adapter = |expected: &Expected| expected.name.starts_with("adapter.");
        let expected: Vec<_> = params.expected("").into_iter().filter(is_adapter).collect();
        let is_head = |name: &str| HEADS.iter().any(|head| name.starts_with(head));
        let found = folder::read_file(&self.path)?;
        let named = weights::match_strictly(&self.path, found, &expected, is_head)?;
        params.fill(params.flat(), "", &named);
        Ok(())
    }
}
