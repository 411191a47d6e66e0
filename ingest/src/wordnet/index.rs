//! `index.noun`, `index.verb`, `index.adj` and `index.adv`: the synsets of each word, the first sense first.

use std::io::BufRead;

use kprep_schemas::Position;

use super::data::offset;
use super::error::Unexpected;
use super::lines::{Fields, Lines};
use super::{Part, WordNetResult};

/// A word of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// The word in lower case, with `_` for blanks.
    pub lemma: String,
    /// Where its synsets are, in the order of its senses.
    pub offsets: Vec<u32>,
}

/// The words of an index. The licence at its start is passed over. Memory: a line.
pub fn index_entries<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, IndexEntry)>> {
    Lines::new(reader, entry)
}

/// `lemma pos synset_cnt p_cnt [symbol…] sense_cnt tagsense_cnt offset [offset…]`
fn entry(line: &str, _: Position) -> Result<Option<IndexEntry>, Unexpected> {
    if line.starts_with("  ") {
        return Ok(None);
    }
    let mut fields = Fields::of(line);
    let lemma = fields.text("a word")?.to_owned();
    let letter = fields.text("a part of speech")?;
    if Part::of_letter(letter).is_none() {
        return Err(Unexpected::new("a part of speech: n, v, a or r", letter));
    }
    let synsets: u16 = fields.number("the number of synsets")?;
    let symbols: u16 = fields.number("the number of pointers' symbols")?;
    for _ in 0..symbols {
        fields.text("a pointer's symbol")?;
    }
    fields.number::<u16>("the number of senses")?;
    fields.number::<u16>("the number of tagged senses")?;
    let offsets = (0..synsets).map(|_| offset(&mut fields));
    let offsets = offsets.collect::<Result<_, _>>()?;
    fields.end()?;
    Ok(Some(IndexEntry { lemma, offsets }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "  1 Licence\nable a 2 3 & = + 2 1 00001740 00306663  \nbad a 2 0 2 1 00001740\n\
                    cold n 1 0 1 0 00000001\n";
        let rows = index_entries(text.as_bytes());
        let rows = rows.map(|row| row.map(|(_, row)| row).map_err(|e| e.to_string()));
        let entry = |lemma: &str, offsets: &[u32]| IndexEntry {
            lemma: lemma.into(),
            offsets: offsets.to_vec(),
        };
        let expected = [
            Ok(entry("able", &[1740, 306_663])),
            Err(
                "line 3, byte 53: expected an offset of eight digits, found the end of the line"
                    .into(),
            ),
            Ok(entry("cold", &[1])),
        ];
        assert_eq!(rows.collect::<Vec<_>>(), expected);
    }
}
