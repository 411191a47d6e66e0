//! Wrong use of the command line: exit code 2, as for a flag that does not exist.

use crate::Error;

/// A flag has a value that it cannot have, whatever the files hold.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Usage(pub(crate) String);

/// For `map_err`: settings that a flag set wrongly. Other errors keep their exit code.
pub(crate) fn usage(error: Error) -> anyhow::Error {
    match error {
        Error::Setting(_) | Error::Assignment { .. } => Usage(error.to_string()).into(),
        other => other.into(),
    }
}
