//! The rows of a wordnet to datasets.

use anyhow::Result;
use kprep_schemas::{Job, Manifest, OutputDir, Parts, Provenance};

use super::card;
use super::tables::Tables;

/// Writes both tables and puts them in their place.
pub(crate) fn write(
    tables: Tables,
    out: OutputDir,
    provenance: &Provenance,
    command_line: &[String],
) -> Result<Vec<Manifest>> {
    // There are no parts to go on from: the whole is read in a second.
    let job = Job::new("wordnet", serde_json::Map::new(), Vec::new());
    let parts = Parts::create(out, job)?;
    let with = |funnel| Provenance {
        funnel,
        ..provenance.clone()
    };
    let (of_synsets, of_facts) = (with(tables.synsets_funnel()), with(tables.facts_funnel()));
    let cards = [
        card::synsets(&tables, command_line),
        card::facts(&tables, command_line),
    ];
    let mut synsets = parts.table("synsets")?;
    for row in tables.synsets {
        synsets.push(row)?;
    }
    let mut facts = parts.table("facts")?;
    for row in tables.facts {
        facts.push(row)?;
    }
    let manifests = vec![
        synsets.finish(of_synsets, &cards[0])?,
        facts.finish(of_facts, &cards[1])?,
    ];
    parts.publish(&manifests)?;
    Ok(manifests)
}
