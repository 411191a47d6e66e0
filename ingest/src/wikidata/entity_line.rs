//! One entity of a JSON dump, as far as it is wanted. What is not wanted is passed over without being
//! kept: other languages, other sites, other properties, references.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use kprep_schemas::EntityId;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
pub(super) fn parse<'a>(
    line: &'a [u8],
    selection: &Selection,
) -> Result<EntityLine<'a>, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(line);
    let mut entity = EntityLine::default();
    let fields = Fields {
        entity: &mut entity,
        selection,
    };
    Entries::new(fields).deserialize(&mut json)?;
    json.end()?;
    Ok(entity)
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
}

impl<'de> Take<'de> for Fields<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let Self { entity, selection } = self;
        let langs = &selection.langs;
        let text = |map: &mut A| map.next_value().map(|Text(text)| Some(text));
        match key {
            "id" | "entity" => entity.id = text(map)?,
            "type" => entity.kind = text(map)?,
            "redirect" => entity.redirect = text(map)?,
            "datatype" => entity.datatype = text(map)?,
            "labels" => map.next_value_seed(Entries::new(Labels(langs, &mut entity.labels)))?,
            "descriptions" => {
                map.next_value_seed(Entries::new(Labels(langs, &mut entity.descriptions)))?;
            }
            "aliases" => map.next_value_seed(Entries::new(Aliases(langs, &mut entity.aliases)))?,
            "sitelinks" => map.next_value_seed(Entries::new(Sitelinks { entity, selection }))?,
            "claims" => map.next_value_seed(Entries::new(Claims { entity, selection }))?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// `{"language": "en", "value": "…"}`
#[derive(Deserialize)]
struct Term<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
}

/// `{"en": {"language": "en", "value": "…"}, …}`
struct Labels<'s, 'a>(&'s [String], &'s mut Terms<'a>);

impl<'de> Take<'de> for Labels<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if let Some(lang) = self.0.iter().position(|lang| lang == key) {
            let term: Term<'de> = map.next_value()?;
            self.1.push((lang, term.value));
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// `{"en": [{"language": "en", "value": "…"}, …], …}`
struct Aliases<'s, 'a>(&'s [String], &'s mut Terms<'a>);

impl<'de> Take<'de> for Aliases<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if let Some(lang) = self.0.iter().position(|lang| lang == key) {
            let List(terms) = map.next_value::<List<Term<'de>>>()?;
            self.1
                .extend(terms.into_iter().map(|term| (lang, term.value)));
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// `{"enwiki": {"site": "enwiki", "title": "…", "badges": []}, …}`
struct Sitelinks<'s, 'a> {
    entity: &'s mut EntityLine<'a>,
    selection: &'s Selection,
}

#[derive(Deserialize)]
struct Sitelink<'a> {
    #[serde(borrow)]
    title: Cow<'a, str>,
}

impl<'de> Take<'de> for Sitelinks<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.entity.sitelinks += 1;
        if self.selection.site == key {
            let link: Sitelink<'de> = map.next_value()?;
            self.entity.title = Some(link.title);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// `{"P31": [{"mainsnak": {…}, "rank": "normal", …}, …], …}`
struct Claims<'s, 'a> {
    entity: &'s mut EntityLine<'a>,
    selection: &'s Selection,
}

impl<'de> Take<'de> for Claims<'_, 'de> {
    fn take<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let property = key.parse().map_err(de::Error::custom)?;
        if self.selection.wants(property) {
            let List(statements) = map.next_value()?;
            self.entity.claims.push((property, statements));
        } else {
            let List(passed_over) = map.next_value::<List<IgnoredAny>>()?;
            self.entity.not_wanted += passed_over.len() as u64;
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
