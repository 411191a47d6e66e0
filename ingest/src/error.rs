//! What can go wrong between a path and its documents.

use std::io;
use std::path::PathBuf;

use kprep_schemas::Position;

use crate::{MAX_PAGE_BYTES, MAX_SIDE_BYTES};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// An error of finding or reading inputs. The caller adds the name of the input where it is not
/// part of the message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path could not be opened or listed.
    #[error("{path}: {reason}", path = path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// The system's reason.
        reason: io::Error,
    },
    /// A path leads to a folder where a file is needed.
    #[error("{path}: a folder, expected a file", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A file is not what it was when it was found, or two passes have read different bytes of it.
    #[error("{path} changed while it was read: start again when nothing writes to it", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file beside the data (labels, a vocabulary) is larger than any of its kind.
    #[error("{path}: more than {MAX_SIDE_BYTES} bytes when decompressed: expected a list that is read whole", path = path.display())]
    SideTooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A file beside the data is no text.
    #[error("{path}: byte {byte}: expected text in UTF-8, found 0x{found:02x}", path = path.display())]
    SideNotText {
        /// The file.
        path: PathBuf,
        /// Where.
        byte: usize,
        /// What stands there.
        found: u8,
    },
    /// A folder that the user named is a dataset.
    #[error("{path}: a dataset that kprep wrote, expected files named {expected}: `kprep merge`, `sample`, `export` and `trex` read datasets", path = path.display())]
    Dataset {
        /// The folder.
        path: PathBuf,
        /// The names that would have been taken.
        expected: String,
    },
    /// A folder holds nothing that looks like an input.
    #[error("{path}: no input in this folder, expected files named {expected}", path = path.display())]
    NoInput {
        /// The folder.
        path: PathBuf,
        /// The names that would have been taken.
        expected: String,
    },
    /// A zip archive is damaged.
    #[error("{path}: {reason}", path = path.display())]
    Zip {
        /// The archive.
        path: PathBuf,
        /// The zip library's reason.
        reason: zip::result::ZipError,
    },
    /// Reading failed: the disk, or compressed data that is damaged or cut off. Ends the stream,
    /// but for pages of a dump behind a damaged block of bzip2.
    #[error("reading failed after byte {byte} of the decompressed data: {reason}", byte = position.byte)]
    Read {
        /// How far the data could be read.
        position: Position,
        /// The decoder's reason.
        reason: io::Error,
    },
    /// The data ends inside a document or an array. Ends the stream.
    #[error("the file breaks off at byte {byte}: expected {expected}", byte = position.byte)]
    Truncated {
        /// Where the data ends.
        position: Position,
        /// What was missing.
        expected: &'static str,
    },
    /// Something stands between documents that does not belong there. Ends the stream.
    #[error("byte {byte}: expected {expected}, found {found}", byte = position.byte)]
    Syntax {
        /// Where.
        position: Position,
        /// What may stand there.
        expected: &'static str,
        /// What does.
        found: String,
    },
    /// A page of a dump is not kept; the stream goes on after it.
    #[error("byte {byte}: a page of more than {MAX_PAGE_BYTES} bytes", byte = position.byte)]
    TooLarge {
        /// Where it starts.
        position: Position,
    },
}
