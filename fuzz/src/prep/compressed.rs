//! Compressed inputs: bzip2, whose reader is our own, and archives with what is in them.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;

use kprep_ingest::{Error, Input, decompress};

use crate::target::{Target, beginning, file, with_folder};

pub(super) const TARGETS: [Target; 2] = [
    Target {
        name: "bzip2",
        read: bzip2,
        seeds: bzip2_files,
    },
    Target {
        name: "compressed",
        read: compressed,
        seeds: packed,
    },
];

/// As much text as is read of an input: a few bytes can stand for a great deal.
const AT_MOST: u64 = 64 << 20;

/// What is read to its end is what the reference decoder reads.
fn bzip2(input: &[u8]) {
    let stream = [b"BZh", input].concat();
    let mut text = Vec::new();
    let read = decompress(stream.as_slice()).map(|file| file.take(AT_MOST).read_to_end(&mut text));
    if matches!(read, Ok(Ok(length)) if (length as u64) < AT_MOST) {
        let mut expected = Vec::new();
        let reference = bzip2::read::MultiBzDecoder::new(stream.as_slice());
        let read = reference.take(AT_MOST).read_to_end(&mut expected);
        assert!(read.is_ok() && text == expected, "{read:?}");
    }
}

fn bzip2_files() -> Vec<Vec<u8>> {
    let text = beginning(file("tests/data/wikipedia/dump.xml"), 3000, b"\n");
    let pack = |text: &[u8]| {
        let level = bzip2::Compression::fast();
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), level);
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    };
    let (one, small, none) = (pack(&text), pack(b"some text"), pack(b""));
    let several = [small.as_slice(), &none, &small].concat();
    let all = [one, several, none];
    all.map(|stream| stream[3..].to_vec()).into() // `bzip2` puts it back
}

/// Every file of an input, or every entry of an archive, to its end.
fn compressed(input: &[u8]) {
    with_folder(&[("input", input)], |dir| {
        let Ok(input) = Input::new(&dir.join("input")) else {
            return;
        };
        let _ = input.visit(&Arc::default(), |_, content| -> Result<(), Error> {
            let mut sink = std::io::sink();
            let _ = std::io::copy(&mut content.take(AT_MOST), &mut sink);
            Ok(())
        });
    });
}

fn packed() -> Vec<Vec<u8>> {
    let text = beginning(file("tests/data/wikipedia/dump.xml"), 1000, b"\n");
    let gzip = {
        let level = flate2::Compression::fast();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(&text).expect("memory");
        encoder.finish().expect("memory")
    };
    let zstd = zstd::encode_all(text.as_slice(), 3).expect("memory");
    let zip = with_folder(&[], |dir| {
        let path = dir.join("a.zip");
        let mut archive = zip::ZipWriter::new(fs::File::create(&path).expect("a file"));
        for (name, content) in [("a/b.txt", &text), ("c.txt.gz", &gzip)] {
            let options = zip::write::SimpleFileOptions::default();
            archive.start_file(name, options).expect("an entry");
            archive.write_all(content).expect("an entry");
        }
        archive.finish().expect("an archive");
        fs::read(path).expect("an archive")
    });
    vec![[gzip.as_slice(), &gzip].concat(), gzip, zstd, zip]
}
