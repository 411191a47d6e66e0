//! A release of UMLS to a graph.

use anyhow::{Context, Result};
use kprep_ingest::Input;
use kprep_ingest::graph::{Atom, ConceptRelation, mrconso, mrdoc_inverses, mrrel, mrsty};
use rustc_hash::FxHashMap;

use super::args::Args;
use super::files::named;
use super::reading::{At, Of, Reading};

/// The files that are read, in this order.
pub(crate) const FILES: [&str; 4] = ["MRCONSO.RRF", "MRSTY.RRF", "MRDOC.RRF", "MRREL.RRF"];

/// The inverse of each relation.
type Inverses = FxHashMap<String, String>;

pub(crate) fn read(reading: &mut Reading, inputs: &[Input], args: &Args) -> Result<()> {
    let find = |name: &str| {
        let input = named(inputs, name);
        input.with_context(|| format!("expected {name} among the inputs, found none"))
    };
    let [names, types, doc, relations] = FILES;
    let (names, relations) = (find(names)?, find(relations)?);
    read_names(reading, names, args)?;
    match find(types) {
        Ok(types) => read_types(reading, types, args)?,
        Err(missing) if !args.semantic_type.is_empty() => return Err(missing),
        Err(_) => reading.errors.note("no MRSTY.RRF: concepts have no types"),
    }
    let mut inverses = Inverses::default();
    match find(doc) {
        Ok(doc) => inverses = read_inverses(reading, doc)?,
        Err(_) => reading.errors.note(
            "no MRDOC.RRF: of a fact and its inverse both are there, unless their source says which one it states",
        ),
    }
    reading.each(
        relations,
        Of::Fact,
        |content| Box::new(mrrel(content)),
        |reading, at, row| add_fact(reading, at, &row, &inverses, args),
    )
}

fn is_asked(asked: &[String], name: &str) -> bool {
    asked.is_empty() || asked.iter().any(|known| known == name)
}

fn read_names(reading: &mut Reading, input: &Input, args: &Args) -> Result<()> {
    // Rows of a concept are together: its preferred name may be behind others.
    let mut preferred = String::new();
    reading.each(
        input,
        Of::Name,
        |content| Box::new(mrconso(content)),
        |reading, at, atom: Atom| {
            let reason = if atom.language != args.language {
                "a name in another language"
            } else if atom.is_suppressed {
                "a suppressed name"
            } else if !is_asked(&args.sab, &atom.source) {
                "a name of another source"
            } else {
                add_name(reading, &atom, &mut preferred);
                return Ok(());
            };
            reading.lose(at, Of::Name, reason, atom.concept)
        },
    )
}

fn add_name(reading: &mut Reading, atom: &Atom, preferred: &mut String) {
    let concept = reading.graph.concept(&atom.concept);
    let name = atom.name.as_str();
    if concept.label.is_empty() {
        name.clone_into(&mut concept.label);
    } else if atom.is_preferred && *preferred != atom.concept {
        let others = concept.names.iter().filter(|other| *other != name);
        let before = [concept.label.as_str()]
            .into_iter()
            .filter(|other| *other != name);
        concept.names = before.chain(others).collect();
        name.clone_into(&mut concept.label);
    } else if concept.label != name && !concept.names.iter().any(|other| other == name) {
        concept.names.push(name);
    }
    if atom.is_preferred {
        preferred.clone_from(&atom.concept);
    }
}

fn read_types(reading: &mut Reading, input: &Input, args: &Args) -> Result<()> {
    reading.each(
        input,
        Of::Name,
        |content| Box::new(mrsty(content)),
        |reading, _, (concept, kind)| {
            if reading.graph.has_concept(&concept) {
                let concept = reading.graph.concept(&concept);
                if !concept.types.iter().any(|known| known == kind) {
                    concept.types.push(&kind);
                }
            }
            Ok(())
        },
    )?;
    if !args.semantic_type.is_empty() {
        let lost = reading.graph.retain_concepts(|concept| {
            let mut types = concept.types.iter();
            types.any(|kind| args.semantic_type.iter().any(|asked| asked == kind))
        });
        let at = At {
            file: &input.name,
            position: kprep_schemas::Position::default(),
        };
        for id in lost {
            reading.lose(at, Of::Concept, "of another semantic type", id)?;
        }
    }
    Ok(())
}

fn read_inverses(reading: &mut Reading, input: &Input) -> Result<Inverses> {
    let mut inverses = Inverses::default();
    reading.each(
        input,
        Of::Name,
        |content| Box::new(mrdoc_inverses(content)),
        |_, _, (relation, inverse)| {
            inverses.insert(relation, inverse);
            Ok(())
        },
    )?;
    Ok(inverses)
}

fn add_fact(
    reading: &mut Reading,
    at: At<'_>,
    row: &ConceptRelation,
    inverses: &Inverses,
    args: &Args,
) -> Result<()> {
    let inverse = inverses.get(&row.relation);
    let stated = [&*row.head, &*row.relation, &*row.tail];
    let fact = match inverse {
        Some(inverse) => {
            let is_symmetric = *inverse == row.relation;
            let turned = !is_taken(&row.relation, inverse) || is_symmetric && row.head > row.tail;
            let from_behind = [&*row.tail, inverse, &*row.head];
            if turned { from_behind } else { stated }
        }
        None => stated,
    };
    let reason = if row.is_suppressed {
        "suppressed"
    } else if row.relation.is_empty() {
        "of a relation without a name"
    } else if row.head == row.tail {
        "of a concept to itself"
    } else if !is_asked(&args.sab, &row.source) {
        "of another source"
    } else if inverse.is_none() && row.is_turned {
        "the other direction of a fact"
    } else {
        return reading.fact_between_concepts(at, fact, &row.source, inverse.is_some());
    };
    reading.lose(at, Of::Fact, reason, fact.join(" "))
}

/// Whether of a relation and its inverse this one is taken: the one that is not called an inverse, the
/// shorter name, the first by the alphabet.
fn is_taken(relation: &str, inverse: &str) -> bool {
    fn rank(name: &str) -> (bool, usize, &str) {
        (name.starts_with("inverse_"), name.len(), name)
    }
    rank(relation) <= rank(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_two_inverse_relations_is_taken() {
        for (relation, inverse) in [
            ("isa", "inverse_isa"),
            ("has_part", "has_part_of_it"),
            ("may_treat", "may_be_treated_by"),
            ("sib_in", "sib_in"),
        ] {
            assert!(is_taken(relation, inverse));
            assert!(relation == inverse || !is_taken(inverse, relation));
        }
    }
}
