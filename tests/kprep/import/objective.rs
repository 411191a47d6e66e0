//! What an adapter learns from rows is kept by `--objective`.

use std::fs;

use kprep_schemas::{Dataset, Split};

use super::{content, import, quiet, run, sample, stderr, text};

#[test]
fn json_lines_give_a_dataset_with_the_objective_that_is_named() {
    let (dir, wordnet) = sample("wordnet", "wordnet", &[]);
    let first = dir.path().join("synonyms");
    let tables = ["--wordnet", text(&wordnet), "--out", text(&first)];
    quiet(&[&["knowledge", "synonyms"], &tables[..]].concat());
    let mut files = Vec::new();
    for split in Split::ALL {
        let file = dir.path().join(format!("{}.jsonl", split.name()));
        let args = ["--format", "jsonl", "--split", split.name(), "--out"];
        let output = run(&[&["export", text(&first)], &args[..], &[text(&file)]].concat());
        let told = stderr(&output);
        assert!(
            told.ends_with(
                "the objective is libert, which the rows do not tell: `kprep import --objective libert` \
                 keeps it\n"
            ),
            "{told}"
        );
        files.push(format!("--{}-file", split.name()));
        files.push(text(&file).to_owned());
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let again = dir.path().join("again");
    import(&files, "jsonl", &again, &["--objective", "libert"]);
    assert_eq!(content(&again), content(&first));
    let objective = |dir| Dataset::open(dir).unwrap().manifest.objective;
    assert_eq!(objective(&again), objective(&first));
    assert_eq!(objective(&again).as_deref(), Some("libert"));

    // Without it, that is said.
    let plain = dir.path().join("plain");
    let args = ["--format", "jsonl", "--out", text(&plain)];
    let told = stderr(&run(&[&["import"], &files[..], &args].concat()));
    assert!(
        told.contains(
            "note: the rows do not tell their objective: with --objective libert or bert-mk "
        ),
        "{told}"
    );
    assert_eq!(objective(&plain), None);
}

#[test]
fn an_objective_of_other_rows_is_refused() {
    let (dir, deps) = sample("deps", "deps/parses.conllu", &["--max-examples", "3"]);
    let (file, out) = (dir.path().join("rows.jsonl"), dir.path().join("out"));
    fs::write(&file, quiet(&["export", text(&deps), "--format", "jsonl"])).unwrap();
    let import = |format: &str| {
        let args = ["--format", format, "--objective", "ernie", "--out"];
        stderr(&run(
            &[&["import", text(&file)], &args[..], &[text(&out)]].concat()
        ))
    };
    assert_eq!(
        import("jsonl"),
        "kprep: --objective ernie is for LinkExample, the rows are DependencyExample\n"
    );
    assert_eq!(
        import("find-head"),
        "kprep: --objective is for jsonl: find-head has none\n"
    );
    assert!(!out.exists());
}
