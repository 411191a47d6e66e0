//! The arguments of `kprep wikipedia`.

use std::path::PathBuf;

use kprep_ingest::Sections;
use serde_json::{Map, Value, json};

use crate::flags::TablesFlags;

/// Build pages of plain text with sentences, words and links from a dump of Wikipedia.
///
/// Example: kprep wikipedia enwiki-pages-articles.xml.bz2 --out data/wikipedia
///
/// Reads MediaWiki's pages-articles.xml, multistream or not, and DBpedia's abstracts (a line each:
/// a URI and a text with a tab or a comma between them, or a triple of the releases' .ttl),
/// compressed or not; the format is detected from the content. Templates, tables, references, files
/// and headings are left out of the text; a link's mention is the title that it names. Redirects
/// are a table of their own, which `kprep align` follows: a redirect that has an item of its own
/// means that item.
///
/// Where a language has variants (`-{zh-hans:…;zh-hant:…}-`), the same one is taken everywhere.
/// Words are runs of letters and digits, and of vowel marks in languages of South Asia; of Chinese,
/// Japanese, Thai, Lao, Khmer and Burmese, which have no blanks between words, they are found by
/// dictionaries.
///
/// A page of more than 16 MB is lost under "too large", and so is a line of abstracts.
///
/// Memory: about 10 MB a thread, about 70 bytes a redirect, 18 bytes a page, and a row group
/// (32,768 pages) as packed pages.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Files, folders (all *.xml, *.tsv, *.csv, *.ttl and *.nt in them), zip archives, or - for the
    /// standard input
    #[arg(value_name = "DUMP", required = true, help_heading = "Input")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Where the dataset goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/wikipedia",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// Only the text before the first heading, as T-REx has it
    #[arg(long, help_heading = "Rows")]
    pub(crate) abstracts: bool,

    /// Leave out the sections with this heading, and what is below them; instead of the usual ones
    /// [default: References, External links, See also, … of English Wikipedia]
    #[arg(long, value_name = "HEADING", help_heading = "Rows")]
    pub(crate) drop_section: Vec<String>,

    /// Numbers of the namespaces to keep; 0 has the articles
    #[arg(
        long,
        value_name = "N",
        value_delimiter = ',',
        default_value = "0",
        allow_negative_numbers = true,
        help_heading = "Rows"
    )]
    pub(crate) namespace: Vec<i32>,

    /// Read only the first N pages, redirects included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Advanced")]
    pub(crate) limit: Option<u64>,

    #[command(flatten)]
    pub(crate) tables: TablesFlags,
}

/// Sections of English Wikipedia that hold no prose.
const NO_PROSE: [&str; 16] = [
    "References",
    "External links",
    "See also",
    "Further reading",
    "Notes",
    "Bibliography",
    "Sources",
    "Footnotes",
    "Citations",
    "Notes and references",
    "References and notes",
    "Works cited",
    "Explanatory notes",
    "Gallery",
    "Notes and citations",
    "Sources and further reading",
];

impl Args {
    pub(crate) fn sections(&self) -> Sections {
        Sections {
            only_first: self.abstracts,
            without: self.left_out(),
        }
    }

    pub(crate) fn left_out(&self) -> Vec<String> {
        if self.drop_section.is_empty() {
            NO_PROSE.map(str::to_owned).into()
        } else {
            self.drop_section.clone()
        }
    }

    /// The arguments that shape the dataset.
    pub(crate) fn describe(&self) -> Map<String, Value> {
        let arguments = json!({
            "abstracts": self.abstracts,
            "drop-section": self.left_out(),
            "namespace": self.namespace,
            "limit": self.limit,
            "max-errors": self.tables.errors.max_errors,
        });
        arguments.as_object().cloned().unwrap_or_default()
    }
}
