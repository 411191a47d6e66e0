//! Which ids a dump defines.

use std::collections::BTreeSet;

use kprep_schemas::EntityId;

/// Numbers below this one have a bit; Wikidata's items reach 140 million.
const DENSE: u64 = 1 << 30;

/// Numbers whose bits stand together.
const CHUNK: u64 = 1 << 16;

/// Words of a chunk.
const WORDS: usize = CHUNK as usize / 64;

/// A set of ids. Memory: 8 KiB for every 65,536 numbers of items, or of properties, of which one is
/// in it (18 MB for all of 140 million items); 16 bytes and more for what is neither, or has a
/// number beyond 2^30.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct KnownIds {
    items: Bits,
    properties: Bits,
    others: BTreeSet<EntityId>,
}

impl KnownIds {
    /// Adds an id. False if it was there before.
    pub fn insert(&mut self, id: EntityId) -> bool {
        match (id.as_item(), id.as_property()) {
            (Some(number), _) if number < DENSE => self.items.insert(number),
            (_, Some(number)) if number < DENSE => self.properties.insert(number),
            _ => self.others.insert(id),
        }
    }

    /// Whether it is there.
    pub fn contains(&self, id: EntityId) -> bool {
        match (id.as_item(), id.as_property()) {
            (Some(number), _) if number < DENSE => self.items.contains(number),
            (_, Some(number)) if number < DENSE => self.properties.contains(number),
            _ => self.others.contains(&id),
        }
    }

    /// The set as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.items.write(&mut bytes);
        self.properties.write(&mut bytes);
        let others: Vec<String> = self.others.iter().map(ToString::to_string).collect();
        let others = others.join("\n");
        bytes.extend((others.len() as u64).to_le_bytes());
        bytes.extend(others.into_bytes());
        bytes
    }

    /// The set that [`KnownIds::to_bytes`] made the first of these bytes of, and the others; `None`
    /// if they are something else. No bytes are the empty set.
    pub fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        if bytes.is_empty() {
            return Some((Self::default(), bytes));
        }
        let (items, rest) = Bits::read(bytes)?;
        let (properties, rest) = Bits::read(rest)?;
        let (length, rest) = read_number(rest)?;
        let (others, rest) = rest.split_at_checked(length)?;
        let others = std::str::from_utf8(others).ok()?.lines();
        let known = Self {
            items,
            properties,
            others: others.map(|id| id.parse().ok()).collect::<Option<_>>()?,
        };
        Some((known, rest))
    }
}

/// A set of numbers below [`DENSE`]: its chunks by their number, those that have none left out.
/// That table has at most 16,384 places.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Bits(Vec<Option<Box<[u64; WORDS]>>>);

/// The chunk of a number, the word in it, and the bit of this.
fn place(number: u64) -> (usize, usize, u64) {
    let inside = number % CHUNK;
    let (word, bit) = (inside / 64, 1 << (inside % 64));
    ((number / CHUNK) as usize, word as usize, bit)
}

impl Bits {
    fn insert(&mut self, number: u64) -> bool {
        let (chunk, word, bit) = place(number);
        if self.0.len() <= chunk {
            self.0.resize(chunk + 1, None);
        }
        let words = self.0[chunk].get_or_insert_with(|| Box::new([0; WORDS]));
        let new = words[word] & bit == 0;
        words[word] |= bit;
        new
    }

    fn contains(&self, number: u64) -> bool {
        let (chunk, word, bit) = place(number);
        let words = self.0.get(chunk).and_then(Option::as_ref);
        words.is_some_and(|words| words[word] & bit != 0)
    }

    /// The number of chunks; then for each its own number and its words.
    fn write(&self, bytes: &mut Vec<u8>) {
        let chunks = self
            .0
            .iter()
            .zip(0u64..)
            .filter_map(|(words, chunk)| Some((chunk, words.as_ref()?)));
        bytes.extend((chunks.clone().count() as u64).to_le_bytes());
        for (chunk, words) in chunks {
            bytes.extend(chunk.to_le_bytes());
            bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
    }

    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut bits = Self::default();
        let (chunks, mut rest) = read_number(bytes)?;
        for _ in 0..chunks {
            let (chunk, after) = read_number(rest)?;
            let (words, after) = after.split_at_checked(8 * WORDS)?;
            if chunk as u64 >= DENSE / CHUNK || chunk < bits.0.len() {
                return None;
            }
            bits.0.resize(chunk, None);
            let (words, _) = words.as_chunks::<8>();
            let words: Vec<u64> = words.iter().map(|word| u64::from_le_bytes(*word)).collect();
            bits.0.push(Some(words.into_boxed_slice().try_into().ok()?));
            rest = after;
        }
        Some((bits, rest))
    }
}

fn read_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((usize::try_from(u64::from_le_bytes(*number)).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_once_and_after_a_trip_through_bytes() {
        let ids = [
            "Q42",
            "Q140000000",
            "P42",
            "L7-F2",
            "Q99999999999",
            "Q65535",
            "Q65536",
            "Q1073741823",
        ];
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
        for cut in [6, 20, 8000, 20_000] {
            assert_eq!(KnownIds::read(&bytes[..bytes.len() - cut]), None, "{cut}");
        }
    }

    #[test]
    fn large_numbers_take_no_more_memory_than_small_ones() {
        let mut known = KnownIds::default();
        known.insert(EntityId::item(DENSE - 1));
        // A bit for each number up to it would be 128 MiB.
        assert!(known.to_bytes().len() < 9000);
        assert_eq!(known.items.0.iter().flatten().count(), 1);
    }
}
