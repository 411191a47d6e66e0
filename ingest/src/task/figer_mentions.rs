//! FIGER's own training file (`train.data`): mentions as protocol buffers, each behind its length.

use std::io::{self, BufRead, Read as _};

use kprep_schemas::Position;
use prost::Message;

use super::{Fault, Parsed, Typing};
use crate::{Error, Result};

/// No mention is larger; a length beyond is damage.
pub const MAX_MENTION_BYTES: u64 = 1 << 20;

/// `Mention` of `entity.proto` (xiaoling/figer), as far as it is used: tags, parse, the entity's
/// name and the features, which are most of the file, are passed over undecoded.
#[derive(Clone, PartialEq, Message)]
struct Mention {
    /// First token of the mention, from 0.
    #[prost(int32, optional, tag = "1")]
    start: Option<i32>,
    /// Its end, exclusive.
    #[prost(int32, optional, tag = "2")]
    end: Option<i32>,
    /// The words of the sentence.
    #[prost(string, repeated, tag = "3")]
    tokens: Vec<String>,
    /// Types of Freebase.
    #[prost(string, repeated, tag = "8")]
    labels: Vec<String>,
    /// The document.
    #[prost(string, optional, tag = "10")]
    fileid: Option<String>,
}

/// Reads mentions: for each a varint with the length of its message, and the message, as Java's
/// `writeDelimitedTo` writes them.
///
/// A message that is no mention is one [`Fault`]: it costs itself, if its length was right. Nothing
/// marks where a mention starts, so that a length that cannot be ends the stream
/// ([`Error::Syntax`]), as does a file that breaks off ([`Error::Truncated`]). Memory: a mention of
/// [`MAX_MENTION_BYTES`].
pub struct FigerMentions<R> {
    reader: R,
    position: Position,
    message: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> FigerMentions<R> {
    /// Reads from `reader`.
    pub fn new(reader: R) -> Self {
        Self {
            reader,
            position: Position::default(),
            message: Vec::new(),
            ended: false,
        }
    }

    /// Whether a file that starts so holds mentions, and no text: the mark of a token is the byte
    /// 26, which no text has.
    pub fn recognises(start: &[u8]) -> bool {
        let text = |byte: &u8| matches!(byte, b'\t'..=b'\r' | b' '..);
        !start.iter().all(text)
    }

    fn mention(&mut self) -> Result<Option<Parsed<Typing>>> {
        let start = self.position.byte;
        let Some(length) = self.length()? else {
            return Ok(None);
        };
        self.position.record += 1;
        let at = Position {
            byte: start,
            ..self.position
        };
        if length > MAX_MENTION_BYTES {
            return Err(Error::Syntax {
                position: at,
                expected: "the length of a mention, at most 1048576",
                found: length.to_string(),
            });
        }
        self.message.clear();
        let mut content = self.reader.by_ref().take(length);
        let read = content.read_to_end(&mut self.message);
        self.position.byte += self.message.len() as u64;
        read.map_err(|source| self.failed(source))?;
        if (self.message.len() as u64) < length {
            return Err(self.truncated("the end of the mention that it is in"));
        }
        let mention = Mention::decode(self.message.as_slice()).map_err(Fault::malformed);
        Ok(Some((at, mention.and_then(Mention::typing))))
    }

    /// The length of the next message; none at the end of the file.
    fn length(&mut self) -> Result<Option<u64>> {
        let start = self.position;
        let mut length = 0;
        // Ten bytes at most: 7 bits of 64 in each.
        for shift in (0..64).step_by(7) {
            let Some(byte) = self.byte()? else {
                let ended = shift == 0;
                let broken = self.truncated("the end of a mention's length");
                return if ended { Ok(None) } else { Err(broken) };
            };
            length |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(Some(length));
            }
        }
        Err(Error::Syntax {
            position: start,
            expected: "the length of a mention as a varint",
            found: "more than ten bytes".to_owned(),
        })
    }

    fn byte(&mut self) -> Result<Option<u8>> {
        loop {
            let byte = match self.reader.fill_buf() {
                Ok(buffer) => buffer.first().copied(),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(source) => return Err(self.failed(source)),
            };
            if byte.is_some() {
                self.reader.consume(1);
                self.position.byte += 1;
            }
            return Ok(byte);
        }
    }

    fn failed(&self, reason: io::Error) -> Error {
        let position = self.position;
        Error::Read { position, reason }
    }

    fn truncated(&self, expected: &'static str) -> Error {
        let position = self.position;
        Error::Truncated { position, expected }
    }
}

impl<R: BufRead> Iterator for FigerMentions<R> {
    type Item = Result<Parsed<Typing>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mention = self.mention().transpose();
        self.ended = !matches!(mention, Some(Ok(_)));
        mention
    }
}

impl Mention {
    fn typing(self) -> std::result::Result<Typing, Fault> {
        let (Some(start), Some(end)) = (self.start, self.end) else {
            return Err(Fault::malformed(
                "a mention without start or end, expected both",
            ));
        };
        let words = self.tokens.len();
        let span = usize::try_from(start).ok().zip(usize::try_from(end).ok());
        let inside = |&(start, end): &(usize, usize)| start < end && end <= words;
        let Some((start, end)) = span.filter(inside) else {
            return Err(Fault::malformed(format!(
                "the mention is tokens {start}..{end} of {words}"
            )));
        };
        // The words before, each with a blank behind it.
        let points = |words: &[String]| -> usize {
            let lengths = words.iter().map(|word| word.chars().count() + 1);
            lengths.sum()
        };
        Ok(Typing {
            doc_id: self.fileid.unwrap_or_default(),
            start: points(&self.tokens[..start]),
            end: points(&self.tokens[..end]) - 1,
            text: self.tokens.join(" "),
            types: self.labels.into_iter().collect(),
            distant: true,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn mention(start: i32, end: i32) -> Mention {
        Mention {
            start: Some(start),
            end: Some(end),
            tokens: ["Zoë", "saw", "New", "York", "."].map(str::to_owned).into(),
            labels: vec!["/location/citytown".into()],
            fileid: Some("d1".into()),
        }
    }

    fn file(mentions: &[Mention]) -> Vec<u8> {
        let messages = mentions.iter().map(Message::encode_length_delimited_to_vec);
        messages.flatten().collect()
    }

    /// What each record gives: the words of the mention, or what is wrong.
    fn read(file: &[u8], buffer: usize) -> Vec<(u64, String)> {
        let reader = BufReader::with_capacity(buffer, file);
        let told = FigerMentions::new(reader).map(|mention| match mention {
            Ok((at, Ok(typing))) => {
                let mention = typing
                    .text
                    .chars()
                    .skip(typing.start)
                    .take(typing.end - typing.start)
                    .collect();
                (at.byte, mention)
            }
            Ok((at, Err(fault))) => (at.byte, fault.detail),
            Err(error) => (u64::MAX, error.to_string()),
        });
        told.collect()
    }

    #[test]
    fn a_bad_mention_between_two_good_ones_costs_itself_wherever_the_input_is_cut() {
        let whole = file(&[mention(0, 1), mention(4, 6), mention(2, 4)]);
        let size = whole.len() as u64 / 3;
        let expected = [
            (0, "Zoë".to_owned()),
            (size, "the mention is tokens 4..6 of 5".to_owned()),
            (2 * size, "New York".to_owned()),
        ];
        assert_eq!(read(&whole, 64), expected);
        assert_eq!(read(&whole, 1), expected);
        assert_eq!(read(b"", 1), []);
        for fault in [mention(-1, 1), mention(3, 3)] {
            assert!(read(&file(&[fault]), 8)[0].1.starts_with("the mention is"));
        }
        let mut bare = mention(0, 1);
        bare.end = None;
        let told = "a mention without start or end, expected both";
        assert_eq!(read(&file(&[bare]), 8), [(0, told.to_owned())]);
    }

    #[test]
    fn lengths_that_cannot_be_and_cut_files_end_the_stream() {
        let whole = file(&[mention(0, 1), mention(2, 4)]);
        let (cut, end) = (whole.len() - 3, u64::MAX);
        let told = format!(
            "the file breaks off at byte {cut}: expected the end of the mention that it is in"
        );
        assert_eq!(read(&whole[..cut], 8)[1..], [(end, told)]);
        let told = "the file breaks off at byte 1: expected the end of a mention's length";
        assert_eq!(read(&[0x80], 8), [(end, told.to_owned())]);
        let told = "byte 0: expected the length of a mention, at most 1048576, found 2097152";
        assert_eq!(read(&[0x80, 0x80, 0x80, 1, 8], 8), [(end, told.to_owned())]);
        let told =
            "byte 0: expected the length of a mention as a varint, found more than ten bytes";
        assert_eq!(read(&[0xff; 12], 8), [(end, told.to_owned())]);
        // A length one short: the message is cut, and what follows starts within it.
        let mut short = whole.clone();
        short[0] -= 1;
        let told = read(&short, 8);
        assert!(told[0].1.starts_with("failed to decode"), "{told:?}");
    }

    #[test]
    fn mentions_are_told_from_text() {
        let start = file(&[mention(0, 1)]);
        assert!(FigerMentions::<&[u8]>::recognises(&start));
        assert!(!FigerMentions::<&[u8]>::recognises(
            "Zoë\tB-/person\r\n".as_bytes()
        ));
    }
}
