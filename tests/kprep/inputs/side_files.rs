//! Files beside the data: how large they may be, and in which forms they come.

use super::*;

/// A small file that unpacks to more than 64 MB of one line.
fn bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b'x'; 1 << 20];
    for _ in 0..65 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

/// Two examples of TACRED.
fn tacred(world: &World) -> PathBuf {
    let example = |id: &str, relation: &str| {
        format!(
            r#"{{"id":"{id}","docid":"d","relation":"{relation}","token":["Bell","makes","bells"],"subj_start":0,"subj_end":0,"obj_start":2,"obj_end":2,"subj_type":"ORGANIZATION","obj_type":"MISC"}}"#
        )
    };
    let examples = [example("a", "P31"), example("b", "P36")].join(",");
    world.write("tacred.json", format!("[{examples}]"))
}

#[test]
fn files_beside_the_data_have_a_limit() {
    let world = World::new();
    let bomb = world.write("bomb.gz", bomb());
    let bomb = bomb.to_str().unwrap();
    let input = tacred(&world);
    let trex = world.write("trex.json", "[]");
    for (command, input, flag) in [
        ("trex", &trex, "--labels"),
        ("trex", &trex, "--property-labels"),
        ("import --format tacred", &input, "--labels"),
        ("task tacred --split-percent 80,10,10", &input, "--labels"),
        ("task tacred --split-percent 80,10,10", &input, "--patch"),
        ("task lama", &input, "--vocabulary"),
    ] {
        let (code, told) = world.run(command, input, "out", &[flag, bomb]);
        assert_eq!(code, 1);
        let expected = "bomb.gz: more than 67108864 bytes when decompressed";
        assert!(told.contains(expected), "{command} {flag}: {told}");
    }
    let (code, told) = world.run("trex", &trex, "out", &["--exclude", bomb]);
    assert_eq!(code, 1);
    let expected = "line 1: expected a line of at most 1048576 bytes";
    assert!(told.contains(expected), "{told}");
}

#[test]
fn import_reads_the_labels_that_trex_reads() {
    let world = World::new();
    let input = tacred(&world);
    for (number, labels) in [
        "P36\nP31\n",
        "\u{feff}P36\r\n\r\nP31\r\n",
        r#"["P36", "P31"]"#,
        "['P36',\n 'P31',\n]\n",
        r#"{"P31": 1, "P36": 0}"#,
        "x = ['a']\ntrex_relations = ['P36', 'P31']\n",
    ]
    .into_iter()
    .enumerate()
    {
        let labels = world.write("labels", gzip(labels.as_bytes()));
        let out = format!("out-{number}");
        let labels = ["--labels", labels.to_str().unwrap()];
        let (code, told) = world.run("import --format tacred", &input, &out, &labels);
        assert_eq!(code, 0, "{told}");
        let manifest = Manifest::read(&world.path(&out)).unwrap();
        assert_eq!(manifest.class_names, ["P36", "P31"]);
    }
    let twice = world.write("labels", "P36\nP31\nP36\n");
    let labels = ["--labels", twice.to_str().unwrap()];
    let (code, told) = world.run("import --format tacred", &input, "out", &labels);
    assert_eq!(code, 1);
    assert!(
        told.contains("class 2: \"P36\" is class 0 already"),
        "{told}"
    );
}
