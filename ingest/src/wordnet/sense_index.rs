//! `index.sense`, `cntlist.rev` and `cntlist`: sense keys with their numbers and counts.

use std::io::BufRead;

use kprep_schemas::Position;

use super::WordNetResult;
use super::data::offset;
use super::error::Unexpected;
use super::lines::{Fields, Lines};

/// A line of `index.sense`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedSense {
    /// The sense key: `lemma%type:lexfile:lex_id:head:head_id`.
    pub key: String,
    /// Where its synset is.
    pub offset: u32,
    /// Which sense of its word it is, from 1.
    pub number: u16,
    /// How often it was tagged.
    pub count: u32,
}

/// A line of `cntlist.rev` or `cntlist`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenseCount {
    /// The sense key.
    pub key: String,
    /// How often it was tagged.
    pub count: u32,
}

/// The senses of `index.sense`: `key offset number count`. Memory: a line.
pub fn sense_index<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, IndexedSense)>> {
    Lines::new(reader, |line, _| {
        let mut fields = Fields::of(line);
        let sense = IndexedSense {
            key: key(&mut fields)?,
            offset: offset(&mut fields)?,
            number: sense_number(&mut fields)?,
            count: fields.number("a tag count")?,
        };
        fields.end()?;
        Ok(Some(sense))
    })
}

/// The counts of `cntlist.rev`: `key number count`. Memory: a line.
pub fn cntlist_rev<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, SenseCount)>> {
    Lines::new(reader, |line, _| {
        let mut fields = Fields::of(line);
        let key = key(&mut fields)?;
        sense_number(&mut fields)?;
        let count = fields.number("a tag count")?;
        fields.end()?;
        Ok(Some(SenseCount { key, count }))
    })
}

/// The counts of `cntlist`: `count key number`. Memory: a line.
pub fn cntlist<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, SenseCount)>> {
    Lines::new(reader, |line, _| {
        let mut fields = Fields::of(line);
        let count = fields.number("a tag count")?;
        let key = key(&mut fields)?;
        sense_number(&mut fields)?;
        fields.end()?;
        Ok(Some(SenseCount { key, count }))
    })
}

fn key(fields: &mut Fields<'_>) -> Result<String, Unexpected> {
    let expected = "a sense key, as in dog%1:05:00::";
    let text = fields.text(expected)?;
    let colons = |rest: &str| rest.bytes().filter(|&byte| byte == b':').count();
    match text.rsplit_once('%') {
        Some((lemma, rest)) if !lemma.is_empty() && colons(rest) == 4 => Ok(text.to_owned()),
        _ => Err(Unexpected::new(expected, text)),
    }
}

fn sense_number(fields: &mut Fields<'_>) -> Result<u16, Unexpected> {
    let expected = "the number of a sense, from 1";
    match fields.number(expected)? {
        0 => Err(Unexpected::new(expected, "0")),
        number => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read<T>(rows: impl Iterator<Item = WordNetResult<(Position, T)>>) -> Vec<Result<T, String>> {
        let rows = rows.map(|row| row.map(|(_, row)| row).map_err(|e| e.to_string()));
        rows.collect()
    }

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "a%1:03:00:: 00000001 1 7\nb 00000001 1 0\nc%5:00:01:d:02 00000009 2 0\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let rows = read(sense_index(text.as_bytes()));
            let one_byte = BufReader::with_capacity(1, text.as_bytes());
            assert_eq!(rows, read(sense_index(one_byte)));
            let first = IndexedSense {
                key: "a%1:03:00::".into(),
                offset: 1,
                number: 1,
                count: 7,
            };
            assert_eq!(rows[0], Ok(first));
            let message = rows[1].clone().unwrap_err();
            let byte = text.find("b 0").unwrap();
            let expected = "expected a sense key, as in dog%1:05:00::, found \"b\"";
            assert_eq!(message, format!("line 2, byte {byte}: {expected}"));
            assert_eq!(rows[2].clone().unwrap().key, "c%5:00:01:d:02");
        }
        let bad = read(sense_index("a%1:03:00:: 00000001 0 7\n".as_bytes()));
        let expected = "line 1, byte 0: expected the number of a sense, from 1, found \"0\"";
        assert_eq!(bad, [Err(expected.to_owned())]);
    }

    #[test]
    fn both_lists_of_counts_say_the_same() {
        let expected = SenseCount {
            key: "be%2:42:03::".into(),
            count: 10742,
        };
        let rev = read(cntlist_rev("be%2:42:03:: 1 10742\n".as_bytes()));
        assert_eq!(rev, [Ok(expected.clone())]);
        let list = read(cntlist("10742 be%2:42:03:: 1\n".as_bytes()));
        assert_eq!(list, [Ok(expected)]);
    }
}
