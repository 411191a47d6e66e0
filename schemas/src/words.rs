//! A list of short strings in one piece of memory.

use std::fmt;
use std::ops::Index;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// The words of a sentence, or one label or tag a word.
///
/// Holds what a `Vec<String>` holds, in two allocations instead of one a word, and becomes an Arrow
/// column by copying them whole. All words together may have at most 4 GiB.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Words {
    text: String,
    /// Where each word ends in `text`.
    ends: Vec<u32>,
}

impl Words {
    /// No words yet, but room for them.
    pub fn with_capacity(words: usize, bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(words),
        }
    }

    /// Adds a word.
    ///
    /// # Panics
    /// If the words have more than 4 GiB. Readers refuse sentences far below that.
    #[inline]
    pub fn push(&mut self, word: &str) {
        self.text.push_str(word);
        let end = self.text.len();
        assert!(u32::try_from(end).is_ok(), "words of more than 4 GiB");
        self.ends.push(end as u32);
    }

    /// Gives back the memory that is kept for more words.
    pub fn shrink_to_fit(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The words in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let word = &self.text[start..end as usize];
            start = end as usize;
            word
        })
    }

    /// All words with `separator` between them.
    pub fn join(&self, separator: &str) -> String {
        let bytes = self.text.len() + separator.len() * self.len().saturating_sub(1);
        let mut joined = String::with_capacity(bytes);
        for (i, word) in self.iter().enumerate() {
            if i > 0 {
                joined.push_str(separator);
            }
            joined.push_str(word);
        }
        joined
    }

    /// The words without anything between them, and where each one ends there.
    pub(crate) fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }
}

impl Index<usize> for Words {
    type Output = str;

    fn index(&self, word: usize) -> &str {
        let start = word
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[word] as usize]
    }
}

impl<S: AsRef<str>> Extend<S> for Words {
    fn extend<T: IntoIterator<Item = S>>(&mut self, words: T) {
        for word in words {
            self.push(word.as_ref());
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Words {
    fn from_iter<T: IntoIterator<Item = S>>(words: T) -> Self {
        let words = words.into_iter();
        // English words have five letters or so.
        let (least, _) = words.size_hint();
        let mut list = Self::with_capacity(least, 6 * least);
        list.extend(words);
        list
    }
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for Words {
    fn from(words: [S; N]) -> Self {
        words.into_iter().collect()
    }
}

impl<S: AsRef<str>, const N: usize> PartialEq<[S; N]> for Words {
    fn eq(&self, words: &[S; N]) -> bool {
        self.iter().eq(words.iter().map(AsRef::as_ref))
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A list of strings.
impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List)
    }
}

/// Reads a list of strings.
struct List;

impl<'de> Visitor<'de> for List {
    type Value = Words;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Words, A::Error> {
        // What a list says of its length is not believed further than a sentence goes.
        let words = list.size_hint().unwrap_or_default().min(1 << 10);
        let mut words = Words::with_capacity(words, 6 * words);
        while list.next_element_seed(Next(&mut words))?.is_some() {}
        Ok(words)
    }
}

/// Reads a string to the end of the words.
struct Next<'a>(&'a mut Words);

impl<'de> DeserializeSeed<'de> for Next<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Next<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<(), E> {
        if u32::try_from(self.0.text.len() + word.len()).is_err() {
            return Err(E::custom("words of more than 4 GiB"));
        }
        self.0.push(word);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_strings() {
        let list = ["Zoë", "", "saw", "🂡"];
        let words = Words::from(list);
        assert_eq!(words, list);
        assert_eq!(words.len(), 4);
        assert_eq!((&words[0], &words[1], &words[3]), ("Zoë", "", "🂡"));
        assert_eq!(words.join(" "), list.join(" "));
        assert_eq!(format!("{words:?}"), format!("{list:?}"));
        assert_ne!(words, Words::from(["Zoë", "s", "aw", "🂡"]));
        assert_eq!(Words::default().join(" "), "");
    }

    #[test]
    fn as_json_they_are_a_list() {
        let words = Words::from(["Zoë", "", "\"saw\""]);
        let json = serde_json::to_string(&words).unwrap();
        assert_eq!(json, r#"["Zoë","","\"saw\""]"#);
        assert_eq!(serde_json::from_str::<Words>(&json).unwrap(), words);
        assert!(serde_json::from_str::<Words>(r#"["a", 1]"#).is_err());
    }
}
