//! `kprep` as its users run it: a file for what is tested.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // a test may panic, and says what it skips

mod align;
mod card;
mod deps;
mod export;
#[path = "../shared/folder.rs"]
mod folder;
#[path = "../shared/glossary.rs"]
mod glossary;
mod graph;
mod import;
mod inputs;
mod knowledge;
#[path = "../shared/needs.rs"]
mod needs;
#[allow(unreachable_pub)] // a library that the fuzz targets use, too
#[path = "../../fuzz/src/prep/mod.rs"]
mod prep;
#[path = "../shared/races.rs"]
mod races;
mod readers;
mod readme;
mod reliability;
mod rows;
#[path = "../shared/scenario.rs"]
mod scenario;
mod several;
#[path = "../shared/shim.rs"]
mod shim;
#[path = "../shared/shown_commands.rs"]
mod shown_commands;
mod stats;
#[allow(unreachable_pub)]
#[path = "../../fuzz/src/target.rs"]
mod target;
mod task;
mod trex;
mod util;
mod verdict;
mod wiki_facts;
mod wikidata;
mod wikipedia;
mod wordnet;
mod words;
