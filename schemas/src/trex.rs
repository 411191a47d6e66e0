//! T-REx's JSON document as plain data, borrowed from the bytes it was parsed from.
//!
//! Follows the files of the T-REx release (Elsahar et al., 2018). Offsets are kept as they stand;
//! whether they are code points or UTF-16 units is for the aligner to find out.

use std::borrow::Cow;

use serde::Deserialize;

/// One document: a Wikipedia abstract with the facts found in it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Document<'a> {
    /// Entity URI of the page.
    #[serde(borrow)]
    pub docid: Cow<'a, str>,
    /// Title of the page.
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    /// The text.
    #[serde(borrow)]
    pub text: Cow<'a, str>,
    /// `[start, end)` of each sentence in code points; empty in files that do not give them.
    #[serde(default)]
    pub sentences_boundaries: Vec<Boundaries>,
    /// `[start, end)` of each word in code points; empty in files that do not give them.
    #[serde(default)]
    pub words_boundaries: Vec<Boundaries>,
    /// The facts.
    #[serde(borrow)]
    pub triples: Vec<Triple<'a>>,
}

/// `[start, end)`. Signed, so that an impossible offset loses its triple and not the document.
pub type Boundaries = (i64, i64);

/// One aligned fact.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Triple<'a> {
    /// The subject.
    #[serde(borrow)]
    pub subject: Mention<'a>,
    /// The property; it has a mention only where an aligner looked for its label.
    #[serde(borrow)]
    pub predicate: Mention<'a>,
    /// The object, an entity or a literal (`VALUE^^TYPE`).
    #[serde(borrow)]
    pub object: Mention<'a>,
    /// Index of the sentence, as the aligner gave it.
    #[serde(default)]
    pub sentence_id: Option<i64>,
    /// The aligner.
    #[serde(borrow, default)]
    pub annotator: Option<Text<'a>>,
}

/// An entity or a property and where the text mentions it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Mention<'a> {
    /// Place in the text.
    #[serde(default)]
    pub boundaries: Option<Boundaries>,
    /// What the text says there.
    #[serde(borrow, default)]
    pub surfaceform: Option<Text<'a>>,
    /// Wikidata URI, bare id or literal.
    #[serde(borrow)]
    pub uri: Cow<'a, str>,
}

/// A string that may be null. Serde borrows a `Cow` only where it stands alone: as
/// `Option<Cow<str>>` each would be copied, which costs a sixth of the whole parse.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// The entities of a document: all that its linkers found, whether a fact has them or not.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Linked<'a> {
    /// In the order of the file.
    #[serde(borrow, default)]
    pub entities: Vec<LinkedEntity<'a>>,
}

/// An entity, and which linker found it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct LinkedEntity<'a> {
    /// Place in the text.
    #[serde(default)]
    pub boundaries: Option<Boundaries>,
    /// What the text says there.
    #[serde(borrow, default)]
    pub surfaceform: Option<Text<'a>>,
    /// Wikidata URI, bare id or literal.
    #[serde(borrow)]
    pub uri: Cow<'a, str>,
    /// The linker.
    #[serde(borrow, default)]
    pub annotator: Option<Text<'a>>,
}
