//! JSON as PHP writes it, member by member: objects whose entries are taken one by one, and arrays.
//! A member that is not what it should be may cost itself alone.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::snak::Text;

/// What a member that is not what it should be costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Care {
    /// The whole line: each value is parsed as it comes.
    Whole,
    /// Itself: the extent of each value is found first, then it is parsed.
    Members,
}

impl Care {
    /// The value of an entry, or none if it is odd and costs itself.
    pub(super) fn value<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
        self,
        map: &mut A,
    ) -> Result<Option<T>, A::Error> {
        if self == Self::Whole {
            return map.next_value().map(Some);
        }
        let raw: &'de RawValue = map.next_value()?;
        Ok(serde_json::from_str(raw.get()).ok())
    }

    /// The elements of a list that are what they should be, and the number of the others.
    pub(super) fn list<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
        self,
        map: &mut A,
    ) -> Result<(Vec<T>, u64), A::Error> {
        if self == Self::Whole {
            return map.next_value().map(|List(list)| (list, 0));
        }
        let Some(List(elements)) = self.value::<A, List<&'de RawValue>>(map)? else {
            return Ok((Vec::new(), 1));
        };
        let all = elements.len();
        let read = elements.into_iter();
        let good: Vec<T> = read
            .filter_map(|raw| serde_json::from_str(raw.get()).ok())
            .collect();
        let odd = (all - good.len()) as u64;
        Ok((good, odd))
    }

    /// The entries of an object; false if it is none.
    pub(super) fn entries<'de, A: MapAccess<'de>, T: Take<'de>>(
        self,
        map: &mut A,
        take: T,
    ) -> Result<bool, A::Error> {
        if self == Self::Whole {
            return map.next_value_seed(Entries::new(take)).map(|()| true);
        }
        let raw: &'de RawValue = map.next_value()?;
        let mut json = serde_json::Deserializer::from_str(raw.get());
        Ok(Entries::new(take).deserialize(&mut json).is_ok())
    }
}

/// What takes the entries of an object one by one.
pub(super) trait Take<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object; PHP writes an empty one as `[]`.
pub(super) struct Entries<'de, T>(T, PhantomData<&'de ()>);

impl<T> Entries<'_, T> {
    pub(super) fn new(take: T) -> Self {
        Self(take, PhantomData)
    }
}

impl<'de, T: Take<'de>> DeserializeSeed<'de> for Entries<'de, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Take<'de>> Visitor<'de> for Entries<'de, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key()? {
            self.0.take(&key, &mut map)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match seq.next_element::<IgnoredAny>()? {
            None => Ok(()),
            Some(_) => Err(de::Error::custom("expected an object, found an array")),
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// An array; PHP writes one with gaps in its numbers as an object.
pub(super) struct List<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List<T>, A::Error> {
        let mut list = Vec::new();
        while let Some((_, element)) = map.next_entry::<IgnoredAny, T>()? {
            list.push(element);
        }
        Ok(List(list))
    }
}
