//! What is drawn at random, from hashes: the same input and seed give the same draws.

use kprep_schemas::stable_hash;

/// What negatives are drawn from: seed, id of the positive, and which of its negatives it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice<'a> {
    pub(crate) seed: u64,
    pub(crate) id: &'a str,
    pub(crate) number: u64,
}

impl Dice<'_> {
    /// A number for what is drawn and the attempt at it.
    pub(crate) fn roll(&self, what: &str, attempt: u64) -> u64 {
        stable_hash([
            &self.seed.to_le_bytes()[..],
            self.id.as_bytes(),
            &self.number.to_le_bytes(),
            what.as_bytes(),
            &attempt.to_le_bytes(),
        ])
    }

    /// One of a list.
    pub(crate) fn one<'l, T>(&self, list: &'l [T], what: &str, attempt: u64) -> Option<&'l T> {
        let place = self.roll(what, attempt).checked_rem(list.len() as u64)?;
        list.get(place as usize)
    }

    /// Which of `of` ways negative `number` takes: the first one any, the others those after it in alternation.
    pub(crate) fn turn(&self, what: &str, of: usize) -> usize {
        let first = Self { number: 0, ..*self }.roll(what, 0) % of as u64;
        ((first + self.number) % of as u64) as usize
    }
}

/// All of a list, from a place in it on and around its end.
pub(crate) fn around<T>(list: &[T], from: u64) -> impl Iterator<Item = &T> {
    let start = from.checked_rem(list.len() as u64).unwrap_or(0) as usize;
    list[start..].iter().chain(&list[..start])
}
