//! One entity of a JSON dump, as far as it is wanted. What is not wanted is passed over without being
//! kept: other languages, other sites, other properties, references.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use kprep_schemas::EntityId;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Selection;
use super::snak::{Snak, Text};

/// An entity's line.
#[derive(Debug, Default)]
pub(super) struct EntityLine<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    /// `item`, `property`, `lexeme`, …
    pub(super) kind: Option<Cow<'a, str>>,
    /// The entity that this one was merged into.
    pub(super) redirect: Option<Cow<'a, str>>,
    /// Kind of the values of a property.
    pub(super) datatype: Option<Cow<'a, str>>,
    pub(super) labels: Terms<'a>,
    pub(super) descriptions: Terms<'a>,
    pub(super) aliases: Terms<'a>,
    pub(super) sitelinks: u32,
    /// Title on the chosen site.
    pub(super) title: Option<Cow<'a, str>>,
    /// The statements with a property that is wanted, property by property.
    pub(super) claims: Vec<(EntityId, Vec<Statement<'a>>)>,
    /// Statements with another property.
    pub(super) not_wanted: u64,
    /// Labels, descriptions, aliases and site links that are not what they should be.
    pub(super) odd_terms: u64,
    /// The property of each statement that is not what it should be.
    pub(super) odd_statements: Vec<String>,
}

/// Texts in the languages of the chain: number of the language in it, text.
pub(super) type Terms<'a> = Vec<(usize, Cow<'a, str>)>;

#[derive(Debug, Deserialize)]
pub(super) struct Statement<'a> {
    #[serde(borrow)]
    pub(super) mainsnak: Snak<'a>,
    #[serde(borrow, default)]
    pub(super) rank: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) qualifiers: Qualifiers<'a>,
}

/// The qualifiers, in their order.
#[derive(Debug, Default)]
pub(super) struct Qualifiers<'a>(pub(super) Vec<Snak<'a>>);

/// Parses a line. Strings are borrowed from it where they hold no escapes.
///
/// A member that is not what it should be (a label without its value, a site link without its title)
/// costs itself, and is counted. Such lines are rare: only when a line fails is it parsed again, member
/// by member.
pub(super) fn parse<'a>(
    line: &'a [u8],
    selection: &Selection,
) -> Result<EntityLine<'a>, serde_json::Error> {
    parse_as(Care::Whole, line, selection)
        .or_else(|error| parse_as(Care::Members, line, selection).map_err(|_| error))
}

fn parse_as<'a>(
    care: Care,
    line: &'a [u8],
    selection: &Selection,
) -> Result<EntityLine<'a>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let mut entity = EntityLine::default();
    let fields = Fields {
        entity: &mut entity,
        selection,
        care,
    };
    Entries::new(fields).deserialize(&mut json)?;
    json.end()?;
    Ok(entity)
}

/// What a member that is not what it should be costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    /// The whole line: each value is parsed as it comes.
    Whole,
    /// Itself: the extent of each value is found first, then it is parsed.
    Members,
}

impl Care {
    /// The value of an entry, or none if it is odd and costs itself.
    fn value<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
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
    fn list<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
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
    fn entries<'de, A: MapAccess<'de>, T: Take<'de>>(
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
trait Take<'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// An object; PHP writes an empty one as `[]`.
struct Entries<'de, T>(T, PhantomData<&'de ()>);

impl<T> Entries<'_, T> {
    fn new(take: T) -> Self {
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

struct Fields<'s, 'a> {
    entity: &'s mut EntityLine<'a>,
    selection: &'s Selection,
    care: Care,
}

impl<'de> Take<'de> for Fields<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let care = self.care;
        let entity = &mut *self.entity;
        let (langs, odd) = (&self.selection.langs, &mut entity.odd_terms);
        let text = |map: &mut A| map.next_value().map(|Text(text)| Some(text));
        let is_object = match key {
            "id" | "entity" => {
                entity.id = text(map)?;
                return Ok(());
            }
            "type" => {
                entity.kind = text(map)?;
                return Ok(());
            }
            "redirect" => {
                entity.redirect = text(map)?;
                return Ok(());
            }
            "datatype" => {
                entity.datatype = text(map)?;
                return Ok(());
            }
            "labels" => care.entries(map, Labels(langs, &mut entity.labels, odd, care))?,
            "descriptions" => {
                care.entries(map, Labels(langs, &mut entity.descriptions, odd, care))?
            }
            "aliases" => care.entries(map, Aliases(langs, &mut entity.aliases, odd, care))?,
            "sitelinks" => care.entries(map, Sitelinks(self))?,
            "claims" => care.entries(map, Claims(self))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
                return Ok(());
            }
        };
        self.entity.odd_terms += u64::from(!is_object);
        Ok(())
    }
}

/// `{"language": "en", "value": "…"}`
#[derive(Deserialize)]
struct Term<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

/// `{"en": {"language": "en", "value": "…"}, …}`, and how many are odd.
struct Labels<'s, 'a>(&'s [String], &'s mut Terms<'a>, &'s mut u64, Care);

impl<'de> Take<'de> for Labels<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self(langs, terms, odd, care) = self;
        let Some(lang) = langs.iter().position(|lang| lang == key) else {
            map.next_value::<IgnoredAny>()?;
            return Ok(());
        };
        match care.value::<A, Term<'de>>(map)? {
            Some(term) => terms.push((lang, term.value)),
            None => **odd += 1,
        }
        Ok(())
    }
}

/// `{"en": [{"language": "en", "value": "…"}, …], …}`, and how many are odd.
struct Aliases<'s, 'a>(&'s [String], &'s mut Terms<'a>, &'s mut u64, Care);

impl<'de> Take<'de> for Aliases<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self(langs, terms, all_odd, care) = self;
        let Some(lang) = langs.iter().position(|lang| lang == key) else {
            map.next_value::<IgnoredAny>()?;
            return Ok(());
        };
        let (aliases, odd) = care.list::<A, Term<'de>>(map)?;
        **all_odd += odd;
        terms.extend(aliases.into_iter().map(|term| (lang, term.value)));
        Ok(())
    }
}

/// `{"enwiki": {"site": "enwiki", "title": "…", "badges": []}, …}`
struct Sitelinks<'f, 's, 'a>(&'f mut Fields<'s, 'a>);

#[derive(Deserialize)]
struct Sitelink<'a> {
    #[serde(borrow)]
    title: Cow<'a, str>,
}

impl<'de> Take<'de> for Sitelinks<'_, '_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Fields {
            entity,
            selection,
            care,
        } = &mut *self.0;
        entity.sitelinks += 1;
        if selection.site != key {
            map.next_value::<IgnoredAny>()?;
            return Ok(());
        }
        match care.value::<A, Sitelink<'de>>(map)? {
            Some(link) => entity.title = Some(link.title),
            None => entity.odd_terms += 1,
        }
        Ok(())
    }
}

/// `{"P31": [{"mainsnak": {…}, "rank": "normal", …}, …], …}`
struct Claims<'f, 's, 'a>(&'f mut Fields<'s, 'a>);

impl<'de> Take<'de> for Claims<'_, '_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Fields {
            entity,
            selection,
            care,
        } = &mut *self.0;
        let property = match key.parse() {
            Ok(property) => property,
            Err(error) if *care == Care::Whole => return Err(de::Error::custom(error)),
            Err(_) => {
                map.next_value::<IgnoredAny>()?;
                entity.odd_statements.push(key.to_owned());
                return Ok(());
            }
        };
        if selection.wants(property) {
            let (statements, odd) = care.list(map)?;
            entity.claims.push((property, statements));
            let odd = (0..odd).map(|_| key.to_owned());
            entity.odd_statements.extend(odd);
        } else {
            let (passed_over, odd) = care.list::<A, IgnoredAny>(map)?;
            entity.not_wanted += passed_over.len() as u64 + odd;
        }
        Ok(())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Qualifiers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut snaks = Vec::new();
        Entries::new(Snaks(&mut snaks)).deserialize(deserializer)?;
        Ok(Self(snaks))
    }
}

/// `{"P580": [{…}], …}`
struct Snaks<'s, 'a>(&'s mut Vec<Snak<'a>>);

impl<'de> Take<'de> for Snaks<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, _key: &str, map: &mut A) -> Result<(), A::Error> {
        let List(snaks) = map.next_value()?;
        self.0.extend(snaks);
        Ok(())
    }
}

/// An array; PHP writes one with gaps in its numbers as an object.
struct List<T>(Vec<T>);

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
