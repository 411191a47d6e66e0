//! What became of the lines and statements of a dump.

use kprep_schemas::Funnel;
use serde::{Deserialize, Serialize};

use super::StatementCounts;

/// Lines and statements by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Lines with an entity.
    pub lines: u64,
    /// Lines that are not what they should be.
    pub malformed: u64,
    /// Lexemes and other kinds of entities.
    pub other_kind: u64,
    /// Ids that stand for another entity.
    pub redirects: u64,
    /// Entities that came before.
    pub repeated: u64,
    /// Items that the claim filter does not keep.
    pub not_kept: u64,
    /// Labels, descriptions, aliases and site links that cannot be read.
    #[serde(default)]
    pub odd_terms: u64,
    /// Rows of properties.
    pub properties: u64,
    /// Statements of the entities that are kept.
    pub statements: StatementCounts,
    /// Lines of N-Triples with a predicate that is not known.
    pub unknown: u64,
    /// Statements with an object that stands for another entity.
    pub redirected: u64,
    /// Statements with an object that no line of the dump defines.
    pub dangling: u64,
}

impl StatementCounts {
    /// Adds those of another entity.
    pub fn add(&mut self, other: Self) {
        self.read += other.read;
        self.other_property += other.other_property;
        self.deprecated += other.deprecated;
        self.not_best += other.not_best;
        self.unreadable += other.unreadable;
        self.unreadable_qualifiers += other.unreadable_qualifiers;
    }
}

impl Counts {
    /// Everything lost so far, for people who watch.
    pub fn lost(&self) -> u64 {
        self.malformed + self.repeated + self.statements.unreadable
    }

    /// From lines to items.
    pub fn items_funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("lines", self.lines);
        funnel.stage("well-formed", [("malformed line", self.malformed)]);
        let kinds = [
            ("lexeme or another kind", self.other_kind),
            ("redirect", self.redirects),
        ];
        funnel.stage("items and properties", kinds);
        funnel.stage("distinct", [("id came before", self.repeated)]);
        funnel.stage("items", [("property", self.properties)]);
        funnel.stage("kept", [("not what --claim asks for", self.not_kept)]);
        funnel.within([
            ("triples with an unknown predicate", self.unknown),
            (
                "labels, aliases and site links that cannot be read",
                self.odd_terms,
            ),
        ]);
        funnel
    }

    /// From properties to their rows.
    pub fn properties_funnel(&self) -> Funnel {
        let mut funnel = Funnel::new("properties", self.properties);
        funnel.stage("kept", []);
        funnel
    }

    /// From statements to triples.
    pub fn triples_funnel(&self) -> Funnel {
        let counts = &self.statements;
        let mut funnel = Funnel::new("statements", counts.read);
        let other = ("not of --property", counts.other_property);
        funnel.stage("with a chosen property", [other]);
        let ranks = [
            ("deprecated", counts.deprecated),
            ("others rank better", counts.not_best),
        ];
        funnel.stage("of the chosen rank", ranks);
        funnel.stage("readable", [("unreadable value", counts.unreadable)]);
        funnel.within([
            ("unreadable qualifiers", counts.unreadable_qualifiers),
            ("objects that are redirects", self.redirected),
            ("objects that no line defines", self.dangling),
        ]);
        funnel
    }
}
