//! Which ids a dump defines.

use std::collections::BTreeSet;

use kprep_schemas::EntityId;

/// Numbers below this one have a bit; Wikidata's items reach 140 million.
const DENSE: u64 = 1 << 30;

/// A set of ids. Memory: a bit for each number up to the largest item's (18 MB for 140 million) and
/// property's; 16 bytes and more for what is neither, or has a number beyond 2^30.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct KnownIds {
    items: Vec<u64>,
    properties: Vec<u64>,
    others: BTreeSet<EntityId>,
}

impl KnownIds {
    /// Adds an id. False if it was there before.
    pub fn insert(&mut self, id: EntityId) -> bool {
        match self.bits(id) {
            Some((bits, number)) => {
                let (word, bit) = (number / 64, 1 << (number % 64));
                if bits.len() <= word {
                    bits.resize(word + 1, 0);
                }
                let new = bits[word] & bit == 0;
                bits[word] |= bit;
                new
            }
            None => self.others.insert(id),
        }
    }

    /// Whether it is there.
    pub fn contains(&self, id: EntityId) -> bool {
        let has = |bits: &[u64], number: u64| {
            let word = bits.get(number as usize / 64);
            word.is_some_and(|word| word & (1 << (number % 64)) != 0)
        };
        match (id.as_item(), id.as_property()) {
            (Some(number), _) if number < DENSE => has(&self.items, number),
            (_, Some(number)) if number < DENSE => has(&self.properties, number),
            _ => self.others.contains(&id),
        }
    }

    fn bits(&mut self, id: EntityId) -> Option<(&mut Vec<u64>, usize)> {
        let bits = match (id.as_item(), id.as_property()) {
            (Some(number), _) if number < DENSE => (&mut self.items, number as usize),
            (_, Some(number)) if number < DENSE => (&mut self.properties, number as usize),
            _ => return None,
        };
        Some(bits)
    }

    /// The set as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(16 + 8 * (self.items.len() + self.properties.len()));
        for bits in [&self.items, &self.properties] {
            bytes.extend((bits.len() as u64).to_le_bytes());
            bytes.extend(bits.iter().flat_map(|word| word.to_le_bytes()));
        }
        let others: Vec<String> = self.others.iter().map(ToString::to_string).collect();
        let others = others.join("\n");
        bytes.extend((others.len() as u64).to_le_bytes());
        bytes.extend(others.into_bytes());
        bytes
    }

    /// The set that [`KnownIds::to_bytes`] made the first of these bytes of, and the others; `None` if
    /// they are something else. No bytes are the empty set.
    pub fn read(mut bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut known = Self::default();
        if bytes.is_empty() {
            return Some((known, bytes));
        }
        for bits in [&mut known.items, &mut known.properties] {
            let (length, rest) = read_length(bytes)?;
            let (words, rest) = rest.split_at_checked(length.checked_mul(8)?)?;
            let word = |word: &[u8]| word.try_into().map(u64::from_le_bytes).ok();
            *bits = words.chunks(8).map(word).collect::<Option<_>>()?;
            bytes = rest;
        }
        let (length, rest) = read_length(bytes)?;
        let (others, rest) = rest.split_at_checked(length)?;
        let others = std::str::from_utf8(others).ok()?.lines();
        known.others = others.map(|id| id.parse().ok()).collect::<Option<_>>()?;
        Some((known, rest))
    }
}

fn read_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u64::from_le_bytes(*length)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_once_and_after_a_trip_through_bytes() {
        let ids = ["Q42", "Q140000000", "P42", "L7-F2", "Q99999999999"];
        let ids = ids.map(|id| id.parse::<EntityId>().unwrap());
        let mut known = KnownIds::default();
        assert!(ids.iter().all(|&id| !known.contains(id)));
        assert!(ids.iter().all(|&id| known.insert(id)));
        assert!(ids.iter().all(|&id| !known.insert(id)));
        let mut bytes = known.to_bytes();
        bytes.extend(b"other");
        let (again, rest) = KnownIds::read(&bytes).unwrap();
        assert_eq!((&again, rest), (&known, b"other".as_slice()));
        assert!(ids.iter().all(|&id| again.contains(id)));
        assert!(!again.contains(EntityId::item(43)));
        assert_eq!(KnownIds::read(b"").unwrap().0, KnownIds::default());
        assert_eq!(KnownIds::read(b"other"), None);
        assert_eq!(KnownIds::read(&bytes[..bytes.len() - 6]), None);
    }
}
