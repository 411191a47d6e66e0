//! The checkpoints of a run on disk: the last two, each with its SHA-256 beside it, which
//! `sha256sum --check` reads, too.

use std::fs;
use std::path::{Path, PathBuf};

use kprep_schemas::sha256_file;

use crate::files::partial_file;
use crate::files::weights::write_atomically;
use crate::{Error, Result};

/// How many are kept.
const KEPT: usize = 2;

/// Where the checkpoint of a step lies.
pub fn path(training: &Path, step: u64) -> PathBuf {
    training.join(format!("checkpoint-{step:010}.safetensors"))
}

fn sum_path(path: &Path) -> PathBuf {
    path.with_extension("safetensors.sha256")
}

/// Puts a complete file in the place of `path`, its checksum before it. A kill between the two leaves a file that
/// counts as damaged, and the run that goes on from its last checkpoint writes both again.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn publish_with_sum(complete: &Path, path: &Path) -> Result<()> {
    let sha256 = sha256_file(complete).map_err(Error::io(complete))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let line = format!("{sha256}  {name}\n");
    write_atomically(&sum_path(path), line.as_bytes())?;
    partial_file::publish(complete, path)
}

/// Compares a file with the checksum beside it.
///
/// # Errors
/// [`Error::Damaged`]; [`Error::Io`].
pub(crate) fn check(path: &Path) -> Result<()> {
    let sum = sum_path(path);
    let line = fs::read_to_string(&sum).map_err(Error::io(&sum))?;
    let expected = line.split(' ').next().unwrap_or_default();
    let found = sha256_file(path).map_err(Error::io(path))?;
    if found == expected {
        return Ok(());
    }
    Err(Error::Damaged {
        path: path.to_owned(),
        found,
        expected: expected.to_owned(),
    })
}

/// Puts a complete file in the place of a step's checkpoint, and deletes all but the last two. A
/// checkpoint never stands there without its checksum.
///
/// # Errors
/// [`Error::Io`].
pub(crate) fn publish(complete: &Path, training: &Path, step: u64) -> Result<()> {
    publish_with_sum(complete, &path(training, step))?;
    let all = all(training)?;
    for old in &all[..all.len().saturating_sub(KEPT)] {
        fs::remove_file(old).map_err(Error::io(old))?;
        let sum = sum_path(old);
        if sum.exists() {
            fs::remove_file(&sum).map_err(Error::io(&sum))?;
        }
    }
    Ok(())
}

/// The checkpoints of a run, the last one last.
fn all(training: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(training).map_err(Error::io(training))? {
        let path = entry.map_err(Error::io(training))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let step = name
            .strip_prefix("checkpoint-")
            .and_then(|rest| rest.strip_suffix(".safetensors"))
            .and_then(|step| step.parse::<u64>().ok());
        found.extend(step.map(|step| (step, path)));
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// What is wrong with a checkpoint; `None` if its bytes are those that were written.
fn damage(path: &Path) -> Result<Option<String>> {
    let sum = sum_path(path);
    let Ok(line) = fs::read_to_string(&sum) else {
        return Ok(Some(format!("its checksum {} is missing", sum.display())));
    };
    let expected = line.split(' ').next().unwrap_or_default();
    let found = sha256_file(path).map_err(Error::io(path))?;
    Ok((found != expected).then(|| format!("its SHA-256 is {found}, not {expected}")))
}

/// The checkpoint to go on from; `None` if there is none.
///
/// # Errors
/// [`Error::Checkpoint`] if the last one is damaged: the message says what can be done. [`Error::Io`].
pub fn last(training: &Path) -> Result<Option<PathBuf>> {
    let all = all(training)?;
    let Some((last, before)) = all.split_last() else {
        return Ok(None);
    };
    let Some(damage) = damage(last)? else {
        return Ok(Some(last.clone()));
    };
    let advice = match before.last() {
        Some(before) if self::damage(before)?.is_none() => format!(
            "the one before, {}, is whole: --resume --skip-damaged goes on from it",
            before.display()
        ),
        Some(_) => "so is the one before: restart with --overwrite".to_owned(),
        None => "there is none before it: restart with --overwrite".to_owned(),
    };
    Err(Error::Checkpoint {
        path: last.clone(),
        reason: format!("damaged: {damage}; {advice}"),
    })
}

/// Renames the last checkpoint, if it is damaged, so that the one before it becomes the last.
/// Gives its new name.
///
/// # Errors
/// [`Error::Io`].
pub fn skip_damaged(training: &Path) -> Result<Option<PathBuf>> {
    let all = all(training)?;
    let Some(last) = all.last() else {
        return Ok(None);
    };
    if damage(last)?.is_none() {
        return Ok(None);
    }
    let aside = last.with_extension("safetensors.damaged");
    fs::rename(last, &aside).map_err(Error::io(last))?;
    Ok(Some(aside))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publishes a file of one byte.
    fn publish_byte(dir: &Path, step: u64) {
        let new = dir.join("new");
        fs::write(&new, [step as u8]).unwrap();
        publish(&new, dir, step).unwrap();
    }

    #[test]
    fn the_last_two_are_kept_and_the_last_is_checked() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        assert_eq!(last(dir).unwrap(), None);
        for step in [1, 2, 10] {
            publish_byte(dir, step);
        }
        assert_eq!(all(dir).unwrap(), [path(dir, 2), path(dir, 10)]);
        assert_eq!(fs::read_dir(dir).unwrap().count(), 4);
        assert_eq!(last(dir).unwrap(), Some(path(dir, 10)));
        assert_eq!(skip_damaged(dir).unwrap(), None);

        fs::write(path(dir, 10), [11]).unwrap();
        let message = last(dir).unwrap_err().to_string();
        let whole = path(dir, 2);
        let advice = format!(
            "; the one before, {}, is whole: --resume --skip-damaged goes on from it",
            whole.display()
        );
        assert!(
            message.contains("damaged: its SHA-256 is ") && message.ends_with(&advice),
            "{message}"
        );
        let aside = skip_damaged(dir).unwrap().unwrap();
        assert!(aside.is_file());
        assert_eq!(last(dir).unwrap(), Some(whole.clone()));
        fs::remove_file(sum_path(&whole)).unwrap();
        let message = last(dir).unwrap_err().to_string();
        assert!(
            message.ends_with("is missing; there is none before it: restart with --overwrite"),
            "{message}"
        );
    }
}
