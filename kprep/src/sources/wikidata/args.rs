//! The arguments of `kprep wikidata`.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::ValueEnum;
use kprep_ingest::wikidata::{ClaimFilter, Ranks, Selection};
use kprep_schemas::EntityId;
use serde_json::{Map, Value, json};

use crate::flags::TablesFlags;

/// Build tables of items, properties and statements from a dump of Wikidata.
///
/// Example: kprep wikidata latest-all.json.bz2 --out data/wikidata
///
/// Reads the JSON dump (one entity a line) or truthy N-Triples, compressed or not; the format is
/// detected from the content. The folder at --out holds three datasets: `entities` (the items:
/// label, description, aliases, classes, title on a site), `triples` (the statements with typed
/// values and qualifiers) and `properties`. Lexemes are left out, references not read. Lines that
/// are malformed are skipped and counted.
///
/// Objects that were merged into another item since (redirects) keep the id that the statement has:
/// they are counted, and so are objects that no line of the dump defines. Wikidata's own JSON dumps
/// have no redirects: there merged objects count as undefined.
///
/// Truthy N-Triples have the best-ranked statements alone, without qualifiers, units and bounds,
/// and do not say how exact a time is: its precision is -1 then.
///
/// --resume continues a run that was cut off from its last finished part (8 GiB of JSON text), once
/// it has decompressed the input before it.
///
/// A line of more than 64 MB is lost as malformed. Memory: some 20 MB a thread for blocks of lines
/// under way, a row group (32,768 rows) a table, and 8 KB for every 65,536 item numbers of which
/// there is one (18 MB for all of Wikidata).
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The dump, or - for the standard input
    #[arg(value_name = "DUMP", help_heading = "Input")]
    pub(crate) dump: PathBuf,

    /// Where the datasets go
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/wikidata",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Which statements to keep
    #[arg(long, value_enum, default_value_t = Rank::Best, help_heading = "Rows")]
    pub(crate) rank: Rank,

    /// Languages of labels, descriptions and aliases: the label is in the first one that has one
    #[arg(
        long,
        value_name = "LANG",
        value_delimiter = ',',
        default_value = "en,en-gb,mul",
        help_heading = "Rows"
    )]
    pub(crate) lang: Vec<String>,

    /// Keep only entities with such statements: P31:Q5 (humans), P31:Q5,Q95074 (or fictional ones),
    /// P18 (with a picture), ~P570 (without a date of death); joined by & and |, | binding tighter.
    /// Statements of every rank count. Every property keeps its row in `properties`
    #[arg(long, value_name = "FILTER", help_heading = "Rows")]
    pub(crate) claim: Option<String>,

    /// Keep only statements with these properties, e.g. --property P31,P279
    #[arg(
        long,
        value_name = "P-ID",
        value_delimiter = ',',
        help_heading = "Rows"
    )]
    pub(crate) property: Vec<EntityId>,

    /// Site whose titles the items get
    #[arg(
        long,
        value_name = "SITE",
        default_value = "enwiki",
        help_heading = "Rows"
    )]
    pub(crate) site: String,

    /// Read only the first N entities
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Advanced")]
    pub(crate) limit: Option<u64>,

    #[command(flatten)]
    pub(crate) tables: TablesFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rank {
    /// The preferred ones of a property, else the normal ones: what Wikidata calls truthy
    #[value(alias = "truthy")]
    Best,
    /// All, deprecated ones too
    All,
}

impl Args {
    pub(crate) fn selection(&self) -> Result<Selection> {
        for property in &self.property {
            if property.as_property().is_none() {
                bail!("--property {property}: expected properties like P31");
            }
        }
        let claim = self.claim.as_deref().map(str::parse::<ClaimFilter>);
        Ok(Selection {
            ranks: match self.rank {
                Rank::Best => Ranks::Best,
                Rank::All => Ranks::All,
            },
            langs: self.lang.clone(),
            site: self.site.clone(),
            properties: (!self.property.is_empty())
                .then(|| self.property.iter().copied().collect()),
            claim: claim.transpose()?,
        })
    }

    /// The arguments that shape the datasets.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let mut properties: Vec<_> = self.property.iter().map(ToString::to_string).collect();
        properties.sort();
        properties.dedup();
        let arguments = json!({
            "rank": format!("{:?}", self.rank).to_lowercase(),
            "lang": self.lang,
            "claim": self.claim,
            "property": properties,
            "site": self.site,
            "limit": self.limit,
            "max-errors": self.tables.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
