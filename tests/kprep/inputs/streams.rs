//! The standard input, which can be read only once.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use kprep_schemas::Dataset;
use tempfile::TempDir;

use crate::folder::files;

/// The files of the datasets in a folder, but for what tells how the command was typed, and what
/// their manifests say of the inputs.
fn rows(out: &Path, datasets: &[&str]) -> Vec<impl PartialEq + use<>> {
    let read = |name: &&str| {
        let dir = out.join(name);
        let mut found = files(&dir);
        for name in ["README.md", "SHA256SUMS", "manifest.json"] {
            assert!(found.remove(Path::new(name)).is_some());
        }
        (found, Dataset::open(&dir).unwrap().manifest.inputs)
    };
    datasets.iter().map(read).collect()
}

#[test]
fn it_is_read_like_a_file() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/sample");
    let cases = [
        (
            "trex --min-pairs 2",
            sample.join("trex/re-nlg_1000-1607.json.gz"),
            &[""][..],
        ),
        (
            "wikipedia",
            sample.join("dumps/wikipedia.xml.bz2"),
            &["pages", "redirects"],
        ),
    ];
    for (command, sample, datasets) in cases {
        let dir = TempDir::new().unwrap();
        let file = dir.path().join("stdin");
        let bytes = fs::read(sample).unwrap();
        fs::write(&file, &bytes).unwrap();
        let build = |input: &str, out: &str| {
            let out = dir.path().join(out).join("set");
            fs::create_dir_all(out.parent().unwrap()).unwrap();
            let mut kprep = Command::cargo_bin("kprep").unwrap();
            let args = command.split(' ').chain([input, "--quiet", "--out"]);
            let kprep = kprep.args(args).arg(&out);
            let kprep = kprep.write_stdin(bytes.as_slice()).assert();
            kprep.success();
            rows(&out, datasets)
        };
        let from_file = build(file.to_str().unwrap(), "file");
        assert!(from_file == build("-", "pipe"), "{command}");
    }
}
