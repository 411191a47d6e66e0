//! What a wordnet becomes: the rows of both tables, and what the source says of itself.

use kprep_schemas::{Fact, Funnel, Synset};

/// The rows of a wordnet.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) about: About,
    pub(crate) synsets: Vec<Synset>,
    pub(crate) facts: Vec<Fact>,
    /// Words that differ from an earlier one of their synset in capitals alone: WordNet has one sense for
    /// both.
    pub(crate) capitals: u64,
    /// Irregular forms of words that the wordnet does not have.
    pub(crate) foreign_forms: u64,
    /// Tag counts of senses that the wordnet does not have.
    pub(crate) foreign_counts: u64,
    /// Synsets whose lexicographer file is none of WordNet's.
    pub(crate) unknown_lexfiles: u64,
    /// What people should know.
    pub(crate) notes: Vec<String>,
}

/// What a wordnet says of itself.
#[derive(Debug, Default)]
pub(crate) struct About {
    /// Name and version: the `source` of its facts.
    pub(crate) name: String,
    /// BCP-47 tag of its language.
    pub(crate) language: String,
    /// Its licence: the notice of WNDB's files, the address in WN-LMF.
    pub(crate) notice: Vec<String>,
}

impl Tables {
    pub(crate) fn synsets_funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("synsets", self.synsets.len() as u64);
        funnel.stage("kept", []);
        funnel.within([
            ("words that differ in capitals alone", self.capitals),
            ("irregular forms of other words", self.foreign_forms),
            ("tag counts of other senses", self.foreign_counts),
            ("names of other lexicographer files", self.unknown_lexfiles),
        ]);
        funnel
    }

    pub(crate) fn facts_funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("relations", self.facts.len() as u64);
        funnel.stage("kept", []);
        funnel
    }
}
