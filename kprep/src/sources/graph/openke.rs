//! `OpenKE`'s files to a graph.

use anyhow::{Context, Result};
use kprep_ingest::Input;
use kprep_ingest::graph::{NamedId, openke_names, openke_triples};
use rustc_hash::FxHashMap;

use super::files::named;
use super::reading::{Of, Reading, readable};

const ENTITIES: &str = "entity2id.txt";
const RELATIONS: &str = "relation2id.txt";

/// Names by their numbers.
type Names = FxHashMap<u32, String>;

pub(crate) fn read(reading: &mut Reading, inputs: &[Input]) -> Result<()> {
    let [entities, relations] = [ENTITIES, RELATIONS].map(|name| {
        let input = named(inputs, name);
        input.with_context(|| format!("expected {name} among the inputs, found none"))
    });
    let entities = names(reading, entities?)?;
    let relations = names(reading, relations?)?;
    let mut numbers: Vec<_> = entities.iter().collect();
    numbers.sort_unstable();
    for (_, name) in numbers {
        reading.graph.concept(name).label = readable(name);
    }
    let is_names = |input: &&Input| {
        let mut names = [ENTITIES, RELATIONS].into_iter();
        !names.any(|name| named(std::slice::from_ref(*input), name).is_some())
    };
    for input in inputs.iter().filter(is_names) {
        reading.each(
            input,
            Of::Fact,
            |content| Box::new(openke_triples(content)),
            |reading, at, [head, relation, tail]| {
                let name = |names: &'_ Names, number| names.get(&number).cloned();
                let (h, r) = (name(&entities, head), name(&relations, relation));
                let (Some(h), Some(r), Some(t)) = (h, r, name(&entities, tail)) else {
                    let detail = format!("{head} {tail} {relation}");
                    return reading.lose(at, Of::Fact, "a number without a name", detail);
                };
                reading.fact(at, [&h, &r, &t], at.file)
            },
        )?;
    }
    Ok(())
}

fn names(reading: &mut Reading, input: &Input) -> Result<Names> {
    let mut names = Names::default();
    reading.each(
        input,
        Of::Name,
        |content| Box::new(openke_names(content)),
        |reading, at, (name, number): NamedId| {
            if let Some(other) = names.get(&number) {
                let detail = format!("{number}: {name}, and {other}");
                return reading.lose(at, Of::Name, "number of another name", detail);
            }
            names.insert(number, name);
            Ok(())
        },
    )?;
    Ok(names)
}
