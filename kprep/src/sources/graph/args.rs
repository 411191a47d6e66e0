//! The arguments of `kprep graph`.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use kprep_schemas::GroupBy;
use serde_json::{Map, Value, json};

use crate::flags::{ErrorFlags, RunFlags};

/// Build tables of concepts and of the facts between them from a knowledge graph.
///
/// Example: kprep graph umls/train.txt umls/valid.txt umls/test.txt --out data/graph
///
/// Reads facts as lines of three names with tabs between them, `OpenKE`'s files (entity2id.txt,
/// relation2id.txt, train2id.txt), a release of UMLS (MRCONSO.RRF and MRREL.RRF; MRSTY.RRF for semantic
/// types and MRDOC.RRF for inverse relations), and ontologies in OBO, from files and folders, compressed or
/// not. The folder at --out holds two datasets: `concepts` (names, kinds, description, how many facts they
/// are in) and `facts` (a fact a row; of triples and `OpenKE`, `source` is the name of the file, by which
/// --split-by source and `kprep knowledge facts --split-by source` split). A fact that is stated twice is
/// there once, as the first file states it.
///
/// Of UMLS: names that are not suppressed, of one language; relations with a name (RELA) that are not
/// suppressed. A row of MRREL says that CUI2 is RELA of CUI1: CUI2 is the head. Of a relation and its
/// inverse one is taken, by MRDOC.RRF; without it the rows that their source states the other way round are
/// left out.
///
/// Of Wikidata, with --wikidata: what `kprep wikidata` wrote. Its items are concepts, with label, aliases,
/// description and the ids of their classes. Facts are the statements whose value is an item, too, of
/// which both items are there, but for deprecated ones; the relation is the label of the property (else its
/// English label if it is a common one, else its id). What is lost of them is counted and not listed.
///
/// Memory: the names of the graph, and some 70 bytes a fact.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, or folders (all *.tsv, *.txt, *.obo and *.RRF in them)
    #[arg(
        value_name = "FILE",
        required_unless_present = "wikidata",
        help_heading = "Input"
    )]
    pub(crate) inputs: Vec<PathBuf>,

    /// What `kprep wikidata` wrote, instead of files
    #[arg(long, value_name = "DIR", conflicts_with_all = ["inputs", "format", "split_by", "sab", "semantic_type"], help_heading = "Input")]
    pub(crate) wikidata: Option<PathBuf>,

    /// Where the datasets go
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/graph",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Format of the inputs [default: by their names]
    #[arg(long, value_enum, help_heading = "Input")]
    pub(crate) format: Option<Format>,

    /// Only facts of these relations; of Wikidata by label or id
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        help_heading = "Rows"
    )]
    pub(crate) relation: Vec<String>,

    /// Facts have the split that the name of their file tells (train.txt, valid2id.txt, dev.tsv, test.txt),
    /// in which `ktrain embed` learns and tests them; a file of another name is lost. Of triples and `OpenKE`.
    /// A fact and its inverse may be in different splits (a leak) [default: all facts in one split]
    #[arg(long, value_enum, value_name = "WAY", help_heading = "Splits")]
    pub(crate) split_by: Option<SplitBy>,

    /// Of UMLS, names in this language, by its code there
    #[arg(long, value_name = "LAT", default_value = "ENG", help_heading = "UMLS")]
    pub(crate) language: String,

    /// Of UMLS, names and facts of these sources alone, e.g. MSH,GO
    #[arg(long, value_name = "SAB", value_delimiter = ',', help_heading = "UMLS")]
    pub(crate) sab: Vec<String>,

    /// Of UMLS, concepts of these semantic types alone, by their names, e.g. 'Disease or Syndrome'; can be
    /// repeated
    #[arg(long, value_name = "NAME", help_heading = "UMLS")]
    pub(crate) semantic_type: Vec<String>,

    #[command(flatten)]
    pub(crate) errors: ErrorFlags,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SplitBy {
    /// The split of the source's own file
    Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Head, relation and tail, with tabs between them
    Triples,
    /// entity2id.txt, relation2id.txt, train2id.txt and its like
    Openke,
    /// MRCONSO.RRF, MRREL.RRF, MRSTY.RRF, MRDOC.RRF
    Umls,
    /// An ontology in OBO 1.2 or 1.4
    Obo,
    /// Tables of `kprep wikidata`, which --wikidata names
    #[value(skip)]
    Wikidata,
}

impl Format {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Triples => "triples",
            Self::Openke => "openke",
            Self::Umls => "umls",
            Self::Obo => "obo",
            Self::Wikidata => "wikidata",
        }
    }
}

impl Args {
    /// Refuses what a format cannot give.
    pub(crate) fn check(&self, format: Format) -> Result<()> {
        let has_splits = matches!(format, Format::Triples | Format::Openke);
        ensure!(
            has_splits || self.split_by.is_none(),
            "--split-by source is for triples and openke: files of {} are no splits",
            format.name()
        );
        Ok(())
    }

    /// What no split divides.
    pub(crate) fn group_by(&self) -> GroupBy {
        match self.split_by {
            Some(SplitBy::Source) => GroupBy::Row,
            None => GroupBy::Document,
        }
    }

    /// The arguments that shape the datasets.
    pub(crate) fn describe(&self, format: Format) -> Map<String, Value> {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        let arguments = json!({
            "format": format.name(),
            "relation": sorted(&self.relation),
            "language": self.language,
            "sab": sorted(&self.sab),
            "semantic-type": sorted(&self.semantic_type),
            "split-by": self.split_by.map(|SplitBy::Source| "source"),
            "max-errors": self.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
