//! What `kprep` takes as an input, what it refuses and by which name, and what it says where
//! nothing is left.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use kprep_schemas::{DependencyExample, Entity, Manifest, Page};
use tempfile::TempDir;

mod abstracts;
use crate::folder;
use crate::util::all_rows;
mod members;
mod side_files;
mod streams;

const SENTENCE: &str = "1\tDogs\tdog\tNOUN\t_\t_\t2\tnsubj\t_\t_\n\
    2\tbark\tbark\tVERB\t_\t_\t0\troot\t_\t_\n\n";

const ITEM: &str = r#"{"type":"item","id":"Q1000001","labels":{"en":{"language":"en","value":"First thing"}},"descriptions":{},"aliases":{},"claims":{},"sitelinks":{}}"#;

/// A folder for inputs and outputs.
struct World(TempDir);

impl World {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Exit code and messages of `kprep COMMAND INPUT --out OUT ARGUMENTS`.
    fn run(&self, command: &str, input: &Path, out: &str, arguments: &[&str]) -> (i32, String) {
        let mut kprep = Command::cargo_bin("kprep").unwrap();
        kprep.args(command.split(' ')).arg(input);
        kprep.arg("--out").arg(self.path(out)).args(arguments);
        let run = kprep.output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        (run.status.code().unwrap(), told)
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

const PAGE: &str = "<html>\n<head><title>302 Found</title></head>\n<body></body>\n</html>\n";
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n";

#[test]
fn every_command_refuses_by_name_what_is_no_data() {
    let world = World::new();
    let twice = gzip(&gzip(ITEM.as_bytes()));
    let inputs: [(&str, &[u8], &str); 3] = [
        ("page", PAGE.as_bytes(), "found a web page (HTML)"),
        ("pointer", POINTER.as_bytes(), "found a pointer of Git LFS"),
        ("twice", &twice, "found compressed data"),
    ];
    for command in [
        "trex",
        "deps",
        "wikidata",
        "wikipedia",
        "import --format tacred",
        "import --format jsonl --record Page",
        "task tacred --split-percent 80,10,10",
        "task figer --split-percent 80,10,10",
        "task semeval --split-percent 80,10,10",
        "task cosmosqa --split-percent 80,10,10",
        "task searchqa --split-percent 80,10,10",
        "task lama",
    ] {
        for (name, content, found) in inputs {
            let input = world.write(name, content);
            for arguments in [&[][..], &["--max-errors", "99"]] {
                let (code, told) = world.run(command, &input, "out", arguments);
                assert_eq!(code, 1, "{command}: {told}");
                assert!(told.contains(found), "{command}: {told}");
                assert!(!world.path("out").exists());
            }
        }
    }
}

#[test]
fn the_command_that_reads_a_file_is_named() {
    let world = World::new();
    let trex = r#"[{"docid": "Q1", "title": "A", "text": "A.", "triples": []}]"#;
    let wiki = "<mediawiki xml:lang=\"en\"><page></page></mediawiki>";
    let truthy = "<http://www.wikidata.org/entity/Q1> <http://www.wikidata.org/prop/direct/P31> <http://www.wikidata.org/entity/Q5> .\n";
    let tacred = r#"[{"id": "e", "relation": "no_relation", "token": ["a"], "subj_start": 0}]"#;
    let dump = format!("[\n{ITEM}\n]\n");
    for (command, content, reader) in [
        ("wikidata", trex, "`kprep trex`"),
        ("wikidata", wiki, "`kprep wikipedia`"),
        ("wikidata", SENTENCE, "`kprep deps`"),
        ("trex", dump.as_str(), "`kprep wikidata`"),
        ("trex", tacred, "`kprep task tacred`"),
        ("trex", wiki, "`kprep wikipedia`"),
        ("deps", trex, "`kprep trex`"),
        ("deps", truthy, "`kprep wikidata`"),
        ("wikipedia", truthy, "`kprep wikidata`"),
        ("wikipedia", SENTENCE, "`kprep deps`"),
        ("import --format jsonl --record Page", trex, "`kprep trex`"),
        (
            "task tacred --split-percent 80,10,10",
            SENTENCE,
            "`kprep deps`",
        ),
    ] {
        let input = world.write("input", content);
        let (code, told) = world.run(command, &input, "out", &["--max-errors", "9"]);
        assert!(code == 1 && told.contains(reader), "{command}: {told}");
        assert!(!world.path("out").exists());
    }
}

#[test]
fn a_dump_without_an_entity_makes_nothing_and_replaces_nothing() {
    let world = World::new();
    let good = world.write("good.json", format!("[\n{ITEM}\n]\n"));
    assert_eq!(world.run("wikidata", &good, "kept", &["-q"]).0, 0);
    let before = folder::files(&world.path("kept"));
    let answer = format!(r#"{{"entities":{{"Q1000001":{ITEM}}},"success":1}}"#) + "\n";
    for (content, found) in [
        (
            answer.as_str(),
            "an answer of Wikidata's API: a dump has one entity a line",
        ),
        (
            r#"{"error":{"code":"no-such-entity"}}"#,
            "an error message of a server",
        ),
        ("id,label\nQ1000001,First thing\n", "a table (CSV)"),
        ("Not found\n", "a file that starts with \"Not found\""),
        (r#"{"type":"lexeme","id":"L1"}"#, "lexeme or another kind"),
        ("_:a <http://x/b> <http://x/c> .\n", "no item or property"),
        ("", "an empty file"),
    ] {
        let input = world.write("bad.json", content);
        for arguments in [&["--overwrite"][..], &["--overwrite", "--max-errors", "99"]] {
            let (code, told) = world.run("wikidata", &input, "kept", arguments);
            assert_eq!(code, 1, "{told}");
            let advice = arguments.len() == 1 && told.contains("breaks off");
            assert!(told.contains(found) || advice, "{told}");
            assert_eq!(folder::files(&world.path("kept")), before);
        }
    }
}

#[test]
fn a_folder_is_no_dump() {
    let world = World::new();
    let folder = world.write("folder/a.json", ITEM);
    let (code, told) = world.run("wikidata", folder.parent().unwrap(), "out", &[]);
    assert_eq!(code, 1);
    assert!(told.contains("folder: a folder, expected a file"), "{told}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let world = World::new();
    let truthy = "\u{feff}<http://www.wikidata.org/entity/Q1000001> <http://www.w3.org/2000/01/rdf-schema#label> \"First thing\"@en .\n\
        <http://www.wikidata.org/entity/Q1000001> <http://www.wikidata.org/prop/direct/P31> <http://www.wikidata.org/entity/Q5> .\n";
    let truthy = world.write("truthy.nt", truthy);
    let (code, told) = world.run("wikidata", &truthy, "truthy", &[]);
    assert_eq!(code, 0, "{told}");
    let items: Vec<Entity> = all_rows(&world.path("truthy/entities"));
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].label.as_deref(), Some("First thing"));
    assert_eq!(items[0].instance_of.join(" "), "Q5");

    let abstracts = "\u{feff}http://dbpedia.org/resource/Tab\tTab is a key.\nhttp://dbpedia.org/resource/Comma\tComma is a mark.\n";
    let abstracts = world.write("abstracts.tsv", abstracts);
    let (code, told) = world.run("wikipedia", &abstracts, "pages", &[]);
    assert_eq!(code, 0, "{told}");
    let pages: Vec<Page> = all_rows(&world.path("pages/pages"));
    let titles: Vec<_> = pages.iter().map(|page| &*page.title).collect();
    assert_eq!(titles, ["Tab", "Comma"]);

    let json = world.write("dump.json", format!("\u{feff}[\n{ITEM}\n]\n"));
    assert_eq!(world.run("wikidata", &json, "json", &[]).0, 0);
}

#[test]
fn a_pipe_in_a_folder_is_passed_over_and_by_name_it_is_read() {
    let world = World::new();
    let folder = world.write("in/a.conllu", SENTENCE);
    let folder = folder.parent().unwrap();
    let pipe = folder.join("pipe.conllu");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let (code, told) = world.run("deps", folder, "out", &[]);
    assert_eq!(code, 0, "{told}");
    let expected = format!("passed over {}: no file\n", pipe.display());
    assert!(told.contains(&expected), "{told}");
    assert_eq!(all_rows::<DependencyExample>(&world.path("out")).len(), 1);
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, SENTENCE).unwrap()
    });
    assert_eq!(world.run("deps", &pipe, "piped", &[]).0, 0);
    writer.join().unwrap();
    assert_eq!(all_rows::<DependencyExample>(&world.path("piped")).len(), 1);
}

#[test]
fn an_output_inside_the_folder_of_inputs_is_no_input() {
    let world = World::new();
    let folder = world.write("in/a.conllu", SENTENCE);
    let folder = folder.parent().unwrap();
    let build = || world.run("deps", folder, "in/out", &["--overwrite"]);
    let (code, first) = build();
    assert_eq!(code, 0, "{first}");
    let manifest = Manifest::read(&world.path("in/out")).unwrap();
    let (code, second) = build();
    assert_eq!(code, 0, "{second}");
    assert!(
        second.contains("in/out: the output of this run"),
        "{second}"
    );
    assert_eq!(Manifest::read(&world.path("in/out")).unwrap(), manifest);
    let (code, other) = world.run("deps", folder, "other", &[]);
    assert_eq!(code, 0, "{other}");
    assert!(
        other.contains("in/out: a dataset that kprep wrote"),
        "{other}"
    );
    let (code, named) = world.run("deps", &world.path("in/out"), "third", &[]);
    assert!(
        code == 1 && named.contains("in/out: a dataset that kprep wrote"),
        "{named}"
    );
}

#[test]
fn the_manifest_has_the_checksum_of_what_was_parsed() {
    let world = World::new();
    let text = [SENTENCE.as_bytes(), &vec![b'\n'; 1 << 20]].concat();
    let packed = gzip(&text);
    let input = world.write("a.conllu.gz", &packed);
    for (out, arguments) in [("all", &[][..]), ("some", &["--limit", "1"])] {
        assert_eq!(world.run("deps", &input, out, arguments).0, 0);
        let manifest = Manifest::read(&world.path(out)).unwrap();
        let sum = kprep_schemas::sha256_file(&input).unwrap();
        assert_eq!(manifest.inputs[0].sha256, Some(sum));
        assert_eq!(manifest.inputs[0].bytes, Some(packed.len() as u64));
    }
}

#[test]
fn threads_beyond_what_the_machine_has_work_for_are_not_started() {
    let world = World::new();
    let input = world.write("a.conllu", SENTENCE);
    let (code, told) = world.run("deps", &input, "out", &["--threads", "1000000"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("--threads 1000000: "), "{told}");
    assert!(told.contains(" are started, 4 for each of "), "{told}");
}
