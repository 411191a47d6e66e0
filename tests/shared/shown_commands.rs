//! The commands that README.md and the pages of `docs/` show: each line of their `sh` blocks.
//!
//! `readme.rs` runs those of `kprep`, `ktrain_readme.rs` those of `ktrain`, both in the order of
//! the pages. What neither can run is in [`NOT_RUN`] with its reason.

use std::fs;
use std::path::{Path, PathBuf};

/// A command that no test runs, and why.
pub(crate) const NOT_RUN: [(&str, &str); 20] = [
    ("make demo", "what people run first; needs minutes"),
    ("make test", "it runs this test"),
    ("make test-real", "it runs this test, too"),
    ("make bench", "takes hours, and measures"),
    ("make bench-prep", "part of make bench"),
    ("make bench-train", "part of make bench; downloads 5 GB"),
    ("make build", "an optimised build"),
    ("make backbone", "part of make demo"),
    ("make libtorch", "part of make test"),
    ("make build backbone", "an optimised build"),
    ("make test-kill", "takes hours"),
    ("make fuzz", "needs libFuzzer's toolchain"),
    (
        "export PATH=\"$PWD/target/release:$PATH\"",
        "a setting of the shell",
    ),
    (
        "pip install kprep",
        "tests/wheel.py installs the wheel that it is given",
    ),
    ("make wheel", "a release build; make test-wheel is its like"),
    (
        "python3 python/kprep/install.py libtorch ~/.cache/ktrain/libtorch-2.11.0-cuda --cuda",
        "downloads 2.5 GB",
    ),
    (
        "LIBTORCH=~/.cache/ktrain/libtorch-2.11.0-cuda/torch cargo build --release -p kprep -p ktrain",
        "needs the CUDA libraries",
    ),
    (
        "hf upload you/trex-rc runs/trex-rc . --exclude \"training/*\"",
        "needs an account; tests/python tests what it leaves out",
    ),
    (
        "hf upload you/trex-rc data/trex-rc . --repo-type dataset",
        "needs an account",
    ),
    (
        "hf upload you/wikidata-entities data/wikidata/entities . --repo-type dataset",
        "needs an account",
    ),
];

/// Commands of `ktrain` that no test runs, by how they begin, and why.
pub(crate) const KTRAIN_NOT_RUN: [(&str, &str); 2] = [
    (
        "ktrain setup",
        "a command of the wheel; tests/wheel.py runs it",
    ),
    ("ktrain train --shards data/ --device cuda ", "needs a GPU"),
];

/// README.md, then the pages in the order of `docs/SUMMARY.md`.
pub(crate) fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).unwrap();
    let chapters = summary
        .lines()
        .filter_map(|line| Some(line.split_once("](")?.1.split_once(')')?.0))
        .map(|page| root.join("docs").join(page));
    [root.join("README.md")]
        .into_iter()
        .chain(chapters)
        .collect()
}

/// Every command that is shown, once, without the comment behind it. A line that ends with `\` goes
/// on in the next.
pub(crate) fn shown_commands() -> Vec<String> {
    let mut commands = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap().replace("\\\n", " ");
            for line in block.lines() {
                let command = line.split(" #").next().unwrap().trim();
                if !command.is_empty() && !commands.iter().any(|known| known == command) {
                    commands.push(command.to_owned());
                }
            }
        }
    }
    commands
}
