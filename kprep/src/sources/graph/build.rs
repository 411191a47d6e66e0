//! A graph to datasets.

use anyhow::{Result, bail, ensure};
use kprep_align::facts::split_of_source;
use kprep_ingest::Input;
use kprep_schemas::{Concept, Fact, GroupBy, Manifest, Parts, Provenance, Split};

use super::args::{Args, Format};
use super::card::{self, Origin};
use super::reading::Reading;
use super::{obo, openke, triples, umls};
use crate::build::inputs;

/// Reads all inputs.
pub(crate) fn read(
    reading: &mut Reading,
    found: &[Input],
    format: Format,
    args: &Args,
) -> Result<()> {
    match format {
        Format::Triples => triples::read(reading, found),
        Format::Openke => openke::read(reading, found),
        Format::Umls => umls::read(reading, found, args),
        Format::Obo => obo::read(reading, found),
        Format::Wikidata => bail!("expected --wikidata"),
    }?;
    let funnel = reading.facts_funnel();
    ensure!(
        reading.graph.concept_count() > 0,
        "no concept of the inputs is left:\n{funnel}{}",
        inputs::looks(found, &super::WANTED)
    );
    Ok(())
}

/// Writes both tables and puts them in their place.
pub(crate) fn write(
    mut reading: Reading,
    parts: Parts,
    args: &Args,
    of: &Origin,
    command_line: &[String],
) -> Result<(Vec<Manifest>, crate::build::errors::Errors)> {
    let provenance = |split_by, funnel| Provenance {
        objective: None,
        command: "graph",
        arguments: args.describe(of.format),
        seed: 0, // nothing is drawn
        split_by,
        inputs: of.inputs.clone(),
        funnel,
    };
    let of_concepts = provenance(GroupBy::Document, reading.concepts_funnel());
    let of_facts = provenance(args.group_by(), reading.facts_funnel());
    let relations = reading.graph.relation_count();
    reading.graph.count();
    let mut concepts = parts.table::<Concept>("concepts")?;
    for row in reading.graph.take_concepts() {
        concepts.push(row)?;
    }
    let mut facts = reading.facts;
    for row in reading.graph.facts() {
        facts.push_to(split(args, &row), row)?;
    }
    let manifests = vec![
        concepts.finish(of_concepts, &card::concepts(of, command_line))?,
        facts.finish(of_facts, &card::facts(args, of, relations, command_line))?,
    ];
    parts.publish(&manifests)?;
    Ok((manifests, reading.errors))
}

/// The split of a fact: `train` unless its source is to tell it.
fn split(args: &Args, fact: &Fact) -> Split {
    let told = args.split_by.and_then(|_| split_of_source(&fact.source));
    told.unwrap_or(Split::Train)
}

/// The table whose rejects are those of all files.
pub(crate) fn facts_table(parts: &Parts) -> Result<kprep_schemas::Table<Fact>> {
    Ok(parts.table("facts")?)
}
