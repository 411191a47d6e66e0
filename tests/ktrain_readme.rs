//! Every `ktrain` command of the README but the first, which the demo runs, as it stands there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ktrain::files::weights;
use tempfile::tempdir;

use crate::ktrain_benchmarks::{self, choice};
use crate::ktrain_data::{
    EASY_RELATIONS, backbone, copy_backbone, easy_heads, easy_relation, easy_relations, write,
};
use crate::{ktrain, ktrain_probe, succeed};

/// What stands in `sh` blocks and begins with `ktrain `; a line that ends with `\` goes on in the next.
fn commands() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let lines = blocks.map(|block| block.replace("\\\n", " "));
    let lines = lines.collect::<String>();
    let commands = lines
        .lines()
        .filter_map(|line| line.strip_prefix("ktrain "));
    commands.map(str::to_owned).collect()
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

/// What the README takes for granted: datasets, two adapters, a model for choices, and texts.
fn prepare(dir: &Path, backbone: &Path) {
    easy_relations(&dir.join("data/trex-rc"));
    easy_heads(&dir.join("data/deps"));
    let step = ["--shards", "data", "--max-steps", "1", "--backbone"];
    succeed(ktrain(dir).args(step).arg(backbone));
    let tiny = crate::ktrain_data::backbone;
    let rows = |range: std::ops::Range<usize>| range.map(easy_relation).collect();
    let few = [rows(0..40), rows(40..50), rows(50..60)];
    write(&dir.join("data/semeval"), &EASY_RELATIONS, few);
    fs::write(
        dir.join("sentences.txt"),
        "the <e1>river</e1> in <e2>france</e2>\n",
    )
    .unwrap();

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
    succeed(ktrain_benchmarks::finetune(dir, &args).env("KTRAIN_BACKBONE", backbone));
    let question =
        r#"{"context": "the river is in france", "question": "is it", "answers": ["a", "b"]}"#;
    fs::write(dir.join("questions.jsonl"), question).unwrap();

    ktrain_probe::facts(dir);
    fs::rename(dir.join("facts"), dir.join("data/lama")).unwrap();
    fs::rename(dir.join("words.txt"), dir.join("common_vocab_cased.txt")).unwrap();

    fs::create_dir(dir.join("roberta-large")).unwrap();
    for entry in fs::read_dir(tiny("roberta-tiny")).unwrap() {
        let file = entry.unwrap();
        fs::copy(
            file.path(),
            dir.join("roberta-large").join(file.file_name()),
        )
        .unwrap();
    }
    fs::create_dir(dir.join("fac-adapter")).unwrap();
    let released = tiny("released/pytorch_model.bin");
    fs::copy(released, dir.join("fac-adapter/pytorch_model.bin")).unwrap();
    let labels = "trex_relations = ['P178', 'P17', 'P569', 'P27', 'P36']\n";
    fs::write(dir.join("utils_glue.py"), labels).unwrap();
    for file in ["answer_key2.txt", "proposed_answer2.txt"] {
        fs::write(dir.join(file), "8001\tCause-Effect(e1,e2)\n").unwrap();
    }
}

/// Settings of the tiny stand-in for a released adapter, which its shapes do not say.
const TINY: [&str; 4] = [
    "--set",
    "adapter_attention_heads=2",
    "--set",
    "max_length=13",
];

#[test]
fn the_ktrain_commands_of_the_readme_work() {
    let dir = tempdir().unwrap();
    let backbone = longer(dir.path());
    prepare(dir.path(), &backbone);
    let commands = commands();
    assert!(commands.len() > 4, "{commands:?}");
    assert_eq!(commands[0], "--shards data/");
    for args in &commands[1..] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command
            .current_dir(dir.path())
            .args(args.split_whitespace());
        if args.starts_with("import-adapter") {
            command.args(TINY);
        }
        succeed(command.env("KTRAIN_BACKBONE", &backbone));
    }
    for made in [
        "features.safetensors",
        "runs/semeval/rows.svg",
        "runs/probe/probe.md",
    ] {
        assert!(dir.path().join(made).is_file(), "{made}");
    }
}
