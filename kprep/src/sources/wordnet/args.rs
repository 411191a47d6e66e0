//! The arguments of `kprep wordnet`.

use std::path::PathBuf;

use crate::flags::RunFlags;

/// Build tables of synsets and of the relations between them from a wordnet.
///
/// Example: kprep wordnet dict --out data/wordnet
///
/// Reads a folder in WordNet's own format (WNDB: data.noun, data.verb, data.adj and data.adv of WordNet
/// 3.0 or 3.1, as Princeton, Debian and npm have it), or a file in WN-LMF, the XML of the Open English
/// WordNet and of wordnets in other languages (1.0 to 1.4), compressed or not. The folder at --out
/// holds two datasets: `synsets` (words, sense keys, definition, examples) and `facts` (a relation a
/// row, by WN-LMF's names; between words their sense keys are head and tail).
///
/// The order of senses and their tag counts are those of index.sense. Without it the order is that of
/// index.noun and its like, and counts are those of cntlist.rev or cntlist, else 0. Irregular forms
/// come from noun.exc and its like where they are there.
///
/// A malformed line, a wrong offset, a file that is cut off, and files of different versions end the
/// command without a dataset: the message says the file, the line and what was expected there.
///
/// Memory: the whole wordnet, some 210 MB for WordNet 3.1.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The folder with data.noun (or with `dict` in it), or the WN-LMF file
    #[arg(value_name = "DIR|FILE", help_heading = "Input")]
    pub(crate) wordnet: PathBuf,

    /// Where the datasets go
    #[arg(
        long,
        short,
        value_name = "DIR",
        default_value = "data/wordnet",
        help_heading = "Output"
    )]
    pub(crate) out: PathBuf,

    #[command(flatten)]
    pub(crate) run: RunFlags,
}
