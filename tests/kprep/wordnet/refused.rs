//! What `kprep wordnet` refuses, with file, line and what was expected.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{SAMPLE, both, build, sample, wordnet};

/// What the program says of a folder in which `change` was done to one file.
fn refusal(name: &str, change: impl Fn(&str) -> String) -> String {
    let dir = sample(&[]);
    let path = dir.path().join(name);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "{name}");
    fs::write(path, changed).unwrap();
    let out = dir.path().join("out");
    let output = wordnet(dir.path(), &out, &["--quiet"]).code(1);
    assert!(!out.exists());
    let stderr = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    stderr.trim_end().to_owned()
}

#[test]
fn what_does_not_fit_together_is_refused_with_its_line() {
    let told = refusal("data.noun", |text| text.replacen("| ", "|  ", 1));
    let expected = "data.noun, line 5, byte ";
    assert!(told.starts_with(&format!("kprep: {expected}")), "{told}");
    assert!(told.contains("at which the line starts, found 0"), "{told}");
    let told = refusal("data.verb", |text| text[..text.len() / 2].to_owned());
    assert!(
        told.ends_with("expected a line that ends with a line break, found the end of the file"),
        "{told}"
    );
    // Cut between two lines: offsets are missing.
    let told = refusal("data.adv", |text| {
        let end = text.trim_end().rfind('\n').unwrap();
        text[..=end].to_owned()
    });
    let expected =
        "expected a sense of the data files (is it of the same version?), found here%4:02:00::";
    assert!(told.ends_with(expected), "{told}");
    let told = refusal("index.sense", |text| text.replacen(" 1 4\n", " 1 4 4\n", 1));
    assert!(
        told.ends_with("expected the end of the line, found \"4\""),
        "{told}"
    );
    let told = refusal("index.sense", |text| {
        text.replacen("goose%1:05:00:: 0", "goose%1:05:00:: 1", 1)
    });
    assert!(
        told.contains("where data.noun has goose%1:05:00::, found 1"),
        "{told}"
    );
    let told = refusal("index.sense", |text| {
        let lines = text.split_inclusive('\n');
        lines.filter(|line| !line.starts_with("goose%")).collect()
    });
    let expected = "expected the sense goose%1:05:00:: in an index, too, found a synset that the index does not have";
    assert!(told.ends_with(expected), "{told}");
    let told = refusal("data.adj", |text| text.replacen(" s ", " v ", 1));
    assert!(told.contains("data.adj, line "), "{told}");
    let told = refusal("index.sense", |text| {
        let from = "goose%1:05:00:: ";
        let at = text.find(from).unwrap() + from.len();
        let (before, behind) = text.split_at(at);
        let (offset, behind) = behind.split_once(' ').unwrap();
        let (_, behind) = behind.split_once(' ').unwrap();
        format!("{before}{offset} 9 {behind}")
    });
    assert!(
        told.contains("the senses of goose numbered 1, 2, … in the index"),
        "{told}"
    );
    let told = refusal("noun.exc", |text| format!("\u{feff}{text}"));
    assert!(told.contains("without a byte order mark"), "{told}");
    let told = refusal("noun.exc", |text| format!("{text}alone\n"));
    assert!(
        told.ends_with("expected the word of the form, found the end of the line"),
        "{told}"
    );
}

#[test]
fn a_folder_without_its_files_says_what_is_missing() {
    let told = |dir: &Path| {
        let output = wordnet(dir, &dir.join("out"), &["--quiet"]).code(1);
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    let dir = TempDir::new().unwrap();
    let message = told(dir.path());
    assert!(
        message.contains("no data.noun in this folder or in its folder dict"),
        "{message}"
    );
    let dir = sample(&["data.adv"]);
    assert!(told(dir.path()).contains("no data.adv"));
    let dir = sample(&["index.sense", "index.verb"]);
    let message = told(dir.path());
    assert!(
        message.contains("expected index.sense or index.noun"),
        "{message}"
    );
    // In a folder of its own, compressed.
    let dir = sample(&[]);
    let dict = dir.path().join("dict");
    fs::create_dir(&dict).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let packed = zstd::encode_all(fs::File::open(&path).unwrap(), 1).unwrap();
            fs::write(dict.join(name + ".zst"), packed).unwrap();
            fs::remove_file(path).unwrap();
        }
    }
    let (_built, out) = build(dir.path());
    let (_sample, expected) = build(Path::new(SAMPLE));
    assert_eq!(both(&out), both(&expected));
}

#[test]
fn files_of_wn_lmf_are_refused_with_what_was_expected() {
    let packed = fs::File::open(Path::new(SAMPLE).join("sample.xml.gz")).unwrap();
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(packed)).unwrap();
    let dir = TempDir::new().unwrap();
    let refusal = |text: &str| {
        let path = dir.path().join("x.xml");
        fs::write(&path, text).unwrap();
        let output = wordnet(&path, &dir.path().join("out"), &["--quiet"]).code(1);
        String::from_utf8(output.get_output().stderr.clone()).unwrap()
    };
    let told = refusal(&text.replace("LMF-1.3", "LMF-2.0"));
    assert!(told.contains("x.xml, line 2, byte "), "{told}");
    assert!(
        told.contains("expected WN-LMF 1.0 to 1.4, found WN-LMF 2.0"),
        "{told}"
    );
    let told = refusal(&text[..text.len() / 2]);
    assert!(
        told.contains("found the end of the file") || told.contains("well-formed"),
        "{told}"
    );
    let target = "relType=\"hypernym\" target=\"sample-";
    let told = refusal(&text.replacen(target, &format!("{target}9"), 1));
    assert!(
        told.contains("expected the id of a synset or a sense of this file"),
        "{told}"
    );
    let twice = |start: &str, end: &str| {
        let from = text.find(start).unwrap();
        let to = from + text[from..].find(end).unwrap() + end.len();
        text.replacen(&text[from..to], &text[from..to].repeat(2), 1)
    };
    for (start, end) in [
        ("<Synset ", "</Synset>"),
        ("<LexicalEntry ", "</LexicalEntry>"),
        ("<Sense ", "</Sense>"),
    ] {
        let told = refusal(&twice(start, end));
        assert!(told.contains("expected an id of its own, found "), "{told}");
    }
    one_part_of_it_is_wrong(&text, &refusal);
    let told = refusal("<html><body>gone</body></html>");
    assert!(
        told.contains("expected a wordnet in WN-LMF (XML), found a web page"),
        "{told}"
    );
}

fn one_part_of_it_is_wrong(text: &str, refusal: &dyn Fn(&str) -> String) {
    let from = text.find("<Lemma ").unwrap();
    let lemma = &text[from..from + text[from..].find("/>").unwrap() + 2];
    let told = refusal(&text.replacen(lemma, "", 1));
    assert!(
        told.contains("expected a Lemma, found the entry "),
        "{told}"
    );
    let told = refusal(&text.replacen(" writtenForm=\"", " writtenForm=\"&nbsp;", 1));
    assert!(told.contains("with entities of XML alone"), "{told}");
    let told = refusal(&text.replacen(" n=\"1\"", " n=\"0\"", 1));
    assert!(
        told.contains("a number from 1 in the attribute n"),
        "{told}"
    );
    let told = refusal(&text.replacen("<Lexicon ", "<LexiconExtension ", 1));
    assert!(told.contains("found a LexiconExtension"), "{told}");
}
