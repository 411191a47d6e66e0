//! One entity of a JSON dump, as far as it is wanted. What is not wanted is passed over without
//! being kept: other languages, other sites, other properties, references.

use std::borrow::Cow;

use kprep_schemas::EntityId;
use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess};

use super::Selection;
use super::members::{Care, Entries, List, Take};
use super::snak::{Snak, Text};
use super::terms::{self, Terms};

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
    pub(super) terms: Terms<'a>,
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
/// A member that is not what it should be (a label without its value, a site link without its
/// title) costs itself, and is counted. Such lines are rare: only when a line fails is it parsed
/// again, member by member.
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
            "labels" => care.entries(map, Labels(langs, &mut entity.terms.labels, odd, care))?,
            "descriptions" => care.entries(
                map,
                Labels(langs, &mut entity.terms.descriptions, odd, care),
            )?,
            "aliases" => care.entries(map, Aliases(langs, &mut entity.terms.aliases, odd, care))?,
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
struct Labels<'s, 'a>(
    &'s [String],
    &'s mut Vec<terms::Term<'a>>,
    &'s mut u64,
    Care,
);

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
struct Aliases<'s, 'a>(
    &'s [String],
    &'s mut Vec<terms::Term<'a>>,
    &'s mut u64,
    Care,
);

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
