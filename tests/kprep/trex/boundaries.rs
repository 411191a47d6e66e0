//! Boundaries of words, sentences and mentions that do not fit the text, and that no command writes
//! a dataset which `kprep validate` refuses.

use serde_json::json;

use super::*;

/// What a boundary counts.
#[derive(Clone, Copy)]
enum Unit {
    CodePoint,
    Utf16,
}

impl Unit {
    fn length(self, text: &str) -> usize {
        match self {
            Self::CodePoint => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
        }
    }

    /// `[start, end]` of each part where it stands in the text, one behind the other.
    fn places(self, text: &str, parts: &[&str]) -> Vec<[usize; 2]> {
        let mut byte = 0;
        let place = |part: &&str| {
            let start = byte + text[byte..].find(part).unwrap();
            byte = start + part.len();
            [start, byte].map(|byte| self.length(&text[..byte]))
        };
        parts.iter().map(place).collect()
    }
}

/// A document of T-REx on Mia and Rome, who both stand in its text.
fn document(id: &str, unit: Unit, sentences: &[&str], words: &[&str]) -> Value {
    let text = sentences.join(" ");
    let node = |name: &str, uri: &str| {
        let place = unit.places(&text, &[name])[0];
        json!({"boundaries": place, "surfaceform": name, "uri": uri, "annotator": "x"})
    };
    json!({
        "docid": id, "title": "", "text": text, "uri": id, "entities": [],
        "sentences_boundaries": unit.places(&text, sentences),
        "words_boundaries": unit.places(&text, words),
        "triples": [{
            "sentence_id": 0, "annotator": "x",
            "subject": node("Mia", id),
            "predicate": {"boundaries": null, "surfaceform": null, "uri": "P19", "annotator": "x"},
            "object": node("Rome", "Q220"),
        }],
    })
}

/// Builds with one pair a relation as the least, and validates.
fn valid(dir: &TempDir, documents: &[Value], args: &[&str]) -> (Vec<RelationExample>, Value) {
    let input = write(dir, "re-nlg.json", serde_json::to_vec(documents).unwrap());
    let out = dir.path().join("set");
    let fixed = ["--min-pairs", "1", "--overwrite"];
    let summary = build(&input, &out, &[&fixed[..], args].concat());
    let report = run(&["validate", out.to_str().unwrap()]);
    assert!(report.status.success(), "{}", stderr(&report));
    (rows(&out), summary)
}

#[test]
fn words_and_sentences_are_repaired_or_lost_under_a_reason() {
    let words = ["🎲", "Mia", "left", "Rome", "."];
    let units = |id| document(id, Unit::Utf16, &["🎲 Mia left Rome."], &words);
    let points = document("Q1", Unit::CodePoint, &["🎲 Mia left Rome."], &words);
    let behind = ["Mia", "left", "Rome", "🎲", "for", "good", "."];
    let behind = document("Q3", Unit::Utf16, &["Mia left Rome 🎲 for good."], &behind);
    let second = ["🎲🎲", "No", ".", "Mia", "left", "Rome", "."];
    let second = document("Q4", Unit::Utf16, &["🎲🎲 No.", "Mia left Rome."], &second);
    let plain = |id, key: &str, number: usize, boundaries: [usize; 2]| {
        let words = ["Mia", "left", "Rome", "."];
        let mut document = document(id, Unit::CodePoint, &["Mia left Rome."], &words);
        document[key][number] = json!(boundaries);
        document
    };
    let documents = [
        points,
        units("Q2"),
        behind,
        second,
        plain("Q5", "sentences_boundaries", 0, [0, 15]),
        plain("Q6", "words_boundaries", 1, [8, 4]),
        plain("Q7", "words_boundaries", 1, [4, 13]),
    ];
    let dir = tempfile::tempdir().unwrap();
    for args in [&[][..], &["--snap"]] {
        let (mut rows, summary) = valid(&dir, &documents, args);
        rows.sort_by(|a, b| a.doc_id.cmp(&b.doc_id));
        let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
        let emoji = "🎲 Mia left Rome.";
        assert_eq!(
            texts,
            [emoji, emoji, "Mia left Rome 🎲 for good.", "Mia left Rome."]
        );
        for row in &rows {
            assert_eq!(
                row.token.iter().collect::<String>(),
                row.text.replace(' ', "")
            );
        }
        let place = |row: &RelationExample| (row.subj_start, row.subj_char_start, row.obj_char_end);
        assert_eq!([place(&rows[0]), place(&rows[1])], [(1, 2, 15); 2]);
        let lost = |stage: usize| summary["funnel"]["stages"][stage]["lost"].clone();
        let reason = |reason: &str, count: u64| json!([{"reason": reason, "count": count}]);
        assert_eq!(
            lost(1),
            reason("sentence boundaries that do not fit the text", 1)
        );
        assert_eq!(
            lost(2),
            reason("word boundaries that do not fit the text", 2)
        );
    }
}

/// Numbers as good as random, the same in every run.
struct Numbers(u64);

impl Numbers {
    /// One below `end`.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end
    }

    /// An offset near a text of this length, sometimes far from it.
    fn offset(&mut self, length: usize) -> i64 {
        match self.below(9) {
            0 => i64::MAX - 7,
            1 => -2,
            _ => self.below(length + 3) as i64,
        }
    }

    fn words(&mut self) -> Vec<&'static str> {
        let some = ["Mia", "Rome", "🎲", "𝄞x", "Zoë", ".", "a"];
        let count = 2 + self.below(9);
        let mut words = vec!["Mia"];
        words.extend((0..count).map(|_| some[self.below(some.len())]));
        words.push("Rome");
        words
    }

    /// Changes up to two of the boundaries in a list.
    fn damage(&mut self, list: &mut Value, length: usize) {
        let list = list.as_array_mut().unwrap();
        for _ in 0..self.below(3) {
            let at = self.below(list.len());
            list[at] = json!([self.offset(length), self.offset(length)]);
        }
    }

    fn document(&mut self, id: usize) -> Value {
        let words = self.words();
        let text = words.join(" ");
        let unit = [Unit::CodePoint, Unit::Utf16][self.below(2)];
        let mut made = document(&format!("Q{id}"), unit, &[&text], &words);
        for key in ["sentences_boundaries", "words_boundaries"] {
            self.damage(&mut made[key], text.len());
        }
        if self.below(4) == 0 {
            let length = text.len();
            let node = &mut made["triples"][0]["object"];
            node["boundaries"] = json!([self.offset(length), self.offset(length)]);
            node["surfaceform"] = Value::Null;
        }
        made
    }

    /// A record of TACRED's JSON, or of K-Adapter's where the words of the mentions stand for ids.
    fn record(&mut self, id: usize) -> Value {
        let words = self.words();
        let [s, s_end, o, o_end] = [(); 4].map(|()| match self.below(3) {
            0 => self.offset(words.len()).clamp(-9, 1 << 20),
            _ => self.below(words.len()) as i64,
        });
        json!({"id": format!("e{id}"), "docid": "d", "relation": "per:title", "token": words,
            "subj_start": s, "subj_end": s_end, "obj_start": o, "obj_end": o_end,
            "subj_type": "PERSON", "obj_type": "TITLE", "subj_label": "Q1", "obj_label": "Q2"})
    }

    fn mention(&mut self) -> Value {
        let text = self.words().join(" ");
        let [start, end] = [(); 2].map(|()| self.offset(text.len()).max(0));
        json!({"sent": text, "labels": ["person"], "start": start, "end": end, "ents": []})
    }
}

#[test]
fn whatever_offsets_an_input_has_what_is_written_validates() {
    let dir = tempfile::tempdir().unwrap();
    let mut numbers = Numbers(42);
    let json = |values: Vec<Value>| serde_json::to_vec(&values).unwrap();
    let documents = json((1..600).map(|id| numbers.document(id)).collect());
    let records = json((1..400).map(|id| numbers.record(id)).collect());
    let mentions = json((1..400).map(|_| numbers.mention()).collect());
    let paths = [
        write(&dir, "re-nlg.json", documents),
        write(&dir, "train.json", records),
        write(&dir, "typing/train.json", mentions),
    ];
    let [documents, records, mentions] = paths.each_ref().map(|path| path.to_str().unwrap());
    let commands: [&[&str]; 6] = [
        &["trex", documents, "--min-pairs", "1"],
        &["trex", documents, "--min-pairs", "1", "--snap"],
        &["import", records, "--format", "tacred"],
        &["import", records, "--format", "kadapter"],
        &["task", "tacred", records],
        &["task", "openentity", mentions],
    ];
    let out = dir.path().join("set");
    let out = out.to_str().unwrap();
    for command in commands {
        let fixed = [
            "--out",
            out,
            "--overwrite",
            "--quiet",
            "--max-errors",
            "9999",
        ];
        let built = run(&[command, &fixed].concat());
        assert!(built.status.success(), "{command:?}: {}", stderr(&built));
        let report = run(&["validate", out]);
        let told = String::from_utf8_lossy(&report.stdout);
        assert!(report.status.success(), "{command:?}: {told}");
        let manifest = Dataset::open(Path::new(out)).unwrap().manifest;
        let kept = manifest.funnel.kept();
        assert!((20..590).contains(&kept), "{command:?}: {kept} rows");
    }
}
