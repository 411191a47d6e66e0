//! kprep's readers.

mod compressed;
mod datasets;
#[path = "../../../tests/shared/example_rows.rs"]
mod example_rows;
mod graphs;
mod knowledge;
mod pages;
mod parses;
mod relations;
mod samples;
mod tagged;
mod tasks;
mod wordnets;

use super::target::Target;

/// All of them.
pub fn targets() -> impl Iterator<Item = Target> {
    let (texts, sources) = (parses::TARGETS, knowledge::TARGETS);
    let all = texts.into_iter().chain(sources).chain(pages::TARGETS);
    let all = all.chain(wordnets::TARGETS).chain(tagged::TARGETS);
    let all = all.chain(graphs::TARGETS);
    let all = all.chain(compressed::TARGETS).chain(tasks::TARGETS);
    all.chain(relations::TARGETS).chain(datasets::TARGETS)
}
