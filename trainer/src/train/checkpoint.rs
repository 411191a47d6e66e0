//! Where a run stands, on disk: everything that the next step depends on.
//!
//! The order of the data and the dropout are functions of the seed and the step, so the step is
//! all of the position in the data and of the random state.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::files::identity::Identity;
use crate::files::weights::{self, Named};
use crate::model::params::Params;
use crate::train::checkpoint_files;
use crate::train::optimizer::AdamW;
use crate::{Error, Result};

/// A run's progress.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Steps done.
    pub step: u64,
    /// The best validation so far.
    pub best: Option<Best>,
    /// Validations since then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub stale: u64,
    /// Steps that no line of the log tells of yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlogged: Option<Unlogged>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What the next line of the log begins with.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Unlogged {
    /// Sum of the losses.
    pub loss: f32,
    /// Steps.
    pub steps: u64,
    /// The last one's gradient norm.
    pub gradient_norm: f32,
}

/// A validation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps done before it.
    pub step: u64,
    /// Its score.
    pub score: f64,
}

const MEAN: &str = "adam.mean.";
const SQUARE: &str = "adam.square.";

/// Writes a checkpoint into the folder `training`; after a crash at any moment the old or the new
/// one is the last.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub fn save(
    training: &Path,
    identity: &Identity,
    params: &Params,
    adam: &AdamW,
    progress: Progress,
) -> Result<()> {
    let complete = training.join("checkpoint.new");
    let path = complete.as_path();
    let mut named = params.named(params.flat(), "");
    named.extend(params.named(&adam.mean, MEAN));
    named.extend(params.named(&adam.square, SQUARE));
    let json = |value: serde_json::Result<String>| value.map_err(Error::json(path));
    let metadata = [
        ("identity", json(serde_json::to_string(identity))?),
        ("progress", json(serde_json::to_string(&progress))?),
    ];
    weights::write(path, &named, &metadata)?;
    checkpoint_files::publish(path, training, progress.step)
}

/// Reads a checkpoint into the parameters and the optimiser.
///
/// # Errors
/// [`Error::Checkpoint`] if it belongs to a run with other settings, data or backbone;
/// [`Error::OtherVersion`]; [`Error::Tensors`] if it is damaged.
pub fn load(path: &Path, identity: &Identity, params: &Params, adam: &AdamW) -> Result<Progress> {
    let (found, metadata) = weights::read(path)?;
    let field = |name: &str| {
        metadata.get(name).ok_or_else(|| Error::Checkpoint {
            path: path.to_owned(),
            reason: format!("no {name} in its metadata: not a checkpoint of ktrain"),
        })
    };
    let stored = Identity::parse(path, field("identity")?.as_bytes())?;
    let differences = identity.differences(&stored);
    if !differences.is_empty() {
        let reason = format!(
            "the run to resume was started with other settings ({}): give the same ones, or restart \
             with --overwrite",
            differences.join("; ")
        );
        return Err(Error::Checkpoint {
            path: path.to_owned(),
            reason,
        });
    }
    let mut expected = params.expected("");
    expected.extend(params.expected(MEAN));
    expected.extend(params.expected(SQUARE));
    let named = weights::match_strictly(path, found, &expected, |_| false)?;
    params.fill(params.flat(), "", &named);
    params.fill(&adam.mean, MEAN, &named);
    params.fill(&adam.square, SQUARE, &named);
    serde_json::from_str(field("progress")?).map_err(Error::json(path))
}

/// Writes the parameters alone, those of an adapter that is not trained included. The same values give the same bytes.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub fn save_weights(path: &Path, params: &Params) -> Result<()> {
    weights::write(path, &params.complete(), &[])
}

/// Writes them as the best so far, with a checksum beside them.
///
/// # Errors
/// [`Error::Io`], [`Error::Tensors`].
pub(crate) fn save_best(path: &Path, params: &Params) -> Result<()> {
    let complete = path.with_extension("new");
    save_weights(&complete, params)?;
    checkpoint_files::publish_with_sum(&complete, path)
}

/// Reads the trained ones of the best back.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Io`], [`Error::Tensors`], [`Error::Mismatch`].
pub fn load_best(path: &Path, params: &Params) -> Result<()> {
    checkpoint_files::check(path)?;
    let (found, _) = weights::read(path)?;
    let expected = params.expected_complete();
    let named: Named = weights::match_strictly(path, found, &expected, |_| false)?;
    params.fill(params.flat(), "", &named);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A score that came back smaller by its last bit let a tie after a resume count as better.
    #[test]
    fn progress_is_read_back_as_it_was() {
        for right in 0..=242 {
            let share = f64::from(right) / 242.0;
            let progress = Progress {
                stale: 2,
                step: 7,
                best: Some(Best {
                    step: 3,
                    score: share,
                }),
                unlogged: Some(Unlogged {
                    loss: share as f32,
                    steps: 2,
                    gradient_norm: share as f32,
                }),
            };
            let json = serde_json::to_string(&progress).unwrap();
            assert_eq!(serde_json::from_str::<Progress>(&json).unwrap(), progress);
        }
    }
}
