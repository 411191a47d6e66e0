//! The arguments of `kprep align`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::ValueEnum;
use kprep_align::distant::{PageOptions, TypeFilter};

use crate::console::tell;
use crate::flags::RunFlags;

/// Align pages of Wikipedia with facts of Wikidata, as T-REx does.
///
/// Example: kprep align --wikipedia data/wikipedia --wikidata data/wikidata --out data/aligned
///
/// Finds the entities in each page (links; names of the page's item and of linked ones; dates;
/// quantities) and the facts between those in the same sentence, by three aligners:
/// `NoSubject-Triple-aligner` takes the page's item as the subject of every sentence,
/// `Simple-Aligner` any two entities, `SPOAligner` two entities and a name of the property. `kprep
/// trex DIR` reads the result.
///
/// A link means the item that its title has, also where the title redirects; if it has none, the
/// item of the title that it redirects to, and so on.
///
/// Facts are put into compact tables once, 10 bytes a fact, beside the folder of --wikidata. Truthy
/// N-Triples do not say whether a date is a day or a year, nor in which unit a quantity is: facts
/// about dates come from the JSON dump alone.
///
/// Memory: about 1 GiB while the tables are made; then, for what the pages are about and link to,
/// titles at 28 bytes and items with their names at about 150 bytes each, 16 bytes a redirect, and
/// 4 bytes for every 128 facts. The tables stay on disk.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What `kprep wikipedia` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) wikipedia: PathBuf,

    /// What `kprep wikidata` wrote
    #[arg(long, value_name = "DIR", help_heading = "Input")]
    pub(crate) wikidata: PathBuf,

    /// Where the result goes
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/aligned",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Parquet, help_heading = "Output")]
    pub(crate) format: Format,

    /// Where the tables of facts are, or will be [default: the folder of --wikidata
    /// with `-facts` after its name]
    #[arg(long, value_name = "DIR", help_heading = "Advanced")]
    pub(crate) facts: Option<PathBuf>,

    /// Take he, she, it or they at the start of a sentence as the page's item: the one of them that
    /// starts most sentences of the page
    #[arg(long, help_heading = "Rows")]
    pub(crate) coreference: bool,

    /// Only pages about items that are instances of one of these, e.g. --type Q5,Q515
    #[arg(
        long = "type",
        value_name = "Q-ID",
        value_delimiter = ',',
        help_heading = "Rows"
    )]
    pub(crate) types: Vec<String>,

    /// No pages about instances of these [default: as in crocodile, disambiguation pages, lists,
    /// events of a year, given and family names]
    #[arg(long, value_name = "Q-ID", value_delimiter = ',', default_values_t = EXCLUDED.map(String::from), hide_default_value = true, help_heading = "Rows")]
    pub(crate) exclude_type: Vec<String>,

    /// Leave out pages with fewer entities in their text
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Rows")]
    pub(crate) min_entities: usize,

    /// Leave out pages with more entities in their text; the default, crocodile's, suits abstracts
    #[arg(long, value_name = "N", default_value_t = 100, help_heading = "Rows")]
    pub(crate) max_entities: usize,

    /// Read only the first N pages
    #[arg(long, value_name = "N", help_heading = "Advanced")]
    pub(crate) limit: Option<usize>,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}

/// The types that crocodile leaves out: disambiguation page, list, events in a year, male and
/// female given name, family name.
const EXCLUDED: [&str; 6] = [
    "Q4167410",
    "Q13406463",
    "Q18340514",
    "Q12308941",
    "Q11879590",
    "Q101352",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A dataset with the provenance of every mention and triple
    Parquet,
    /// T-REx's own JSON: re-nlg_0-10000.json, re-nlg_10000-20000.json, …
    Trex,
}

/// Where the tables of facts are by default: beside the datasets and not among them, where `kprep
/// wikidata --overwrite` would not know what it is to replace.
pub(crate) fn facts_beside(wikidata: &Path) -> PathBuf {
    // Components have no slash at the end.
    let mut path = wikidata.components().as_path().as_os_str().to_owned();
    path.push("-facts");
    PathBuf::from(path)
}

impl Args {
    pub(crate) fn check(&self) -> Result<()> {
        for (flag, ids) in [
            ("--type", &self.types),
            ("--exclude-type", &self.exclude_type),
        ] {
            for id in ids {
                let item = id.parse().ok().and_then(kprep_schemas::EntityId::as_item);
                ensure!(item.is_some(), "{flag} {id}: expected items like Q5");
            }
        }
        ensure!(
            self.min_entities <= self.max_entities,
            "--min-entities {} is more than --max-entities {}",
            self.min_entities,
            self.max_entities
        );
        Ok(())
    }

    pub(crate) fn types(&self) -> TypeFilter {
        TypeFilter {
            wanted: self.types.iter().cloned().collect(),
            excluded: self.exclude_type.iter().cloned().collect(),
        }
    }

    pub(crate) fn options(&self) -> PageOptions {
        PageOptions {
            min_entities: self.min_entities,
            max_entities: self.max_entities,
            coreference: self.coreference,
        }
    }

    pub(crate) fn facts_dir(&self) -> PathBuf {
        let beside = || facts_beside(&self.wikidata);
        self.facts.clone().unwrap_or_else(beside)
    }

    /// Tells something, unless `--quiet`.
    pub(crate) fn tell(&self, message: &str) {
        if !self.run.quiet {
            tell(&message);
        }
    }
}
