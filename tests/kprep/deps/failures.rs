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
        let advice = "repair or leave out this file; if a part of it is good, --max-errors";
        format!("kprep: {error}\n{advice} 1 takes that\n")
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
         one tree                              0\n"
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
        "--max-errors 1 takes that\n",
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
    assert!(
        stderr.contains("it has thesis.tex, which is no dataset of kprep"),
        "{stderr}"
    );
    assert_eq!(fs::read(out.join("thesis.tex")).unwrap(), b"years of work");
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = deps(&input, &file.join("set"), &[]).code(1);
    let stderr = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(stderr.contains("Not a directory"), "{stderr}");
}

/// The ids of the sentences that are kept with their heads, and the line of each that is malformed.
fn kept_and_malformed(text: &str) -> (Vec<String>, Vec<u64>) {
    let dir = TempDir::new().unwrap();
    let input = dir.path().join("in.conllu");
    fs::write(&input, text).unwrap();
    let out = dir.path().join("set");
    let all = ["--validation-percent", "0", "--test-percent", "0"];
    deps(&input, &out, &all).code(3);
    let tolerant = ["--max-errors", "9", "--overwrite"];
    deps(&input, &out, &[&all[..], &tolerant].concat()).code(0);
    let rows = Dataset::open(&out).unwrap();
    let rows = rows
        .rows::<DependencyExample>(Split::Train)
        .unwrap()
        .map(Result::unwrap);
    let kept = rows.map(|row| format!("{} {:?}", row.sent_id.unwrap(), row.head));
    let kept = kept.collect();
    let lines = rejects(&out);
    let lines = lines.lines().map(|line| {
        let reject: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(reject["reason"], "malformed sentence");
        reject["line"].as_u64().unwrap()
    });
    (kept, lines.collect())
}

#[test]
fn a_tab_within_a_word_costs_its_sentence() {
    let good = |id: &str| {
        format!(
            "# sent_id = {id}\n1\tBees\tbee\tNOUN\t_\t_\t2\tnsubj\t_\t_\n2\thum\thum\tVERB\t_\t_\t0\troot\t_\t_\n\n"
        )
    };
    let bad =
        |row: &str| format!("# sent_id = bad\n1\tSold\tsell\tVERB\t_\t_\t0\troot\t_\t_\n{row}\n\n");
    let text = [
        good("first"),
        bad("2\tbig\tapple\tbig apple\tNOUN\t_\t_\t1\tobj\t_\t_"),
        bad("2\tbig\tapple\tbig\tapple\tNOUN\t_\t_\t1\tobj\t_\t_"),
        bad("2\tapple\tapple\tNOUN\t_\t_\t1\tobj\t_\t_\tmore"),
        // Empty columns at the end of a row say nothing.
        good("empty")
            .replace("Bees", "Ants")
            .replace("_\n", "_\t\t\n"),
        good("last").replace("Bees", "Wasps"),
    ];
    let (kept, malformed) = kept_and_malformed(&text.concat());
    assert_eq!(kept, ["first [2, 0]", "empty [2, 0]", "last [2, 0]"]);
    assert_eq!(malformed, [7, 11, 15]);
}

#[test]
fn sentences_without_their_words_are_lost_and_no_duplicates() {
    let sentence = |words: [&str; 2]| {
        let [first, second] = words;
        format!("1\t{first}\t_\tX\t_\t_\t2\tdep\t_\t_\n2\t{second}\t_\tX\t_\t_\t0\troot\t_\t_\n\n")
    };
    let dir = TempDir::new().unwrap();
    let write = |name: &str, sentences: &[[&str; 2]]| {
        let path = dir.path().join(name);
        let text: String = sentences.iter().map(|&words| sentence(words)).collect();
        fs::write(&path, text).unwrap();
        path
    };
    // `_ .` may be two sentences, `a b` is one twice, and a line of underscores is a word.
    let some = [
        ["_", "_"],
        ["_", "_"],
        ["__", "___"],
        ["_", "."],
        ["_", "."],
        ["a", "b"],
        ["a", "b"],
    ];
    let input = write("some.conllu", &some);
    let out = dir.path().join("set");
    let assert = deps(&input, &out, &["--json", "--quiet"]).code(0);
    let summary: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    let lost: Vec<String> = summary["funnel"]["stages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|stage| stage["lost"].as_array().unwrap())
        .map(|lost| format!("{}: {}", lost["reason"].as_str().unwrap(), lost["count"]))
        .collect();
    assert_eq!(
        lost,
        [
            "words that are all _ (text not published): 3",
            "words of an earlier sentence: 1"
        ]
    );
    let told = message(&write("all.conllu", &some[..3]), &[]);
    let advice = "the treebank comes without its text: underscores stand for its words. Fill them in as \
                  its publisher says (its README names the source and the script), and read the result\n";
    assert!(told.ends_with(advice), "{told}");
}
