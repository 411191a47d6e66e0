//! The language of `wikibase-dump-filter --claim`: which entities to keep, by their statements.

use std::str::FromStr;

use kprep_schemas::{EntityId, Value};
use memchr::memmem::Finder;

/// A filter such as `P31:Q5&~P570`: clauses joined by `&`, each of terms joined by `|`. A term is a
/// property (there is a statement with it) or a property and values (there is one with one of
/// these, `P31:Q5,Q6256`); `~` before it says that there is none. `|` binds tighter than `&`. As in
/// `wikibase-dump-filter`, statements of every rank count.
#[derive(Debug, Clone)]
pub struct ClaimFilter {
    clauses: Vec<Vec<Term>>,
}

#[derive(Debug, Clone)]
struct Term {
    property: EntityId,
    /// Any of these, as [`Value`] shows them; empty for any value.
    values: Vec<String>,
    negated: bool,
    /// What stands in every line with such a statement: the property, and one of the values.
    needle: Finder<'static>,
    value_needles: Vec<Finder<'static>>,
}

/// A filter that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?}: expected a property like P31, or one with values like P31:Q5,Q6256, after ~ for those without it; joined by & and |"
)]
pub struct ClaimSyntax(String);

impl FromStr for ClaimFilter {
    type Err = ClaimSyntax;

    fn from_str(text: &str) -> Result<Self, ClaimSyntax> {
        let clause = |clause: &str| clause.split('|').map(Term::parse).collect();
        let clauses = text.split('&').map(clause);
        Ok(Self {
            clauses: clauses.collect::<Result<_, _>>()?,
        })
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, ClaimSyntax> {
        let wrong = || ClaimSyntax(text.to_owned());
        let term = text.trim();
        let (negated, term) = term
            .strip_prefix('~')
            .map_or((false, term), |term| (true, term));
        let (property, values) = term
            .split_once(':')
            .map_or((term, None), |(p, v)| (p, Some(v)));
        let property: EntityId = property.trim().parse().map_err(|_| wrong())?;
        if property.as_property().is_none() {
            return Err(wrong());
        }
        let values: Vec<String> = values
            .map(|values| values.split(',').map(|v| v.trim().to_owned()).collect())
            .unwrap_or_default();
        if values.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Self {
            property,
            negated,
            needle: Finder::new(&format!("\"{property}\"")).into_owned(),
            value_needles: value_needles(&values),
            values,
        })
    }

    fn holds<'a>(&self, mut values: impl Iterator<Item = (EntityId, &'a Value)>) -> bool {
        let found = values.any(|(property, value)| {
            property == self.property
                && (self.values.is_empty() || self.values.contains(&value.to_string()))
        });
        found != self.negated
    }

    fn may_hold(&self, line: &[u8]) -> bool {
        let has = |needle: &Finder<'_>| needle.find(line).is_some();
        self.negated
            || has(&self.needle)
                && (self.value_needles.is_empty() || self.value_needles.iter().any(has))
    }
}

/// What a line must hold of these values; none if one of them may be written in several ways.
fn value_needles(values: &[String]) -> Vec<Finder<'static>> {
    let mut needles = Vec::new();
    for value in values {
        let Some(number) = value.parse().ok().and_then(EntityId::as_item) else {
            return Vec::new();
        };
        // Old dumps have the number alone.
        for text in [
            format!("\"{value}\""),
            format!("\"numeric-id\":{number}"),
            format!("\"numeric-id\": {number}"),
        ] {
            needles.push(Finder::new(&text).into_owned());
        }
    }
    needles
}

impl ClaimFilter {
    /// Whether an entity with these statements is kept.
    pub fn keeps<'a>(
        &self,
        values: &(impl Iterator<Item = (EntityId, &'a Value)> + Clone),
    ) -> bool {
        let clause = |clause: &Vec<Term>| clause.iter().any(|term| term.holds(values.clone()));
        self.clauses.iter().all(clause)
    }

    /// Whether the entity in this line may be kept: false only if it is not, without a look at its
    /// structure.
    pub fn may_keep(&self, line: &[u8]) -> bool {
        let clause = |clause: &Vec<Term>| clause.iter().any(|term| term.may_hold(line));
        self.clauses.iter().all(clause)
    }

    /// Whether it asks for statements with this property.
    pub fn asks_for(&self, property: EntityId) -> bool {
        self.clauses
            .iter()
            .flatten()
            .any(|term| term.property == property)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    fn keeps(filter: &str, statements: &[(u64, u64)]) -> bool {
        let values: Vec<_> = statements
            .iter()
            .map(|&(p, q)| (EntityId::property(p), Value::Entity(EntityId::item(q))))
            .collect();
        let filter: ClaimFilter = filter.parse().unwrap();
        let mut line = String::from("{\"claims\":{");
        for (p, q) in &values {
            let _ = write!(line, "\"{p}\":[{{\"id\":\"{q}\"}}],");
        }
        let kept = filter.keeps(&values.iter().map(|(p, v)| (*p, v)));
        assert!(filter.may_keep(line.as_bytes()) || !kept);
        kept
    }

    #[test]
    fn terms_and_clauses() {
        let dead = [(31, 5), (570, 1)];
        let alive = [(31, 5)];
        assert!(keeps("P31:Q5", &dead));
        assert!(keeps("P31", &dead));
        assert!(!keeps("P18", &dead));
        assert!(!keeps("P31:Q5&~P570", &dead));
        assert!(keeps("P31:Q5&~P570", &alive));
        assert!(!keeps("~P31:Q5", &alive));
        assert!(keeps("~P31:Q6", &alive));
        assert!(keeps("P31:Q6,Q5", &alive));
        // `|` binds tighter.
        assert!(keeps("P31:Q5&P570|P571", &dead));
        assert!(!keeps("P31:Q5&P18|P571", &dead));
        assert!(keeps(" P31:Q6 | P31:Q5 ", &alive));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for filter in ["", "P31&", "Q5", "P31:", "P31:Q5,", "p31", "~"] {
            assert!(filter.parse::<ClaimFilter>().is_err(), "{filter:?}");
        }
        let error = "P31:Q5&x".parse::<ClaimFilter>().unwrap_err().to_string();
        assert!(
            error.starts_with("\"x\": expected a property like P31"),
            "{error}"
        );
    }

    #[test]
    fn lines_of_old_dumps_are_not_passed_over() {
        let filter: ClaimFilter = "P31:Q5".parse().unwrap();
        assert!(filter.may_keep(br#"{"P31":[{"numeric-id":5}]}"#));
        assert!(!filter.may_keep(br#"{"P31":[{"id":"Q6"}]}"#));
        assert!(!filter.may_keep(br#"{"P32":[{"id":"Q5"}]}"#));
    }
}
