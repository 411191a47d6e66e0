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
    let name = without_compression(name);
    if name.ends_with(".obo") {
        Format::Obo
    } else if name.ends_with(".RRF") {
        Format::Umls
    } else if name.ends_with("2id.txt") {
        Format::Openke
    } else {
        Format::Triples
    }
}

/// The input of this name, compressed or not.
pub(crate) fn named<'a>(inputs: &'a [Input], name: &str) -> Option<&'a Input> {
    let mut inputs = inputs.iter();
    inputs.find(|input| without_compression(&input.name) == name)
}
