//! bzip2 on all threads: blocks are found in the compressed bits and decoded apart.
//!
//! A bzip2 stream is a row of blocks of at most 900 kB of text, each with a checksum of its own,
//! that start with a magic number at any *bit*. Nothing tells where the next one starts, so the
//! magic is looked for; each block is then wrapped as a stream of its own, which any decoder reads.

use std::collections::VecDeque;
use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, sync_channel};

use self::block::Block;
use self::source::Source;

mod bits;
mod block;
mod source;

/// Blocks that are decoded or wait, a thread.
const IN_FLIGHT: usize = 3;

/// Reads all streams of a bzip2 file, its blocks decoded on the threads of rayon's pool.
///
/// A block that is damaged is an error where its text should stand; whoever reads on gets the text
/// after it. Data that breaks off, and bytes behind a stream that are none of bzip2's, are errors
/// that stay: the end is `Ok(0)` only where the last stream ended as it should.
///
/// Memory: a thread three blocks of text (0.9 MB each; by run lengths a block can hold at most
/// 46 MB) with their compressed data, and 4 MB for the decoder.
pub(crate) struct Bzip2Reader<R> {
    source: Source<R>,
    /// Blocks on their way, in order.
    queue: VecDeque<Item>,
    in_flight: usize,
    /// What is being read.
    text: Vec<u8>,
    at: usize,
    /// Bytes of text given out before `text`.
    given: u64,
    /// The checksum of the stream's blocks so far; none when one of them is lost.
    checksum: Option<u32>,
    /// An error that stays.
    fault: Option<(ErrorKind, String)>,
}

/// What comes next in the file.
enum Item {
    Block(Block, Receiver<Option<Vec<u8>>>),
    /// The end of a stream, with the checksum of all its blocks.
    End {
        checksum: u32,
        byte: u64,
    },
    Fault(ErrorKind, String),
}

impl<R: Read> Bzip2Reader<R> {
    pub(crate) fn new(input: R) -> Self {
        // Whoever reads on a thread of the pool itself would wait for jobs that wait for that
        // thread.
        let threads = match rayon::current_thread_index() {
            Some(_) => 0,
            None => rayon::current_num_threads(),
        };
        Self {
            source: Source::new(input),
            queue: VecDeque::new(),
            in_flight: IN_FLIGHT * threads,
            text: Vec::new(),
            at: 0,
            given: 0,
            checksum: Some(0),
            fault: None,
        }
    }

    /// Sets more blocks to work, then waits for the next one's text. False at the end.
    fn next_text(&mut self) -> io::Result<bool> {
        self.given += self.text.len() as u64;
        self.text.clear();
        self.at = 0;
        loop {
            if let Some((kind, message)) = &self.fault {
                return Err(io::Error::new(*kind, message.clone()));
            }
            while self.queue.len() <= self.in_flight {
                let Some(item) = self.next_item() else {
                    break;
                };
                self.queue.push_back(item);
            }
            match self.queue.pop_front() {
                None => return Ok(false),
                Some(Item::Fault(kind, message)) => {
                    let message =
                        format!("{message}; {} bytes of text stand before it", self.given);
                    self.fault = Some((kind, message));
                }
                Some(Item::End { checksum, byte }) => {
                    let found = self.checksum.replace(0);
                    if found.is_some_and(|found| found != checksum) {
                        let what = "is not that of its blocks: some are missing or out of order";
                        return Err(damaged(format!(
                            "the checksum of the bzip2 stream that ends at byte {byte} {what}"
                        )));
                    }
                }
                Some(Item::Block(block, decoded)) => {
                    // A decoder that panicked has sent nothing: the block counts as damaged.
                    self.text = match decoded.recv().ok().flatten() {
                        Some(text) => text,
                        None => self.decode_again(&block)?,
                    };
                    self.source.release(block.end);
                    self.checksum = self.checksum.map(|sum| sum.rotate_left(1) ^ block.checksum);
                    if !self.text.is_empty() {
                        return Ok(true);
                    }
                }
            }
        }
    }

    fn next_item(&mut self) -> Option<Item> {
        Some(match self.source.next()? {
            source::Found::Block(block) => {
                let stream = self.source.wrapped(&block);
                let (result, decoded) = sync_channel(1);
                let work = move || {
                    // Nobody waits when the reader is gone.
                    let _ = result.send(block::decode(&stream));
                };
                if self.in_flight == 0 {
                    work();
                } else {
                    rayon::spawn(work);
                }
                Item::Block(block, decoded)
            }
            source::Found::End { checksum, byte } => Item::End { checksum, byte },
            source::Found::Fault(kind, message) => Item::Fault(kind, message),
        })
    }

    /// A block that did not decode up to the next mark: that mark may be no mark but the block's
    /// own bits, so it is tried up to later ones, as far as a block can reach.
    fn decode_again(&mut self, block: &Block) -> io::Result<Vec<u8>> {
        self.queue.clear();
        let mut longer = *block;
        loop {
            let mark = self.source.next_mark(longer.end + 1)?;
            let Some(end) = mark.filter(|end| end - block.start <= block.longest()) else {
                break;
            };
            longer.end = end;
            if let Some(text) = block::decode(&self.source.wrapped(&longer)) {
                self.source.go_on_at(end, block.level);
                return Ok(text);
            }
        }
        self.checksum = None;
        self.source.go_on_at(block.end, block.level);
        Err(damaged(format!(
            "the bzip2 block at byte {} is damaged; {} bytes of text stand before it",
            block.start / 8,
            self.given
        )))
    }
}

fn damaged(message: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message)
}

impl<R: Read> BufRead for Bzip2Reader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.text.len() {
            self.next_text()?;
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        self.at = self.text.len().min(self.at + bytes);
    }
}

impl<R: Read> Read for Bzip2Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buffer)?;
        self.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Text that fills several blocks of 100 kB.
    fn text() -> Vec<u8> {
        let mut text = Vec::new();
        for i in 0..40_000u64 {
            let _ = writeln!(
                text,
                "{} is line {i}",
                i.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            );
        }
        text
    }

    fn compress(text: &[u8]) -> Vec<u8> {
        let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// What can be read, and the errors on the way to the end or to the first one that stays.
    fn read(bytes: impl Read) -> (Vec<u8>, Vec<String>) {
        let mut reader = Bzip2Reader::new(bytes);
        let mut text = Vec::new();
        let mut errors: Vec<String> = Vec::new();
        while let Err(error) = reader.read_to_end(&mut text) {
            if errors.last() == Some(&error.to_string()) {
                break;
            }
            errors.push(error.to_string());
        }
        (text, errors)
    }

    #[test]
    fn blocks_and_streams_of_all_kinds_are_read_to_the_end() {
        let (text, empty) = (text(), compress(b""));
        let long = compress(&text);
        assert_eq!(read(&*long), (text.clone(), vec![]));
        let run = vec![b'x'; 9_000_000];
        let streams = [&*empty, &long, &empty, &compress(b"short"), &compress(&run)].concat();
        let all = [&*text, b"short", &run].concat();
        assert_eq!(read(&*streams), (all, vec![]));
        assert_eq!(read(&*empty), (vec![], vec![]));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let on_the_pool = pool.unwrap().install(|| read(&*long));
        assert_eq!(on_the_pool, (text, vec![]));
    }

    #[test]
    fn a_damaged_block_is_one_error_and_the_text_goes_on_behind_it() {
        let text = text();
        let mut bytes = compress(&text);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        let (rest, errors) = read(&*bytes);
        assert_eq!(errors.len(), 1, "{errors:?}");
        let lost = text.len() - rest.len();
        assert!((90_000..=110_000).contains(&lost), "{lost}");
        let before = text.iter().zip(&rest).take_while(|(a, b)| a == b).count();
        assert_eq!(rest[before..], text[before + lost..]);
        let told = format!("is damaged; {before} bytes of text stand before it");
        assert!(errors[0].ends_with(&told), "{errors:?}");
    }

    #[test]
    fn data_that_breaks_off_anywhere_is_an_error_that_stays() {
        let text = text();
        let bytes = compress(&text);
        for length in (1..60)
            .chain([bytes.len() / 3])
            .map(|cut| bytes.len() - cut)
        {
            let (rest, errors) = read(&bytes[..length]);
            assert!(text.starts_with(&rest));
            assert_eq!(
                errors.last().unwrap(),
                &format!(
                    "the bzip2 data breaks off at byte {length}; {} bytes of text stand before it",
                    rest.len()
                )
            );
        }
    }

    #[test]
    fn what_stands_behind_the_last_stream_is_an_error() {
        let bytes = [compress(b"text"), b"garbage".to_vec()].concat();
        let at = bytes.len() - 7;
        let message = format!(
            "expected a bzip2 stream or the end of the file at byte {at}; 4 bytes of text stand before it"
        );
        assert_eq!(read(&*bytes), (b"text".to_vec(), vec![message]));
    }

    #[test]
    fn a_missing_block_is_told_by_the_checksum_of_the_stream() {
        let text = text();
        let bytes = compress(&text);
        let second = bits::find(&bytes, 40).unwrap();
        let third = bits::find(&bytes, second + 1).unwrap();
        let mut without = Vec::new();
        bits::append(&bytes, 0, second, &[], &mut without);
        without.truncate((second / 8) as usize);
        let have = bits::read(&bytes, second / 8 * 8, second % 8);
        let mut rest = Vec::new();
        bits::append(&bytes, third, 8 * bytes.len() as u64, &[], &mut rest);
        let shifted: Vec<(u64, u64)> = rest.iter().map(|&byte| (u64::from(byte), 8)).collect();
        let mut bit = vec![(have, second % 8)];
        bit.extend(shifted);
        for few in bits_to_bytes(&bit) {
            without.push(few);
        }
        let (_, errors) = read(&*without);
        assert!(
            errors[0].contains("is not that of its blocks"),
            "{errors:?}"
        );
    }

    fn bits_to_bytes(parts: &[(u64, u64)]) -> Vec<u8> {
        let bits: Vec<u8> = parts
            .iter()
            .flat_map(|&(value, count)| (0..count).rev().map(move |i| (value >> i & 1) as u8))
            .collect();
        let byte =
            |bits: &[u8]| bits.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - bits.len());
        bits.chunks(8).map(byte).collect()
    }

    /// A block may name more Huffman tables than it uses: there is room for any bits, also for the
    /// magic number of a block.
    #[test]
    fn a_magic_number_inside_a_block_is_not_taken_for_the_next_one() {
        let text: Vec<u8> = text().into_iter().take(5_000).collect();
        let bytes = compress(&text);
        let mut bits: Vec<u64> = (0..8 * bytes.len() as u64)
            .map(|bit| bits::read(&bytes, bit, 1))
            .collect();
        let number = |bits: &[u64]| bits.iter().fold(0, |number, bit| number << 1 | bit);
        // Header 32, magic number 48, checksum 32, a flag, 24 bits of an index; then which bytes
        // occur.
        let mut at = 32 + 48 + 32 + 1 + 24;
        let ranges: u64 = bits[at..at + 16].iter().sum();
        at += 16 + 16 * ranges as usize;
        assert!(
            number(&bits[at..at + 3]) >= 3,
            "codes of 0, 10 and 110 are needed"
        );
        let selectors = number(&bits[at + 3..at + 18]);
        let magic: Vec<u64> = (0..48).rev().map(|i| bits::BLOCK >> i & 1).collect();
        // Each 0 ends a code; the magic number ends within one.
        let more = magic.iter().filter(|&&bit| bit == 0).count() as u64 + 1;
        let count = selectors + more;
        for i in 0..15 {
            bits[at + 3 + i] = count >> (14 - i) & 1;
        }
        at += 18;
        for _ in 0..selectors {
            at += bits[at..].iter().position(|&bit| bit == 0).unwrap() + 1;
        }
        bits.splice(at..at, magic.into_iter().chain([0]));
        let parts: Vec<(u64, u64)> = bits.into_iter().map(|bit| (bit, 1)).collect();
        let mut bytes = bits_to_bytes(&parts);
        // The stream's padding has moved.
        let end = (0..8 * bytes.len() as u64)
            .find(|&bit| bits::read(&bytes, bit, 48) == bits::END)
            .unwrap();
        bytes.truncate((end + 80).div_ceil(8) as usize);
        assert_ne!(bits::find(&bytes, 40), Some(end));
        assert_eq!(read(&*bytes), (text, vec![]));
    }

    #[test]
    fn one_byte_at_a_time_gives_the_same() {
        struct OneByte<'a>(&'a [u8]);
        impl Read for OneByte<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let n = buffer.len().min(1);
                self.0.read(&mut buffer[..n])
            }
        }
        let text = text();
        assert_eq!(read(OneByte(&compress(&text))), (text, vec![]));
    }
}
