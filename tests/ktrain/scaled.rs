//! The preset `scaled`, the default: an adapter whose size follows the backbone.

use std::process::Command;

use crate::datasets::backbone;
use crate::util::{json, shards, succeed};

/// `ktrain train` for one step, with nothing said of the adapter.
fn train(args: &[&str]) -> (serde_json::Value, String, String) {
    let dir = shards();
    let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
    command.current_dir(dir.path()).args([
        "train",
        "--shards",
        "shards/rc",
        "--max-steps",
        "1",
        "--max-length",
        "40",
        "--batch-size",
        "8",
        "--threads",
        "1",
    ]);
    command.arg("--backbone").arg(backbone("bert-tiny"));
    let output = succeed(command.args(args));
    let run = dir.path().join("runs/rc");
    let config = json(&run.join("config.json"))["config"].clone();
    let card = std::fs::read_to_string(run.join("README.md")).unwrap();
    (config, card, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_adapter_follows_its_backbone_unless_its_size_is_named() {
    // bert-tiny is 32 wide with 4 heads and 4 layers.
    let (config, card, said) = train(&[]);
    let sizes = |config: &serde_json::Value| {
        ["hidden_size", "attention_heads", "ffn_size", "layers"]
            .map(|size| config[format!("adapter_{size}")].as_i64().unwrap())
    };
    assert_eq!(config["preset"], "scaled");
    assert_eq!(sizes(&config), [24, 3, 96, 3]);
    assert!(
        said.contains(
            "adapter  width 24, 3 attention heads, feed-forward 96, reads hidden states 1, 2, 4: scaled to the backbone \
             (--preset paper: width 768)\n"
        ),
        "{said}"
    );
    let settings = "| settings | preset scaled, ";
    assert!(card.contains(settings), "{card}");
    assert!(
        card.contains(
            "`adapter_hidden_size=24`, `adapter_attention_heads=3`, `adapter_ffn_size=96`"
        )
    );

    let (config, ..) = train(&["--set", "adapter_hidden_size=16"]);
    assert_eq!(sizes(&config), [16, 2, 64, 3]);
    let (config, _, said) = train(&["--preset", "paper", "--set", "adapter_ffn_size=8"]);
    assert_eq!(config["preset"], "paper");
    assert_eq!(sizes(&config), [768, 12, 8, 3]);
    assert!(!said.contains("scaled"), "{said}");
}
