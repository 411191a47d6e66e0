//! Which format the inputs have, by their names.

use anyhow::{Result, bail};
use kprep_ingest::{Input, without_compression};

use super::args::Format;

/// The format of all inputs.
pub(crate) fn format(inputs: &[Input], asked: Option<Format>) -> Result<Format> {
    if let Some(format) = asked {
        return Ok(format);
    }
    let mut formats = inputs.iter().map(|input| (input, by_name(&input.name)));
    let Some((first, format)) = formats.next() else {
        bail!("no input");
    };
    if let Some((other, another)) = formats.find(|(_, other)| *other != format) {
        bail!(
            "{} seems to be {}, {} {}: build a graph of each, or name the format with --format",
            first.name,
            format.name(),
            other.name,
            another.name()
        );
    }
    Ok(format)
}

fn by_name(name: &str) -> Format {
    let name = without_compression(name).to_lowercase();
    match name.rsplit_once('.') {
        Some((_, "obo")) => Format::Obo,
        Some((_, "rrf")) => Format::Umls,
        Some((stem, "txt")) if stem.ends_with("2id") => Format::Openke,
        _ => Format::Triples,
    }
}

/// The input of this name, compressed or not.
pub(crate) fn named<'a>(inputs: &'a [Input], name: &str) -> Option<&'a Input> {
    let mut inputs = inputs.iter();
    inputs.find(|input| without_compression(&input.name) == name)
}
