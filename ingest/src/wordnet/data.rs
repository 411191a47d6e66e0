//! The synsets of `data.noun`, `data.verb`, `data.adj` and `data.adv`.

use std::io::BufRead;

use kprep_schemas::{Position, Words};

use super::error::Unexpected;
use super::lines::{Fields, Lines, number};
use super::relations::relation;
use super::{Part, WordNetResult, gloss};

/// A synset as WNDB has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataSynset {
    /// Where its line starts, in bytes: what other files name it by.
    pub offset: u32,
    /// Number of the lexicographer file.
    pub lexfile: u8,
    /// `n`, `v`, `a`, `s` (satellite) or `r`.
    pub kind: char,
    /// The words.
    pub words: Vec<DataWord>,
    /// The pointers.
    pub pointers: Vec<Pointer>,
    /// The definition.
    pub definition: String,
    /// The examples.
    pub examples: Words,
}

/// A word of a synset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataWord {
    /// The word with `_` for blanks, without the marker of an adjective's place (`(a)`, `(p)`, `(ip)`).
    pub text: String,
    /// Tells senses of a word in one lexicographer file apart.
    pub lex_id: u8,
}

/// A relation to another synset, or to one of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointer {
    /// The relation, by WN-LMF's name.
    pub relation: &'static str,
    /// Where the other synset is.
    pub offset: u32,
    /// In which file.
    pub part: Part,
    /// Which word the relation starts from and which it leads to, from 1; none between whole synsets.
    pub words: Option<(u8, u8)>,
}

/// Synsets of a file with the places of their lines. The licence at its start is passed over. Memory: a
/// line of at most [`MAX_WNDB_LINE`](super::MAX_WNDB_LINE).
///
/// A line that is malformed, or whose offset is not its place, is one error; the stream goes on after it.
pub fn data_synsets<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, DataSynset)>> {
    Lines::new(reader, synset)
}

/// The lines of the licence at the start of a file: they begin with two blanks and their numbers, which
/// are left out.
///
/// # Errors
/// Whatever the input says.
pub fn notice_lines<R: BufRead>(reader: R) -> std::io::Result<Vec<String>> {
    const LONGEST: u64 = 1 << 16;
    let mut lines = Vec::new();
    for line in reader.take(LONGEST).split(b'\n') {
        let line = line?;
        let Some(text) = line.strip_prefix(b"  ") else {
            break;
        };
        let text = String::from_utf8_lossy(text);
        let text = text.trim_start_matches(|c: char| c.is_ascii_digit());
        lines.push(text.trim().to_owned());
    }
    Ok(lines)
}

/// `offset lexfile type w_cnt word lex_id [word lex_id…] p_cnt [pointer…] [frames…] | gloss`
fn synset(line: &str, at: Position) -> Result<Option<DataSynset>, Unexpected> {
    if line.starts_with("  ") {
        return Ok(None);
    }
    let (fields, gloss) = line
        .split_once("| ")
        .or_else(|| Some((line.strip_suffix('|')?, "")))
        .ok_or_else(|| Unexpected::end("`|` and a gloss"))?;
    let mut fields = Fields::of(fields);
    let offset = offset(&mut fields)?;
    if u64::from(offset) != at.byte {
        return Err(Unexpected {
            expected: format!("the offset {:08}, at which the line starts", at.byte),
            found: format!("{offset:08}"),
        });
    }
    let lexfile: u8 = fields.number("the number of a lexicographer file, 00 to 44")?;
    if usize::from(lexfile) >= kprep_schemas::LEXFILES.len() {
        let found = format!("{lexfile:02}");
        return Err(Unexpected::new(
            "the number of a lexicographer file, 00 to 44",
            &found,
        ));
    }
    let kind = kind(&mut fields)?;
    let words = words(&mut fields)?;
    let pointers = pointers(&mut fields)?;
    if kind == 'v' {
        frames(&mut fields)?;
    }
    fields.end()?;
    let (definition, examples) = gloss::split(gloss);
    Ok(Some(DataSynset {
        offset,
        lexfile,
        kind,
        words,
        pointers,
        definition: definition.to_owned(),
        examples,
    }))
}

/// Eight digits.
pub(super) fn offset(fields: &mut Fields<'_>) -> Result<u32, Unexpected> {
    let expected = "an offset of eight digits";
    let text = fields.text(expected)?;
    let offset = number(text, 10).filter(|_| text.len() == 8);
    offset.ok_or_else(|| Unexpected::new(expected, text))
}

fn kind(fields: &mut Fields<'_>) -> Result<char, Unexpected> {
    let expected = "a synset type: n, v, a, s or r";
    let text = fields.text(expected)?;
    match Part::of_letter(text) {
        Some(_) => Ok(text.chars().next().unwrap_or_default()),
        None => Err(Unexpected::new(expected, text)),
    }
}

fn words(fields: &mut Fields<'_>) -> Result<Vec<DataWord>, Unexpected> {
    let count: u8 = fields.hex("the number of words, to the base 16")?;
    let mut words = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let text = fields.text("a word")?;
        let text = ["(a)", "(p)", "(ip)"]
            .into_iter()
            .find_map(|marker| text.strip_suffix(marker))
            .unwrap_or(text);
        words.push(DataWord {
            text: text.to_owned(),
            lex_id: fields.hex("the lex_id of a word, to the base 16")?,
        });
    }
    if words.is_empty() {
        return Err(Unexpected::new("at least one word", "00"));
    }
    Ok(words)
}

fn pointers(fields: &mut Fields<'_>) -> Result<Vec<Pointer>, Unexpected> {
    let count: u16 = fields.number("the number of pointers")?;
    let mut pointers = Vec::new();
    for _ in 0..count {
        let symbol = fields.text("a pointer's symbol")?;
        let relation =
            relation(symbol).ok_or_else(|| Unexpected::new("a pointer's symbol", symbol))?;
        let offset = offset(fields)?;
        let letter = fields.text("a pointer's part of speech")?;
        let part = Part::of_letter(letter);
        let ends = "a pointer's source and target, four digits to the base 16";
        let text = fields.text(ends)?;
        let both: u16 = number(text, 16)
            .filter(|_| text.len() == 4)
            .ok_or_else(|| Unexpected::new(ends, text))?;
        let [source, target] = both.to_be_bytes();
        if (source == 0) != (target == 0) {
            return Err(Unexpected::new("a source and a target, or 0000", text));
        }
        pointers.push(Pointer {
            relation,
            offset,
            part: part.ok_or_else(|| Unexpected::new("a part of speech: n, v, a or r", letter))?,
            words: (source > 0).then_some((source, target)),
        });
    }
    Ok(pointers)
}

/// Sentence frames of a verb: their number, then `+ frame word` each.
fn frames(fields: &mut Fields<'_>) -> Result<(), Unexpected> {
    let count: u16 = fields.number("the number of sentence frames")?;
    for _ in 0..count {
        let plus = fields.text("`+` of a sentence frame")?;
        if plus != "+" {
            return Err(Unexpected::new("`+` of a sentence frame", plus));
        }
        fields.number::<u8>("the number of a sentence frame")?;
        fields.hex::<u8>("the word of a sentence frame, to the base 16")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    const LICENCE: &str = "  1 Sample WordNet 1.0  \n  2 Free.  \n";

    /// Lines behind the licence, each with its offset in the place of `@`.
    fn file(lines: &[&str]) -> String {
        let mut text = LICENCE.to_owned();
        for line in lines {
            let offset = format!("{:08}", text.len());
            text += &line.replacen('@', &offset, 1);
            text += "\n";
        }
        text
    }

    fn read(text: &str, buffer: usize) -> Vec<Result<(u64, DataSynset), String>> {
        let reader = BufReader::with_capacity(buffer, text.as_bytes());
        let rows = data_synsets(reader);
        rows.map(|row| {
            row.map(|(at, row)| (at.line, row))
                .map_err(|e| e.to_string())
        })
        .collect()
    }

    #[test]
    fn a_line_is_a_synset() {
        let text = file(&[
            "@ 29 v 0a a 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 take_a_breath f 002 @ 00000063 v 0000 + 00000001 n 0a01 02 + 02 00 + 08 0a | draw air; \"breathe!\"; \"he \
             breathed\"  ",
            "@ 00 s 02 outback(a) 0 galore(ip) 1 001 & 00000063 a 0000 | far  ",
        ]);
        let rows = read(&text, 4096);
        assert_eq!(rows, read(&text, 1));
        let (line, verb) = rows[0].clone().unwrap();
        assert_eq!(
            (line, verb.offset, verb.lexfile, verb.kind),
            (3, 37, 29, 'v')
        );
        assert_eq!(verb.words.len(), 10);
        assert_eq!(
            verb.words[9],
            DataWord {
                text: "take_a_breath".into(),
                lex_id: 15
            }
        );
        let hypernym = Pointer {
            relation: "hypernym",
            offset: 63,
            part: Part::Verb,
            words: None,
        };
        let derived = Pointer {
            relation: "derivation",
            offset: 1,
            part: Part::Noun,
            words: Some((10, 1)),
        };
        assert_eq!(verb.pointers, [hypernym, derived]);
        assert_eq!(verb.definition, "draw air");
        assert_eq!(verb.examples, ["breathe!", "he breathed"]);
        let (_, satellite) = rows[1].clone().unwrap();
        let texts: Vec<&str> = satellite.words.iter().map(|word| &*word.text).collect();
        assert_eq!((texts, satellite.kind), (vec!["outback", "galore"], 's'));
    }

    #[test]
    fn a_bad_line_costs_itself_and_says_what_was_expected() {
        let good = "@ 03 n 01 entity 0 000 | that which is  ";
        let bad = [
            (
                "x@ 03 n 01 a 0 000 | a",
                "an offset of eight digits, found \"x00000085\"",
            ),
            (
                "00000001 03 n 01 a 0 000 | a",
                "the offset 00000085, at which the line starts, found 00000001",
            ),
            (
                "@ 45 n 01 a 0 000 | a",
                "the number of a lexicographer file, 00 to 44, found \"45\"",
            ),
            (
                "@ 03 x 01 a 0 000 | a",
                "a synset type: n, v, a, s or r, found \"x\"",
            ),
            (
                "@ 03 n 02 a 0 000 | a",
                "the lex_id of a word, to the base 16, found the end of the line",
            ),
            (
                "@ 03 n 01 a 0 001 ? 00000001 n 0000 | a",
                "a pointer's symbol, found \"?\"",
            ),
            (
                "@ 03 n 01 a 0 001 @ 0000001 n 0000 | a",
                "an offset of eight digits, found \"0000001\"",
            ),
            (
                "@ 03 n 01 a 0 001 @ 00000001 n 0100 | a",
                "a source and a target, or 0000, found \"0100\"",
            ),
            (
                "@ 03 n 01 a 0 000 01 + 01 00 | a",
                "the end of the line, found \"01\"",
            ),
            (
                "@ 29 v 01 a 0 000 | a",
                "the number of sentence frames, found the end of the line",
            ),
            (
                "@ 03 n 01 a 0 000",
                "`|` and a gloss, found the end of the line",
            ),
        ];
        for (line, expected) in bad {
            let text = file(&[good, line, good]);
            let rows = read(&text, 7);
            assert_eq!(rows.len(), 3, "{line}");
            assert!(rows[0].is_ok() && rows[2].is_ok(), "{rows:?}");
            let message = rows[1].clone().unwrap_err();
            assert_eq!(message, format!("line 4, byte 85: expected {expected}"));
        }
    }

    #[test]
    fn a_file_that_is_cut_or_has_other_line_ends_is_refused() {
        let text = file(&[
            "@ 03 n 01 entity 0 000 | that which is",
            "@ 03 n 01 a 0 000 | b",
        ]);
        let cut = read(&text[..text.len() - 4], 4096);
        let expected = "line 4, byte 83: expected a line that ends with a line break, found the end of the file";
        assert_eq!(cut[1].clone().unwrap_err(), expected);
        let crlf = read(&text.replace('\n', "\r\n"), 4096);
        let expected = "line 3, byte 39: expected the offset 00000039, at which the line starts, found 00000037";
        assert_eq!(crlf[0].clone().unwrap_err(), expected);
    }

    #[test]
    fn the_notice_is_what_stands_before_the_synsets() {
        let text = file(&["@ 03 n 01 entity 0 000 | that which is"]);
        let lines = notice_lines(text.as_bytes()).unwrap();
        assert_eq!(lines, ["Sample WordNet 1.0", "Free."]);
    }
}
