//! Files beside the data: class names, words of a vocabulary, patches.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use crate::input::opening;
use crate::{Error, Input, Result};

/// A larger file beside the data is refused. The largest that are known have a few megabytes.
pub const MAX_SIDE_BYTES: u64 = 64 << 20;

/// A file beside the data, read whole and decompressed, with the input that it was for the
/// manifest.
#[derive(Debug)]
pub struct SideFile {
    /// Where it comes from.
    pub input: Input,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl SideFile {
    /// Reads the file at `path`; of an archive the files one after the other. Memory: at most
    /// [`MAX_SIDE_BYTES`].
    ///
    /// # Errors
    /// [`Error::Open`], [`Error::Folder`], [`Error::Zip`], or [`Error::SideTooLarge`].
    pub fn read(path: &Path) -> Result<Self> {
        let input = Input::new(path)?;
        let mut bytes = Vec::new();
        input.visit(&Arc::default(), |_, content| {
            let room = MAX_SIDE_BYTES + 1 - bytes.len() as u64;
            let read = content.take(room).read_to_end(&mut bytes);
            read.map_err(opening(path))?;
            if bytes.len() as u64 > MAX_SIDE_BYTES {
                let path = path.to_owned();
                return Err(Error::SideTooLarge { path });
            }
            Ok(())
        })?;
        Ok(Self { input, bytes })
    }

    /// The content as text, without a byte order mark.
    ///
    /// # Errors
    /// [`Error::SideNotText`].
    pub fn text(&self) -> Result<&str> {
        let text = std::str::from_utf8(&self.bytes).map_err(|invalid| {
            let byte = invalid.valid_up_to();
            Error::SideNotText {
                path: self.input.path.clone(),
                byte,
                found: self.bytes[byte],
            }
        })?;
        Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_small_file_that_unpacks_to_a_large_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels.gz");
        let file = std::fs::File::create(&path).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        let block = vec![b'x'; 1 << 20];
        for _ in 0..65 {
            packed.write_all(&block).unwrap();
        }
        packed.finish().unwrap();
        let error = SideFile::read(&path).unwrap_err().to_string();
        assert!(
            error.ends_with(
                "labels.gz: more than 67108864 bytes when decompressed: expected a list that is read whole"
            ),
            "{error}"
        );
    }

    #[test]
    fn text_loses_its_mark_and_other_bytes_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("labels");
        std::fs::write(&path, "\u{feff}P31\n").unwrap();
        assert_eq!(SideFile::read(&path).unwrap().text().unwrap(), "P31\n");
        std::fs::write(&path, b"P31\n\xff").unwrap();
        let side = SideFile::read(&path).unwrap();
        let error = side.text().unwrap_err().to_string();
        assert!(
            error.ends_with("labels: byte 4: expected text in UTF-8, found 0xff"),
            "{error}"
        );
    }
}
