//! Compressions, told by content.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use crate::bzip2::Bzip2Reader;

pub(crate) const BUFFER: usize = 1 << 18;

/// Bytes that are read at first. They stand together in the buffer of a file that is not
/// compressed, however it was cut on its way: what the file is, is told by them.
const START: u64 = 4096;

/// Recognises gzip, bzip2, Zstandard and xz by their first bytes and decodes them, with all their
/// members, streams and frames; anything else passes through.
///
/// bzip2, which is slow, is decoded on the threads of rayon's pool; a damaged block of it is one
/// error, behind which the text goes on.
///
/// Memory: the decoder's own window (at most 64 MiB for xz and Zstandard files of the usual
/// levels); for bzip2 about 10 MB a thread.
///
/// # Errors
/// Whatever reading the first bytes or starting the decoder fails with.
pub fn decompress<'a>(mut file: impl Read + 'a) -> io::Result<Box<dyn BufRead + 'a>> {
    let mut magic = Vec::with_capacity(START as usize);
    file.by_ref().take(START).read_to_end(&mut magic)?;
    let known = |start: &[u8]| magic.starts_with(start);
    let (gzip, bzip2, xz) = (known(b"\x1f\x8b"), known(b"BZh"), known(b"\xfd7zXZ\0"));
    let zstd = known(b"\x28\xb5\x2f\xfd") || is_skippable_frame(&magic);
    let file = BufReader::with_capacity(BUFFER, Cursor::new(magic).chain(file));
    if bzip2 {
        return Ok(Box::new(Bzip2Reader::new(file)));
    }
    let content: Box<dyn Read + 'a> = if gzip {
        Box::new(flate2::bufread::MultiGzDecoder::new(file))
    } else if xz {
        Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(file))
    } else if zstd {
        Box::new(zstd::Decoder::with_buffer(file)?)
    } else {
        return Ok(Box::new(file));
    };
    Ok(Box::new(BufReader::with_capacity(BUFFER, content)))
}

/// Zstandard files may start with a frame of metadata (0x184D2A50 to 0x184D2A5F).
fn is_skippable_frame(magic: &[u8]) -> bool {
    magic.len() >= 4 && magic[0] & 0xf0 == 0x50 && magic[1..4] == [0x2a, 0x4d, 0x18]
}

/// A file name without the suffix of a compression: `a.json.gz` is `a.json`.
pub fn without_compression(name: &str) -> &str {
    let suffixes = [".gz", ".bz2", ".zst", ".xz"];
    suffixes
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"some text that is worth compressing, some text";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(text: &[u8]) -> Vec<u8> {
        let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(text: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        zstd::encode_all(text, 3).unwrap()
    }

    fn read(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        decompress(bytes)?.read_to_end(&mut text)?;
        Ok(text)
    }

    #[test]
    fn every_compression_with_two_members_is_read_to_its_end() {
        for compress in [gzip, bzip2, xz, zstd, |text: &[u8]| text.to_vec()] {
            let two = [compress(TEXT), compress(TEXT)].concat();
            assert_eq!(read(&two).unwrap(), [TEXT, TEXT].concat());
        }
        assert_eq!(read(b"").unwrap(), b"");
        assert_eq!(read(b"[").unwrap(), b"[");
    }

    #[test]
    fn a_cut_compressed_file_is_an_error_and_not_a_shorter_file() {
        for compress in [gzip, bzip2, xz, zstd] {
            let two = [compress(TEXT), compress(TEXT)].concat();
            for cut in [1, 5, compress(TEXT).len() - 7] {
                assert!(
                    read(&two[..two.len() - cut]).is_err(),
                    "{:?} cut by {cut}",
                    &two[..2]
                );
            }
        }
    }
}
