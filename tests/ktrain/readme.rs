//! Every `ktrain` command that README.md and the pages of `docs/` show, but those that `shown_commands.rs` lists with a
//! reason. Trainings of adapters do one step of a narrow one, which `bench` measures, too; all else runs as it is shown.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ktrain::files::weights;
use tempfile::tempdir;

use crate::benchmarks::{self, choice};
use crate::datasets::{
    EASY_RELATIONS, backbone, copy_backbone, easy_heads, easy_relation, easy_relations, write,
};
use crate::shown_commands::{KTRAIN_NOT_RUN, shown_commands};
use crate::{knowledge, probe, succeed};

/// What a training of an adapter gets besides: the paper's epochs and widths take too long here.
const ONE_STEP: [&str; 3] = ["--max-steps", "1", "--overwrite"];
/// What the shapes of the small stand-in for a released adapter do not say.
const TINY: [&str; 4] = [
    "--set",
    "adapter_attention_heads=2",
    "--set",
    "max_length=13",
];
const NARROW: [&str; 4] = [
    "--set",
    "adapter_hidden_size=48",
    "--set",
    "adapter_ffn_size=96",
];

/// What is shown, without the `ktrain `.
fn commands() -> Vec<String> {
    shown_commands()
        .into_iter()
        .filter(|command| {
            let is_listed = |(beginning, _): &(&str, &str)| command.starts_with(beginning);
            !KTRAIN_NOT_RUN.iter().any(is_listed)
        })
        .filter_map(|command| command.strip_prefix("ktrain ").map(str::to_owned))
        .collect()
}

fn run(dir: &Path, backbone: &Path, args: &str, more: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command
        .current_dir(dir)
        .args(args.split_whitespace())
        .args(more);
    succeed(command.env("KTRAIN_BACKBONE", backbone));
}

/// `bert-tiny` with as many positions as the benchmarks' longest inputs need.
fn longer(dir: &Path) -> PathBuf {
    let longer = dir.join("backbone");
    copy_backbone(&longer, &["tokenizer.json"]);
    let config = fs::read_to_string(backbone("bert-tiny").join("config.json")).unwrap();
    let more = config.replace(
        "\"max_position_embeddings\": 80",
        "\"max_position_embeddings\": 240",
    );
    fs::write(longer.join("config.json"), more).unwrap();
    let path = backbone("bert-tiny").join("model.safetensors");
    let (mut named, _) = weights::read(&path).unwrap();
    for (name, tensor) in &mut named {
        if name.ends_with("position_embeddings.weight") {
            *tensor = tensor.repeat([3, 1]);
        }
    }
    weights::write(&longer.join("model.safetensors"), &named, &[]).unwrap();
    longer
}

/// What the pages take for granted of the benchmarks: datasets, a model for choices, texts and predictions.
fn prepare_benchmarks(dir: &Path, backbone: &Path) {
    let rows = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    let few = [rows(0..40), rows(40..50), rows(50..60)];
    write(&dir.join("data/semeval"), &EASY_RELATIONS, few);
    fs::create_dir(dir.join("data/sample")).unwrap();
    for (file, text) in [
        ("data/sample/sentences.txt", "the river is in france\n"),
        ("entities.txt", "the <e1>river</e1> in <e2>france</e2>\n"),
        ("answer_key2.txt", "1\tCause-Effect(e1,e2)\n2\tOther\n"),
        ("proposed_answer2.txt", "1\tCause-Effect(e2,e1)\n2\tOther\n"),
        (
            "questions.jsonl",
            r#"{"context": "the river is in france", "question": "is it", "answers": ["a", "b"]}"#,
        ),
    ] {
        fs::write(dir.join(file), text).unwrap();
    }

    let rows = |range: std::ops::Range<usize>| range.map(choice).collect();
    let choices = [rows(0..30), rows(30..35), rows(35..40)];
    write(&dir.join("data/cosmos"), &[], choices);
    let out = "runs/cosmos/backbone/seed-42";
    let args = [
        "cosmosqa",
        "--data",
        "data/cosmos",
        "--max-steps",
        "1",
        "--out",
        out,
    ];
    succeed(benchmarks::finetune(dir, &args).env("KTRAIN_BACKBONE", backbone));

    knowledge::graph(&dir.join("data/wordnet"));

    fs::create_dir(dir.join("roberta-large")).unwrap();
    for entry in fs::read_dir(crate::datasets::backbone("roberta-tiny")).unwrap() {
        let file = entry.unwrap();
        let copy = dir.join("roberta-large").join(file.file_name());
        fs::copy(file.path(), copy).unwrap();
    }
    fs::create_dir(dir.join("fac-adapter")).unwrap();
    let released = crate::datasets::backbone("released/pytorch_model.bin");
    fs::copy(released, dir.join("fac-adapter/pytorch_model.bin")).unwrap();
    let labels = "trex_relations = ['P178', 'P17', 'P569', 'P27', 'P36']\n";
    fs::write(dir.join("utils_glue.py"), labels).unwrap();

    probe::facts(dir);
    fs::rename(dir.join("facts"), dir.join("data/lama")).unwrap();
    fs::rename(dir.join("words.txt"), dir.join("common_vocab_cased.txt")).unwrap();
}

#[test]
fn the_ktrain_commands_of_readme_and_docs_work() {
    let dir = tempdir().unwrap();
    let backbone = longer(dir.path());
    easy_relations(&dir.path().join("data/trex-rc"));
    easy_heads(&dir.path().join("data/deps"));
    let (training, others): (Vec<_>, Vec<_>) = commands()
        .into_iter()
        .partition(|args| args.starts_with("train "));
    assert!(
        training.len() > 7 && others.len() > 9,
        "{training:?} {others:?}"
    );
    // Adapters first: `--shards data/` is for their two datasets, and not for those of the benchmarks.
    for args in &training {
        run(
            dir.path(),
            &backbone,
            args,
            &[&ONE_STEP[..], &NARROW].concat(),
        );
    }
    prepare_benchmarks(dir.path(), &backbone);
    for args in &others {
        let more: &[&str] = match args.split(' ').next() {
            Some("bench") => &NARROW,
            Some("import-adapter") => &TINY,
            _ => &[],
        };
        run(dir.path(), &backbone, args, more);
    }
    for made in [
        "runs/trex-rc/adapter.safetensors",
        "runs/deps/adapter.safetensors",
        "features.safetensors",
        "runs/semeval/rows.svg",
        "runs/probe/probe.md",
    ] {
        assert!(dir.path().join(made).is_file(), "{made}");
    }
}
