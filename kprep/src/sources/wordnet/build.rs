//! The rows of a wordnet to datasets.

use anyhow::Result;
use kprep_schemas::{Card, Job, Manifest, OutputDir, Parts, Provenance, Record, Table};

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
    let (synsets, facts) = (parts.table("synsets")?, parts.table("facts")?);
    let (synsets, facts) = rayon::join(
        || fill(synsets, tables.synsets, of_synsets, &cards[0]),
        || fill(facts, tables.facts, of_facts, &cards[1]),
    );
    let manifests = vec![synsets?, facts?];
    parts.publish()?;
    Ok(manifests)
}

fn fill<R: Record>(
    mut table: Table<R>,
    rows: Vec<R>,
    provenance: Provenance,
    card: &Card,
) -> Result<Manifest> {
    for row in rows {
        table.push(row)?;
    }
    Ok(table.finish(provenance, card)?)
}
