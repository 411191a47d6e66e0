//! `kprep wordnet` as its user sees it: tables, messages, the same rows from both formats.

mod real;
mod refused;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use kprep_align::Lexicon;
use kprep_schemas::{Fact, Manifest, Synset, validate};
use tempfile::TempDir;

use crate::folder::files;
use crate::util::table;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/sample/wordnet");

fn wordnet(input: &Path, out: &Path, args: &[&str]) -> Assert {
    let mut command = Command::cargo_bin("kprep").unwrap();
    command.arg("wordnet").arg(input).arg("--out").arg(out);
    command.args(args).assert()
}

/// The tables of an input, which must be valid.
fn build(input: &Path) -> (TempDir, PathBuf) {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("wordnet");
    wordnet(input, &out, &["--quiet"]).code(0).stderr("");
    for table in ["synsets", "facts"] {
        let problems = validate(&out.join(table)).unwrap().problems;
        assert_eq!(problems, Vec::<String>::new());
    }
    (dir, out)
}

fn both(out: &Path) -> (Vec<Synset>, Vec<Fact>) {
    (table(out, "synsets"), table(out, "facts"))
}

/// A copy of the sample's files in WNDB's format, without those of these names.
fn sample(without: &[&str]) -> TempDir {
    let dir = TempDir::new().unwrap();
    for entry in fs::read_dir(SAMPLE).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let is_wndb = !["gz", "py", "txt"].iter().any(|end| name.ends_with(end));
        if is_wndb && !without.contains(&&*name) {
            fs::copy(&path, dir.path().join(name)).unwrap();
        }
    }
    dir
}

#[test]
fn a_folder_becomes_synsets_and_facts() {
    let (_dir, out) = build(Path::new(SAMPLE));
    let (synsets, facts) = both(&out);
    assert_eq!((synsets.len(), facts.len()), (316, 612));
    let goose = synsets.iter().find(|row| row.word == ["goose"]).unwrap();
    let expected = Synset {
        id: goose.id.clone(),
        pos: "n".into(),
        lexfile: 5,
        word: ["goose"].into(),
        sense_key: ["goose%1:05:00::"].into(),
        sense_number: vec![1],
        tag_count: vec![4],
        form: ["geese"].into(),
        form_word: vec![0],
        gloss: "a large bird that swims and has a long neck".into(),
        example: ["the geese flew south in autumn"].into(),
    };
    assert_eq!(*goose, expected);
}

#[test]
fn words_satellites_and_relations_are_those_of_the_files() {
    let (_dir, out) = build(Path::new(SAMPLE));
    let (synsets, facts) = both(&out);
    // Words that differ in capitals alone, a word of several, and a synset of ten words.
    let with = |word: &str| {
        let mut found = synsets.iter();
        found
            .find(|row| row.word.iter().any(|w| w == word))
            .unwrap()
    };
    assert_eq!(with("globe").word, ["Earth", "world", "globe"]);
    assert_eq!(with("café").word, ["coffee", "café"]);
    assert_eq!(with("homo").word.len(), 10);
    // Satellites, and places of adjectives.
    let galore = with("galore");
    assert_eq!(galore.pos, "s");
    assert_eq!(
        galore.sense_key,
        ["galore%5:00:00:big:00", "abounding%5:00:00:big:00"]
    );
    assert_eq!(
        with("right as rain").word,
        ["fine", "all right", "right as rain"]
    );
    // Relations between synsets and between words.
    let tails = |head: &str, relation: &str| -> Vec<&str> {
        let facts = facts.iter();
        let of = facts.filter(|fact| fact.head == head && fact.relation == relation);
        of.map(|fact| fact.tail.as_str()).collect()
    };
    assert_eq!(
        tails(&with("goose").id, "hypernym"),
        [with("bird").id.as_str()]
    );
    assert_eq!(tails("hot%5:00:00:warm:00", "antonym"), [""; 0]);
    assert_eq!(tails("warm%3:00:00::", "antonym"), ["cold%3:00:00::"]);
    assert_eq!(
        tails("brightly%4:02:00::", "pertainym"),
        ["bright%3:00:00::"]
    );
    assert!(facts.iter().all(|fact| fact.source == "Sample WordNet 1.0"));
    let funnel = Manifest::read(&out.join("synsets")).unwrap().funnel;
    assert_eq!(
        funnel.to_string(),
        "  synsets read                                       316
  kept                                               316
  within synsets
    - words that differ in capitals alone              3
"
    );
    let card = fs::read_to_string(out.join("synsets/README.md")).unwrap();
    assert!(
        card.contains("Sample WordNet 1.0 Copyright waived"),
        "{card}"
    );
}

#[test]
fn both_formats_give_the_same_rows_and_twice_the_same_bytes() {
    let (dir, out) = build(Path::new(SAMPLE));
    let (_lmf, of_lmf) = build(&Path::new(SAMPLE).join("sample.xml.gz"));
    let (synsets, facts) = both(&out);
    let (lmf_synsets, lmf_facts) = both(&of_lmf);
    for (row, lmf) in synsets.iter().zip(&lmf_synsets) {
        assert_eq!(row, lmf);
    }
    for (row, lmf) in facts.iter().zip(&lmf_facts) {
        assert_eq!(row, lmf);
    }
    assert_eq!(
        (lmf_synsets.len(), lmf_facts.len()),
        (synsets.len(), facts.len())
    );
    let again = dir.path().join("again");
    wordnet(Path::new(SAMPLE), &again, &["--threads", "1", "-q"]).code(0);
    for table in ["synsets", "facts"] {
        let shard = "data/train-00000-of-00001.parquet";
        let bytes = |out: &Path| fs::read(out.join(table).join(shard)).unwrap();
        assert_eq!(bytes(&out), bytes(&again));
        assert_eq!(bytes(&out), bytes(&of_lmf));
    }
    assert_eq!(files(&out), files(&again));
}

#[test]
fn without_index_sense_the_order_and_the_counts_are_the_same() {
    let (_dir, out) = build(Path::new(SAMPLE));
    let expected = both(&out);
    let dir = sample(&["index.sense"]);
    let (_built, out) = build(dir.path());
    assert_eq!(both(&out), expected);
    // The older list has the counts first.
    let rev = fs::read_to_string(dir.path().join("cntlist.rev")).unwrap();
    let lines = rev.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let lines = lines.map(|fields| [fields[2], fields[0], fields[1]].join(" "));
    let list = lines.collect::<Vec<_>>().join("\n") + "\n";
    fs::remove_file(dir.path().join("cntlist.rev")).unwrap();
    fs::write(dir.path().join("cntlist"), list).unwrap();
    let (_built, out) = build(dir.path());
    assert_eq!(both(&out), expected);
    fs::remove_file(dir.path().join("cntlist")).unwrap();
    fs::remove_file(dir.path().join("noun.exc")).unwrap();
    let out = dir.path().join("out");
    let told = wordnet(dir.path(), &out, &[]).code(0);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    let note = "note: no index.sense: tag counts are 0: there is no cntlist.rev or cntlist\n";
    assert!(told.contains(note), "{told}");
    let (synsets, facts) = both(&out);
    assert!(
        synsets
            .iter()
            .all(|row| row.tag_count.iter().all(|&count| count == 0))
    );
    assert_eq!(facts, expected.1);
}

#[test]
fn people_and_programs_read_the_tables() {
    let (_dir, out) = build(Path::new(SAMPLE));
    let kprep = |args: &[&str]| {
        let output = Command::cargo_bin("kprep")
            .unwrap()
            .args(args)
            .assert()
            .code(0);
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    let (synsets, facts) = (out.join("synsets"), out.join("facts"));
    let (synsets, facts) = (synsets.to_str().unwrap(), facts.to_str().unwrap());
    let shown = kprep(&["head", synsets, "-n", "1"]);
    assert!(
        shown.contains("entity (noun.Tops)\n  that which is there, living or not\n"),
        "{shown}"
    );
    assert!(
        shown.contains("entity%1:03:00:: sense 1, tagged 11 times"),
        "{shown}"
    );
    let shown = kprep(&["head", facts, "-n", "1"]);
    assert!(
        shown.contains(" hyponym ") && shown.contains("(Sample WordNet 1.0)"),
        "{shown}"
    );
    let shown = kprep(&["stats", synsets, "--json"]);
    let figures: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(figures["shares"]["first_senses"]["of"], 493, "{shown}");
    let shown = kprep(&["stats", facts]);
    assert!(shown.contains("hypernym"), "{shown}");
    let lines = out.join("facts.jsonl");
    kprep(&[
        "export",
        facts,
        "--format",
        "jsonl",
        "--out",
        lines.to_str().unwrap(),
    ]);
    let back = out.join("back");
    kprep(&[
        "import",
        "--format",
        "jsonl",
        lines.to_str().unwrap(),
        "--out",
        back.to_str().unwrap(),
        "-q",
    ]);
    assert_eq!(table::<Fact>(&out, "back"), table::<Fact>(&out, "facts"));
}

#[test]
fn a_lexicon_of_the_sample_finds_senses_and_lemmas() {
    let (_dir, out) = build(Path::new(SAMPLE));
    let lexicon: Lexicon = table::<Synset>(&out, "synsets").into_iter().collect();
    let counts = |word, pos| -> Vec<i32> {
        let senses = lexicon.senses(word, pos).iter();
        senses.map(|sense| sense.count).collect()
    };
    assert_eq!(counts("bank", 'n'), [20, 9]);
    assert_eq!(counts("spring", 'n'), [17, 4, 2]);
    assert_eq!(lexicon.supersenses("spring", 'n'), [6, 17, 28]);
    assert_eq!(lexicon.lemmas("geese", 'n'), ["goose"]);
    assert_eq!(lexicon.lemmas("rang", 'v'), ["ring"]);
    assert_eq!(lexicon.lemmas("banks", 'n'), ["bank"]);
    assert_eq!(lexicon.lemmas("better", 'a'), ["good"]);
}

#[test]
fn the_sample_is_what_its_script_writes() {
    let script = Path::new(SAMPLE).join("make_wordnet.py");
    let done = Process::new("python3").arg(script).arg("--check").output();
    let done = done.unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// Two versions of a wordnet number their synsets by offsets that may be the same.
#[test]
fn merging_tells_another_synset_with_an_earlier_one_s_id_from_the_same_again() {
    let (_first, a) = build(Path::new(SAMPLE));
    let changed = sample(&[]);
    let nouns = changed.path().join("data.noun");
    let text = fs::read_to_string(&nouns).unwrap();
    let other = text.replace("a large bird that swims", "a heavy bird that walks"); // as long
    assert_eq!((other.len(), other == text), (text.len(), false));
    fs::write(&nouns, other).unwrap();
    let (_second, b) = build(changed.path());
    let merged = a.with_file_name("merged");
    let mut command = Command::cargo_bin("kprep").unwrap();
    command
        .arg("merge")
        .args([a.join("synsets"), b.join("synsets")]);
    command
        .arg("--out")
        .arg(&merged)
        .args(["--quiet"])
        .assert()
        .code(0);
    let manifest = Manifest::read(&merged).unwrap();
    let losses = manifest.funnel.stages.iter().flat_map(|stage| &stage.lost);
    let losses: Vec<_> = losses.map(|loss| (&*loss.reason, loss.count)).collect();
    let expected = [
        ("the same row again", 315),
        ("another row with the id of an earlier one", 1),
    ];
    assert_eq!(losses, expected);
}
