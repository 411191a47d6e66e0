//! Lines of three names to a graph: the names are the ids of the concepts.

use anyhow::Result;
use kprep_ingest::Input;
use kprep_ingest::graph::triples;

use super::reading::{Of, Reading, readable};

pub(crate) fn read(reading: &mut Reading, inputs: &[Input]) -> Result<()> {
    for input in inputs {
        reading.each(
            input,
            Of::Fact,
            |content| Box::new(triples(content)),
            |reading, at, triple| {
                for name in [&triple.head, &triple.tail] {
                    let concept = reading.graph.concept(name);
                    if concept.label.is_empty() {
                        concept.label = readable(name);
                    }
                }
                let fact = [&*triple.head, &*triple.relation, &*triple.tail];
                reading.fact(at, fact, at.file)
            },
        )?;
    }
    Ok(())
}
