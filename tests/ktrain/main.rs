//! `ktrain` from end to end, and its numbers against Python's.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // helpers of tests may panic as tests may, and say what they skip

mod accumulate;
mod backbones;
mod batches;
mod benchmarks;
mod cache;
mod damage;
mod datasets;
mod embed;
mod encode;
mod finetune;
#[path = "../shared/folder.rs"]
mod folder;
mod folders;
mod foreign_weights;
mod fusion;
#[allow(unreachable_pub, clippy::expect_used)] // a library that other targets use, too
#[path = "../../fuzz/src/train.rs"]
mod fuzz_targets;
#[path = "../shared/glossary.rs"]
mod glossary;
mod import_adapter;
mod info;
mod knowledge;
mod losses;
mod multitask;
#[path = "../shared/needs.rs"]
mod needs;
mod numbers;
mod order;
mod precision;
mod predict;
mod probe;
#[path = "../shared/races.rs"]
mod races;
mod readers;
mod readme;
mod released;
mod released_loop;
mod reliability;
mod report;
mod rows;
mod runs;
mod scaled;
#[path = "../shared/scenario.rs"]
mod scenario;
mod score;
mod scoring;
mod seeds;
#[path = "../shared/shim.rs"]
mod shim;
#[allow(dead_code)] // kprep's tests use all of it
#[path = "../shared/shown_commands.rs"]
mod shown_commands;
mod start;
mod stops;
#[allow(dead_code, unreachable_pub, clippy::expect_used)] // a library that other targets use, too
#[path = "../../fuzz/src/target.rs"]
mod target;
mod tiny_backbone;
mod tokens;
mod train;
mod util;
mod weight_files;
mod words;

use util::{
    assert_same, assert_same_but, cut_off, fail, json, ktrain, lines, misused, once, shards,
    succeed, table_on_stdout,
};
