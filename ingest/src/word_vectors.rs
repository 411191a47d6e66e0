//! Vectors of words in the text form of word2vec, which fastText and `GloVe` have, too.

use std::io::BufRead;

use kprep_schemas::Position;

use crate::wordnet::WordNetResult;
use crate::wordnet::error::Unexpected;
use crate::wordnet::lines::Lines;

/// A word with its vector, which is text until it is asked for: few words of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordVector {
    /// The word, as the file has it.
    pub word: String,
    numbers: String,
}

impl WordVector {
    /// The vector.
    ///
    /// # Errors
    /// [`WordNetError::Syntax`](crate::wordnet::WordNetError::Syntax) at this position if one of its numbers is none.
    pub fn vector(&self, position: Position) -> WordNetResult<Vec<f32>> {
        let numbers = self.numbers.split_ascii_whitespace();
        let parsed = numbers.map(|number| {
            let value = number.parse().ok().filter(|value: &f32| value.is_finite());
            value.ok_or_else(|| Unexpected::new("a number", number).at(position))
        });
        parsed.collect()
    }
}

/// The lines of such a file: a word and its numbers, with blanks or tabs between them. A first line of
/// two numbers, how many words and numbers there are, is passed over. Memory: a line.
pub fn word_vectors<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = WordNetResult<(Position, WordVector)>> {
    Lines::new(reader, |line, at| {
        let (word, numbers) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let numbers = numbers.trim();
        if word.is_empty() || numbers.is_empty() {
            return Err(Unexpected::new("a word and its numbers", line));
        }
        let is_count = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if at.line == 1 && is_count(word) && is_count(numbers) {
            return Ok(None);
        }
        Ok(Some(WordVector {
            word: word.to_owned(),
            numbers: numbers.to_owned(),
        }))
    })
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::wordnet::WordNetError;

    fn read(text: &str, buffer: usize) -> Vec<Result<(String, Vec<f32>), String>> {
        let lines = word_vectors(BufReader::with_capacity(buffer, text.as_bytes()));
        let vector = |line: WordNetResult<(Position, WordVector)>| {
            let (position, line) = line?;
            Ok((line.word.clone(), line.vector(position)?))
        };
        let lines = lines.map(|line| vector(line).map_err(|e: WordNetError| e.to_string()));
        lines.collect()
    }

    #[test]
    fn one_bad_line_between_two_good_ones() {
        let text = "3 2\ngoose 1 -0.5 \nduck 1 x\nbird\t2e-1 3\nalone\n";
        for text in [text.to_owned(), text.replace('\n', "\r\n")] {
            let found = read(&text, 64);
            assert_eq!(found, read(&text, 1));
            assert_eq!(found[0], Ok(("goose".into(), vec![1.0, -0.5])));
            let byte = text.find("duck").unwrap();
            let expected = format!("line 3, byte {byte}: expected a number, found \"x\"");
            assert_eq!(found[1].as_ref().unwrap_err(), &expected);
            assert_eq!(found[2], Ok(("bird".into(), vec![0.2, 3.0])));
            let told = found[3].as_ref().unwrap_err();
            assert!(told.ends_with("expected a word and its numbers, found \"alone\""));
        }
        // Without the first line; and a word may be a number.
        assert_eq!(read("a 1\n7 2 3\n", 9).len(), 2);
    }

    #[test]
    fn a_file_cut_anywhere_gives_whole_lines_and_at_most_one_error() {
        let text = "2 1\ngoose 1\nduck 2\n";
        for end in 0..text.len() {
            let found = read(&text[..end], 3);
            let whole = text[..end].matches('\n').count().saturating_sub(1);
            let good = found.iter().take_while(|line| line.is_ok()).count();
            assert_eq!(good, whole, "{end}");
            assert!(found.len() <= whole + 1);
        }
    }
}
