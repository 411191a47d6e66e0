//! What `kprep deps` does with inputs that are broken, and with outputs it cannot write.

use super::*;

#[test]
fn bad_inputs_are_named() {
    let dir = TempDir::new().unwrap();
    let write = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let unknown = |name: &str, found: &str| {
        let expected = "expected CoNLL, CoreNLP's output or typed dependencies";
        let error = format!("{name}: {expected}, found {found}");
        let advice = "repair or leave out this file, or take what can be read of it with";
        format!("skipped: {error}\nkprep: {error}\n{advice} --max-errors 1\n")
    };
    let empty = write("empty.conllu", b"");
    assert_eq!(message(&empty, &[]), unknown("empty.conllu", "no words"));
    let text = write("text.conllu", b"Not a parse.\n");
    let found = "a line that starts with \"Not a parse.\"";
    assert_eq!(message(&text, &[]), unknown("text.conllu", found));
    let json = write("doc.conllu", b"[{\"sentences\": []}]");
    let found = "a JSON array, not CoreNLP's objects";
    assert_eq!(message(&json, &[]), unknown("doc.conllu", found));

    let missing = message(&dir.path().join("missing.conllu"), &[]);
    let expected = "kprep: INPUT: No such file or directory (os error 2)";
    assert!(missing.starts_with(expected), "{missing}");
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let expected = "kprep: INPUT: no input in this folder, expected files named *.conllu, *.conllx, *.conll, *.xml, *.json, *.jsonl, *.out, *.stp\n";
    assert_eq!(message(&folder, &[]), expected);

    let headless = write(
        "headless.conll",
        b"1\tA\ta\tDT\tO\t_\t_\n\n1\tB\tb\tNN\tO\t_\t_\n",
    );
    assert_eq!(
        message(&headless, &[]),
        "kprep: no sentence of the inputs is left:\n  \
         sentences read                        2\n  \
         well-formed                           2\n    \
         - no word has a head                2\n  \
         parsed                                0\n  \
         one tree                              0\n\n"
    );
}

#[test]
fn a_file_that_breaks_off_ends_the_run_unless_it_may() {
    let dir = TempDir::new().unwrap();
    let whole = zstd::encode_all(large_file().as_bytes(), 1).unwrap();
    let input = dir.path().join("cut.conllu.zst");
    fs::write(&input, &whole[..whole.len() - 100]).unwrap();
    let error = message(&input, &["--quiet"]);
    let (start, end) = (
        "kprep: cut.conllu.zst: reading failed after line ",
        "--max-errors 1\n",
    );
    assert!(error.starts_with(start) && error.ends_with(end), "{error}");
    let rows = rows(&input, &["--max-errors", "1"]);
    assert!((1000..11_000).contains(&rows.len()), "{}", rows.len());
}

#[test]
fn an_output_that_exists_or_cannot_be_made_is_left_alone() {
    let dir = TempDir::new().unwrap();
    let input = Path::new(DATA).join("sentence.conll");
    let out = dir.path().join("set");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "years of work").unwrap();
    deps(&input, &out, &[]).code(1);
    let refused = deps(&input, &out, &["--overwrite"]).code(1);
    let stderr = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(stderr.contains("not a dataset of kprep"), "{stderr}");
    assert_eq!(fs::read(out.join("thesis.tex")).unwrap(), b"years of work");
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = deps(&input, &file.join("set"), &[]).code(1);
    let stderr = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(stderr.contains("Not a directory"), "{stderr}");
}
