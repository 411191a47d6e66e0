//! Ontologies in OBO to a graph.

use anyhow::Result;
use kprep_ingest::Input;
use kprep_ingest::graph::{OboItem, OboReader, OboTerm};

use super::reading::{At, Of, Reading};

pub(crate) fn read(reading: &mut Reading, inputs: &[Input]) -> Result<()> {
    for input in inputs {
        let mut source = input.name.clone();
        reading.each(
            input,
            Of::Concept,
            |content| Box::new(OboReader::new(content)),
            |reading, at, item| {
                match item {
                    OboItem::Header("ontology", name) => source = name,
                    OboItem::Term(term) => return add(reading, at, term, &source),
                    OboItem::Header(..) | OboItem::Other => {}
                }
                Ok(())
            },
        )?;
    }
    Ok(())
}

fn add(reading: &mut Reading, at: At<'_>, term: OboTerm, source: &str) -> Result<()> {
    if term.is_obsolete {
        return reading.lose(at, Of::Concept, "obsolete", term.id);
    }
    if reading.graph.has_concept(&term.id) {
        return reading.lose(at, Of::Concept, "id of an earlier concept", term.id);
    }
    for (relation, other) in &term.relations {
        reading.fact(at, [&term.id, relation, other], source)?;
    }
    let concept = reading.graph.concept(&term.id);
    let synonyms = term.synonyms.iter().filter(|name| !name.is_empty());
    concept.names = synonyms.collect();
    concept.label = term.name;
    concept.description = term.definition;
    if !term.namespace.is_empty() {
        concept.types = [term.namespace].iter().collect();
    }
    Ok(())
}
