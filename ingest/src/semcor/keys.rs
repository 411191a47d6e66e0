//! Gold keys: the senses of tagged words by their ids.

use std::io::BufRead;

use kprep_schemas::{Position, Words};

use crate::wordnet::WordNetResult;
use crate::wordnet::error::Unexpected;
use crate::wordnet::lines::{Fields, Lines};

/// A line of a file of gold keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldKeys {
    /// The id of the word.
    pub id: String,
    /// Its sense keys: mostly one.
    pub keys: Words,
}

/// The lines of a file of gold keys: `id key [key …]`. Memory: a line.
pub fn gold_keys<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, GoldKeys)>> {
    Lines::new(reader, |line, _| {
        let mut fields = Fields::of(line);
        let id = fields.text("the id of a word")?.to_owned();
        let mut keys = Words::default();
        let expected = "a sense key, as in dog%1:05:00::";
        for key in line.split_ascii_whitespace().skip(1) {
            if !key.contains('%') {
                return Err(Unexpected::new(expected, key));
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(Unexpected::end(expected));
        }
        Ok(Some(GoldKeys { id, keys }))
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "d.s.t0 long%3:00:02::\nd.s.t1\nd.s.t2 a%1:03:00:: b%1:03:00::\n";
        let read = |buffer| {
            let lines = gold_keys(BufReader::with_capacity(buffer, text.as_bytes()));
            let lines = lines.map(|line| line.map(|(_, line)| line).map_err(|e| e.to_string()));
            lines.collect::<Vec<_>>()
        };
        let keys = |id: &str, keys: &[&str]| {
            Ok(GoldKeys {
                id: id.into(),
                keys: keys.iter().collect(),
            })
        };
        let expected = [
            keys("d.s.t0", &["long%3:00:02::"]),
            Err(
                "line 2, byte 22: expected a sense key, as in dog%1:05:00::, found the end of the \
                 line"
                    .into(),
            ),
            keys("d.s.t2", &["a%1:03:00::", "b%1:03:00::"]),
        ];
        assert_eq!(read(1), expected);
        assert_eq!(read(64), expected);
    }
}
