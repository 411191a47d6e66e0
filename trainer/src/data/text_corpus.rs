//! A text file's lines as tokens.

use std::io::BufRead;
use std::path::Path;

use kprep_schemas::hex;
use sha2::{Digest, Sha256};
use tch::{Device, Tensor};

use crate::Result;
use crate::data::tensors::side_by_side;
use crate::data::text_lines::{LONGEST_TEXT, TextLines};
use crate::data::tokenizer::{Vocabulary, Words};

/// How long a line may be, in tokens, special ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// A longer line is an error.
    Refuse(usize),
    /// A longer line is cut, and counted.
    Cut(usize),
}

/// A line that is longer than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong {
    /// Its tokens.
    pub length: usize,
    /// How many there may be.
    pub most: usize,
}

/// The tokens of all lines: eight bytes a token, a small part of what their features take.
pub struct Lines {
    ids: Vec<i64>,
    ends: Vec<usize>,
    pad: u32,
    /// Lines that were cut.
    pub cut: u64,
}

impl Lines {
    /// No lines yet.
    pub fn new(vocabulary: &Vocabulary) -> Self {
        Self {
            ids: Vec::new(),
            ends: Vec::new(),
            pad: vocabulary.pad,
            cut: 0,
        }
    }

    /// Reads and tokenises lines as training tokenises words: white space separates words, each
    /// word is taken with a space before it, `<s>` stands before the first and `</s>` behind the
    /// last. A line without words has these two tokens alone.
    ///
    /// # Errors
    /// [`crate::Error::Line`] with the number of a line, from 1, that is not UTF-8, or longer than
    /// [`LONGEST_TEXT`] or than [`Limit::Refuse`] allows; [`crate::Error::Io`].
    pub fn read(
        input: impl BufRead,
        path: &Path,
        vocabulary: &Vocabulary,
        limit: Limit,
    ) -> Result<Self> {
        let mut lines = Self::new(vocabulary);
        lines.append(input, path, vocabulary, limit)?;
        Ok(lines)
    }

    /// Adds the lines of a file.
    ///
    /// # Errors
    /// As [`Lines::read`].
    pub fn append(
        &mut self,
        input: impl BufRead,
        path: &Path,
        vocabulary: &Vocabulary,
        limit: Limit,
    ) -> Result<()> {
        let mut words = vocabulary.words();
        let mut lines = TextLines::new(input, path, LONGEST_TEXT);
        while let Some(text) = lines.next_text()? {
            if let Err(TooLong { length, most }) = self.push(text, &mut words, limit) {
                return Err(lines.wrong(format!(
                    "{length} tokens, but backbone and adapters read at most {most}: --max-length \
                     {most} cuts longer lines"
                )));
            }
        }
        Ok(())
    }

    /// Adds a line.
    ///
    /// # Errors
    /// [`TooLong`] for one that is longer than [`Limit::Refuse`] allows.
    pub fn push(
        &mut self,
        text: &str,
        words: &mut Words<'_>,
        limit: Limit,
    ) -> std::result::Result<(), TooLong> {
        let start = self.start(words);
        let most = match limit {
            Limit::Cut(most) => most,
            Limit::Refuse(_) => usize::MAX,
        };
        for word in text.split_whitespace() {
            if self.ids.len() - start > most {
                break; // what follows would be cut
            }
            self.add(word, words);
        }
        self.end(start, words, limit)
    }

    /// Adds a line with a token between two texts, and gives its place in the line.
    ///
    /// # Errors
    /// As [`Lines::push`].
    pub fn push_with_gap(
        &mut self,
        (before, token, behind): (&str, u32, &str),
        words: &mut Words<'_>,
        limit: Limit,
    ) -> std::result::Result<usize, TooLong> {
        let start = self.start(words);
        self.add(before, words);
        let place = self.ids.len() - start;
        self.ids.push(token.into());
        self.add(behind, words);
        self.end(start, words, limit).map(|()| place)
    }

    fn start(&mut self, words: &Words<'_>) -> usize {
        self.ids.push(words.vocabulary().start.into());
        self.ids.len() - 1
    }

    fn add(&mut self, text: &str, words: &mut Words<'_>) {
        for word in text.split_whitespace() {
            let tokens = words.tokens(word).iter().copied();
            self.ids.extend(tokens.map(i64::from));
        }
    }

    fn end(
        &mut self,
        start: usize,
        words: &Words<'_>,
        limit: Limit,
    ) -> std::result::Result<(), TooLong> {
        let length = self.ids.len() - start + 1;
        match limit {
            Limit::Refuse(most) if length > most => {
                self.ids.truncate(start);
                return Err(TooLong { length, most });
            }
            Limit::Cut(most) if length > most => {
                self.ids.truncate(start + most - 1);
                self.cut += 1;
            }
            _ => {}
        }
        self.ids.push(words.vocabulary().end.into());
        self.ends.push(self.ids.len());
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// SHA-256 over all tokens, to tell whether a text is the same again.
    pub fn checksum(&self) -> String {
        let mut hasher = Sha256::new();
        for i in 0..self.len() {
            for id in self.ids(i) {
                hasher.update(id.to_le_bytes());
            }
            hasher.update(i64::MAX.to_le_bytes()); // no token: an end of line
        }
        hex(&hasher.finalize())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All tokens.
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }

    /// The tokens of a line, from 0.
    pub fn ids(&self, i: usize) -> &[i64] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.ids[start..self.ends[i]]
    }

    /// Batches of at most `size` lines of similar lengths. The longest come first: where memory
    /// does not suffice, that shows at once.
    pub fn batches(&self, size: usize) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&i| std::cmp::Reverse(self.ids(i).len()));
        order.chunks(size).map(<[usize]>::to_vec).collect()
    }

    /// Lines side by side: token ids b × t (int64) and, if there are pads behind some, the mask
    /// b × t that is false there. Without `width` they are as wide as the longest.
    pub fn batch(
        &self,
        lines: &[usize],
        width: Option<usize>,
        device: Device,
    ) -> (Tensor, Option<Tensor>) {
        let lengths: Vec<usize> = lines.iter().map(|&i| self.ids(i).len()).collect();
        let width = width.or_else(|| lengths.iter().copied().max()).unwrap_or(0);
        let copy =
            |row: usize, ids: &mut [i64]| ids[..lengths[row]].copy_from_slice(self.ids(lines[row]));
        let (ids_bt, mask_bt) = side_by_side(&lengths, width, self.pad, copy);
        (
            ids_bt.to_device(device),
            mask_bt.map(|mask| mask.to_device(device)),
        )
    }
}
