//! What a file of WN-LMF holds: a lexicon, its entries and its synsets.

use kprep_schemas::{Position, Words};

/// A part of a WN-LMF file that is read whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LmfItem {
    /// The start of a lexicon.
    Lexicon(LmfLexicon),
    /// A word with its senses.
    Entry(LmfEntry),
    /// A synset.
    Synset(LmfSynset),
}

/// What a lexicon says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LmfLexicon {
    /// What the ids of its parts begin with.
    pub id: String,
    /// Its name.
    pub label: String,
    /// BCP-47 tag of its language.
    pub language: String,
    /// Its version.
    pub version: String,
    /// Its licence, mostly an address.
    pub license: String,
}

/// A word with its senses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LmfEntry {
    /// Its id.
    pub id: String,
    /// The word.
    pub lemma: String,
    /// Its part of speech.
    pub pos: String,
    /// Other forms of it.
    pub forms: Words,
    /// Its senses, in the file's order.
    pub senses: Vec<LmfSense>,
}

/// A sense of a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LmfSense {
    /// Its id.
    pub id: String,
    /// The id of its synset.
    pub synset: String,
    /// Which sense of its word it is (`n`, from version 1.1).
    pub number: Option<u32>,
    /// `dc:identifier`: the sense key, in lexicons made from WNDB.
    pub identifier: Option<String>,
    /// The sum of its counts.
    pub count: u32,
    /// Its examples.
    pub examples: Words,
    /// Its relations.
    pub relations: Vec<LmfRelation>,
}

/// A synset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LmfSynset {
    /// Its id.
    pub id: String,
    /// Its part of speech.
    pub pos: String,
    /// Its lexicographer file: `lexfile`, or `dc:subject` before version 1.1.
    pub lexfile: Option<String>,
    /// Ids of its senses, or of their words, in order (from version 1.1).
    pub members: Words,
    /// Its definitions.
    pub definitions: Words,
    /// Its examples.
    pub examples: Words,
    /// Its relations.
    pub relations: Vec<LmfRelation>,
}

/// A relation of a synset or a sense.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LmfRelation {
    /// Its type; of the type `other` what `dc:type` says.
    pub relation: String,
    /// The id of what it leads to.
    pub target: String,
    /// Where it is in the file.
    pub at: Position,
}
