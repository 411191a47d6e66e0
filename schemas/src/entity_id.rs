//! `EntityId`: the name of a thing in Wikidata.

use std::fmt;
use std::str::FromStr;

/// An item (`Q42`), property (`P31`), lexeme (`L7`), form (`L7-F2`), sense (`L7-S1`) or another
/// kind with a letter of its own (`E10`, `M3`), in 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId {
    /// The upper-case letter it starts with.
    kind: u8,
    /// `F` or `S` for a form or sense, else 0.
    part: u8,
    part_number: u16,
    number: u64,
}

/// A text that is no entity's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no id, expected one like Q42, P31 or L7-F2")]
pub struct NotAnId(String);

impl EntityId {
    /// The item with this number: 42 is `Q42`.
    pub fn item(number: u64) -> Self {
        Self::new(b'Q', number)
    }

    /// The property with this number: 31 is `P31`.
    pub fn property(number: u64) -> Self {
        Self::new(b'P', number)
    }

    fn new(kind: u8, number: u64) -> Self {
        Self {
            kind,
            part: 0,
            part_number: 0,
            number,
        }
    }

    /// The number of an item; `None` for other kinds.
    pub fn as_item(self) -> Option<u64> {
        (self.kind == b'Q').then_some(self.number)
    }

    /// The number of a property; `None` for other kinds.
    pub fn as_property(self) -> Option<u64> {
        (self.kind == b'P').then_some(self.number)
    }
}

impl FromStr for EntityId {
    type Err = NotAnId;

    fn from_str(id: &str) -> Result<Self, NotAnId> {
        parse(id).ok_or_else(|| NotAnId(id.chars().take(50).collect()))
    }
}

fn parse(id: &str) -> Option<EntityId> {
    let (&kind, rest) = id.as_bytes().split_first()?;
    if !kind.is_ascii_uppercase() {
        return None;
    }
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, part) = id[1..].split_at(digits);
    let mut parsed = EntityId::new(kind, decimal(number)?);
    if !part.is_empty() {
        let (letter, number) = part.strip_prefix('-')?.split_at_checked(1)?;
        parsed.part = *letter.as_bytes().first().filter(|b| b"FS".contains(b))?;
        parsed.part_number = u16::try_from(decimal(number)?).ok()?;
    }
    Some(parsed)
}

/// A number as ids have it: digits alone, no zero in front.
fn decimal(digits: &str) -> Option<u64> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok())?
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.kind), self.number)?;
        if self.part == 0 {
            return Ok(());
        }
        write!(f, "-{}{}", char::from(self.part), self.part_number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_they_are_written() {
        for id in ["Q42", "P31", "L7", "L7-F2", "L123456-S10", "E10", "M3"] {
            assert_eq!(id.parse::<EntityId>().unwrap().to_string(), id);
        }
        assert_eq!("Q42".parse(), Ok(EntityId::item(42)));
        assert_eq!(EntityId::property(31).as_property(), Some(31));
        assert_eq!(EntityId::property(31).as_item(), None);
        assert_eq!(size_of::<EntityId>(), 16);
    }

    #[test]
    fn what_is_no_id_is_none() {
        for id in [
            "",
            "Q",
            "q42",
            "42",
            "Q-1",
            "Q042",
            "Q4 2",
            "L7-",
            "L7-F",
            "L7-X1",
            "L7-F99999",
            "Ä1",
            "L7-Ä1",
            "Q99999999999999999999999",
        ] {
            assert!(id.parse::<EntityId>().is_err(), "{id}");
        }
        assert_eq!(
            "Q0".parse::<EntityId>().unwrap_err().to_string(),
            "\"Q0\" is no id, expected one like Q42, P31 or L7-F2"
        );
    }
}
