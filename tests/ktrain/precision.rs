//! Both precisions on every processor. `make test` runs these tests a second time as on a processor with
//! AVX2 alone (`ATEN_CPU_CAPABILITY`, `ONEDNN_MAX_CPU_ISA`), where libtorch has no packed bf16 weights.

use std::path::Path;
use std::process::Command;

use ktrain::files::weights;
use ktrain::libtorch::device::{self, Precision};
use serde_json::Value;
use tch::Device;
use tempfile::tempdir;

use crate::datasets::backbone;
use crate::{fail, ktrain, lines, shards, succeed};

/// A processor with AVX2 and no more, for libtorch and for oneDNN.
const AVX2: [(&str, &str); 2] = [
    ("ATEN_CPU_CAPABILITY", "avx2"),
    ("ONEDNN_MAX_CPU_ISA", "AVX2"),
];

fn losses(run: &Path) -> Vec<f64> {
    let logged = lines(&run.join("training/metrics.jsonl"));
    let losses = logged.iter().filter_map(|line| line["loss"].as_f64());
    losses.collect()
}

#[test]
fn training_in_bf16_follows_fp32_on_every_processor() {
    let dir = shards();
    let train = |out: &str, precision: &str, more: &[(&str, &str)]| {
        let mut command = ktrain(dir.path());
        command.args(["--only", "rc", "--max-steps", "12", "--set", "log_every=4"]);
        command.args(["--out", out, "--precision", precision]);
        succeed(command.envs(more.iter().copied()));
        losses(&dir.path().join(out).join("rc"))
    };
    let exact = train("fp32", "fp32", &[]);
    assert!(exact.len() >= 3);
    for (out, more) in [("bf16", &[][..]), ("avx2", &AVX2)] {
        let rounded = train(out, "bf16", more);
        assert_eq!(rounded.len(), exact.len());
        for (rounded, exact) in rounded.iter().zip(&exact) {
            assert!(
                (rounded - exact).abs() < 0.03 * exact,
                "{out}: {rounded} {exact}"
            );
            assert_ne!(rounded, exact); // it is bf16
        }
    }
}

#[test]
fn features_in_bf16_are_those_of_fp32_within_its_rounding() {
    let dir = tempdir().unwrap();
    let features = |precision: &str, more: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command
            .current_dir(dir.path())
            .arg("encode")
            .envs(more.iter().copied());
        command.env("KTRAIN_BACKBONE", backbone("bert-tiny"));
        command.arg("--input").arg(backbone("features.txt"));
        command.args([
            "--out",
            "f.safetensors",
            "--threads",
            "1",
            "--precision",
            precision,
        ]);
        succeed(&mut command);
        weights::read(&dir.path().join("f.safetensors")).unwrap().0
    };
    let exact = features("fp32", &[]);
    for more in [&[][..], &AVX2] {
        for (name, rounded) in features("bf16", more) {
            let off = (&rounded - &exact[&name]).norm() / exact[&name].norm();
            // Four layers, each of which rounds its states to eight bits several times.
            assert!(off.double_value(&[]) < 0.02, "{name}: {off}");
            assert_ne!(rounded, exact[&name]);
        }
    }
}

#[test]
fn auto_says_what_it_chose_and_why_and_info_says_what_the_device_can() {
    let info = |more: &[(&str, &str)]| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command
            .args(["info", "--device", "--json"])
            .envs(more.iter().copied());
        serde_json::from_slice(&succeed(&mut command).stdout).unwrap()
    };
    let here = info(&[]);
    assert_eq!(
        (&here["what"], &here["device"]),
        (&"device".into(), &"cpu".into())
    );
    let auto = Precision::Auto.in_words(Device::Cpu);
    assert_eq!(here["auto"], auto);
    assert_eq!(here["bf16_products"], device::bf16_products(Device::Cpu));
    assert!(here["processor_features"].is_array());

    let limited = info(&AVX2);
    let no = "fp32 (bf16 is no faster on this processor, which has no instructions for it)";
    assert_eq!(limited["auto"], no);
    let products = limited["bf16_products"].as_str().unwrap();
    assert!(products.starts_with("in fp32, then rounded"), "{products}");
    assert_ne!(limited["libtorch_kernels"], "AVX512");

    let dir = shards();
    let mut command = ktrain(dir.path());
    command.args(["--only", "rc", "--max-steps", "1", "--precision", "auto"]);
    let stderr = String::from_utf8(succeed(command.envs(AVX2)).stderr).unwrap();
    assert!(stderr.contains(no), "{stderr}");
}

/// Memory for a matrix of 16 GB, in an address space of 8 GB.
#[test]
fn what_libtorch_refuses_is_a_sentence_without_a_stack() {
    let dir = shards();
    let mut asked = ktrain(dir.path());
    asked.args(["--only", "rc", "--set", "adapter_hidden_size=65536"]);
    let mut command = Command::new("sh");
    command
        .current_dir(dir.path())
        .args(["-c", "ulimit -v 8000000; exec \"$0\" \"$@\""]);
    command.arg(asked.get_program()).args(asked.get_args());
    let message = fail(command.env_remove("RUST_BACKTRACE"));
    let last = message.lines().last().unwrap();
    assert!(last.starts_with("error: libtorch: "), "{message}");
    assert!(last.contains("memory"), "{message}");
    for stack in ["frame #", "Exception raised", "panicked", "RUST_BACKTRACE"] {
        assert!(!message.contains(stack), "{message}");
    }
}
