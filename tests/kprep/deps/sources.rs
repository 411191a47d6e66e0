//! Where `kprep deps` reads from: every real file, and the standard input.

use super::*;
use crate::needs::real;

/// Sentences that each real file has, trees among them, and sentences that `--allow-non-tree`
/// takes. The first two are also Python's counts where `expected.tsv` has the file.
const FILES: [(&str, u64, u64, u64); 27] = [
    ("conllu/en-example-misc-spaceafter.conllu", 1, 1, 1),
    ("conllu/en-example.conllu", 1, 1, 1),
    ("conllu/en_ewt-ud-dev.conllu", 2001, 2001, 2001),
    ("conllu/es-example.conllu", 2, 2, 2),
    ("conllu/u_v2/conllu-empty_nodes.conllu", 1, 0, 0),
    ("conllu/u_v2/conllu-linebreaks.conllu", 1, 0, 0),
    (
        "conllu/u_v2/conllu-morphological_annotation.conllu",
        1,
        0,
        0,
    ),
    ("conllu/u_v2/conllu-multiple_document_IDs.conllu", 3, 3, 3),
    ("conllu/u_v2/conllu-multiple_paragraphs.conllu", 3, 3, 3),
    (
        "conllu/u_v2/conllu-paragraph_and_document_boundaries.conllu",
        1,
        1,
        1,
    ),
    (
        "conllu/u_v2/conllu-sentence_bounaries_and_comments.conllu",
        2,
        2,
        2,
    ),
    ("conllu/u_v2/conllu-syntactic_annotation.conllu", 1, 1, 1),
    ("conllu/u_v2/conllu-untokenized_text.conllu", 1, 0, 0),
    ("conllu/u_v2/conllu-words_and_tokens.conllu", 1, 0, 0),
    ("conllx/2006/fi-orig.conll", 2, 2, 2),
    ("conllx/2006/fi-ref.conll", 2, 2, 2),
    ("conllx/2008/en-orig.conll", 2, 2, 2),
    ("conllx/2009/en-orig.conll", 2, 2, 2),
    ("conllx/CoNLL-08_trial.closed.sample.conll", 2, 2, 2),
    ("conllx/CoNLL-09_example.conll", 2, 1, 2),
    ("conllx/CoNLL-X_example.conll", 6, 5, 6),
    ("corenlp/collapsed-only.xml", 1, 0, 1),
    ("corenlp/corenlp-3.5.2.conll", 1, 1, 1),
    ("corenlp/corenlp-doc.xml", 2, 2, 2),
    ("corenlp/no-parser.conll", 4, 0, 0),
    // One sentence a line; one of the 434 lines is empty.
    ("corenlp/typed-deps-collapsed.txt.gz", 433, 0, 433),
    // What is no parse is refused.
    ("conllu/u_v2/README.txt", 0, 0, 0),
];

#[test]
fn every_real_file_is_read_or_refused() {
    let Some(folder) = real("deps") else {
        return;
    };
    for (name, read, trees, any) in FILES {
        for (flag, kept) in [(None, trees), (Some("--allow-non-tree"), any)] {
            let dir = TempDir::new().unwrap();
            let out = dir.path().join("set");
            let mut args = vec!["--quiet", "--keep-duplicates"];
            args.extend(flag);
            let input = folder.join(name);
            let assert = deps(&input, &out, &args);
            let output = assert.get_output();
            if kept == 0 {
                assert_eq!(output.status.code(), Some(1), "{name}");
                assert!(!out.exists());
                let stderr = String::from_utf8_lossy(&output.stderr);
                let words: Vec<&str> = stderr.split_whitespace().collect();
                let told = format!("sentences read {read}");
                let is_told = words.join(" ").contains(&told);
                assert!(read == 0 || is_told, "{name}: {stderr}");
            } else {
                assert_eq!(output.status.code(), Some(0), "{name}");
                let report = validate(&out).unwrap();
                assert_eq!(report.problems, Vec::<String>::new(), "{name}");
                let funnel = Dataset::open(&out).unwrap().manifest.funnel;
                assert_eq!((funnel.read, report.rows), (read, kept), "{name}");
            }
        }
    }
}

#[test]
fn rows_that_are_no_trees_are_valid_only_where_they_were_allowed() {
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("circle.conllu");
    let circle = "1\ta\t_\t_\t_\t_\t2\tx\t_\t_\n2\tb\t_\t_\t_\t_\t1\tx\t_\t_\n";
    fs::write(&input, circle).unwrap();
    let row = &rows(&input, &["--allow-non-tree"])[0];
    assert_eq!(row.head, [2, 1]);
    let out = dir.path().join("set");
    deps(&input, &out, &["--allow-non-tree", "--quiet"]).code(0);
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.contains("The heads need not form a tree"), "{card}");
    let mut manifest = Dataset::open(&out).unwrap().manifest;
    let allowed = manifest
        .arguments
        .insert("allow-non-tree".into(), false.into());
    assert_eq!(allowed, Some(true.into()));
    manifest.write(&out).unwrap();
    let problems = validate(&out).unwrap().problems;
    assert!(problems[0].contains("no word has head 0"), "{problems:?}");
}

#[test]
fn files_of_other_names_are_told() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::copy(
        Path::new(DATA).join("sentence.conll"),
        folder.join("a.CONLL"),
    )
    .unwrap();
    for name in ["README.txt", "b.dat", "c.dat", "d.dat"] {
        fs::write(folder.join(name), "").unwrap();
    }
    let mut archive = zip::ZipWriter::new(fs::File::create(folder.join("e.zip")).unwrap());
    for name in ["x.conll", "LICENSE"] {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive.write_all(b"1\tGo\tgo\tVB\tO\t0\troot\n").unwrap();
    }
    archive.finish().unwrap();
    let told = |input: &Path| {
        let assert = deps(input, &dir.path().join("set"), &["--overwrite"]).code(0);
        let stderr = String::from_utf8(assert.get_output().stderr.clone()).unwrap();
        let line = stderr.lines().next().unwrap_or_default();
        line.replace(&*folder.to_string_lossy(), "DIR")
    };
    assert_eq!(
        told(&folder),
        "passed over, for their names: 5 files (DIR/README.txt, DIR/b.dat, DIR/c.dat, …)"
    );
    assert_eq!(
        told(&folder.join("e.zip")),
        "passed over, for their names: 1 file (e.zip/LICENSE)"
    );
}

/// Pipes these bytes into `kprep deps -`.
fn piped(bytes: &[u8], out: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.args(["deps", "-", "--quiet", "--out"]).arg(out);
    command.args(args).write_stdin(bytes).assert()
}

#[test]
fn the_standard_input_is_read_like_a_file() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("stdin");
    let packed = zstd::encode_all(large_file().as_bytes(), 1).unwrap();
    fs::write(&file, &packed).unwrap();
    let [from_file, from_pipe] = ["file", "pipe"].map(|name| dir.path().join(name).join("set"));
    fs::create_dir(from_file.parent().unwrap()).unwrap();
    fs::create_dir(from_pipe.parent().unwrap()).unwrap();
    deps(&file, &from_file, &["--quiet"]).code(0);
    piped(&packed, &from_pipe, &[]).code(0);
    // The card and what lists its checksum tell what was typed, which is not the same.
    let rows = |dir: &Path| {
        let mut found = files(dir);
        for name in ["README.md", "SHA256SUMS", "manifest.json"] {
            assert!(found.remove(Path::new(name)).is_some());
        }
        (found, Dataset::open(dir).unwrap().manifest.inputs)
    };
    assert!(
        rows(&from_file) == rows(&from_pipe),
        "size and checksum, too"
    );

    let one = from_pipe.with_file_name("one");
    piped(&packed, &one, &["--limit", "5"]).code(0);
    let input = &Dataset::open(&one).unwrap().manifest.inputs[0];
    assert_eq!((input.name.as_str(), input.bytes), ("stdin", None));

    let archive = piped(b"PK\x03\x04", &one, &["--overwrite"]).code(1);
    let stderr = String::from_utf8_lossy(&archive.get_output().stderr).into_owned();
    assert!(
        stderr.contains("an archive cannot be read from a pipe"),
        "{stderr}"
    );
}
