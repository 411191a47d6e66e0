//! Parameters of a template, by number and by name.

use std::ops::Range;

/// The parameters of a template as places in the wikitext.
pub(super) struct Parameters<'a> {
    source: &'a str,
    /// In their order; those without a name are called by their number.
    list: Vec<(String, Range<usize>)>,
}

/// A part of what is shown of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words of this program.
    Words(&'static str),
    /// What stands there in the wikitext.
    Source(Range<usize>),
}

impl<'a> Parameters<'a> {
    /// Of a template that ends before `end`, whose bars are known.
    pub(super) fn new(source: &'a str, bars: &[usize], end: usize) -> Self {
        let ends = bars.iter().skip(1).copied().chain([end]);
        let mut number = 0;
        let named = |(&bar, end): (&usize, usize)| {
            let text = &source[bar + 1..end];
            if let Some(name) = name(text) {
                let value = &text[name.len() + 1..];
                let start = end - value.trim_start().len();
                return (name.trim().to_owned(), start..start + value.trim().len());
            }
            number += 1;
            (number.to_string(), bar + 1..end)
        };
        let list = bars.iter().zip(ends).map(named).collect();
        Self { source, list }
    }

    /// The parameter of this name, if it is not blank. As in MediaWiki the last one counts.
    pub(super) fn get(&self, name: &str) -> Option<Range<usize>> {
        let mut last = self.list.iter().rev();
        let (_, place) = last.find(|(known, _)| known == name)?;
        (!self.text(place).is_empty()).then(|| place.clone())
    }

    /// The first of these that is there.
    pub(super) fn first_of(&self, names: &[&str]) -> Option<Range<usize>> {
        names.iter().find_map(|name| self.get(name))
    }

    /// Parameters 1, 2, 3, … up to one that is missing.
    pub(super) fn numbered(&self) -> Vec<Range<usize>> {
        let numbers = (1..=self.list.len()).map_while(|number| self.get(&number.to_string()));
        numbers.collect()
    }

    /// What stands at a place, without blanks around it.
    pub(super) fn text(&self, place: &Range<usize>) -> &'a str {
        self.source[place.clone()].trim()
    }

    /// The place of that.
    pub(super) fn trimmed(&self, place: &Range<usize>) -> Range<usize> {
        let start = place.end - self.source[place.clone()].trim_start().len();
        start..start + self.text(place).len()
    }
}

/// The name of a parameter: what stands before its first `=`. Markup is no name, but the start of a
/// text with a tag or link in it.
fn name(parameter: &str) -> Option<&str> {
    let (name, _) = parameter.split_once('=')?;
    let is_markup = |char: char| matches!(char, '[' | ']' | '{' | '}' | '<' | '>');
    (!name.contains(is_markup)).then_some(name)
}
