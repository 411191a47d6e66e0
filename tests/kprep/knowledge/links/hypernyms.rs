//! Direct hypernyms in the place of senses.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use kprep_schemas::{Fact, LinkExample};

use super::super::{WORDNET, kprep, tables, text};
use super::links;
use crate::folder::files;
use crate::util::{all_rows, table};

/// The direct hypernyms of synsets; what has none stands for itself.
struct Above(BTreeMap<String, Vec<String>>);

impl Above {
    fn new(wordnet: &Path) -> Self {
        let mut above: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for fact in table::<Fact>(wordnet, "facts") {
            if ["hypernym", "instance_hypernym"].contains(&&*fact.relation) {
                above.entry(fact.head).or_default().push(fact.tail);
            }
        }
        Self(above)
    }

    fn of(&self, id: &str) -> Vec<String> {
        self.0.get(id).cloned().unwrap_or(vec![id.to_owned()])
    }

    /// The candidates of a row, merged.
    fn merged(&self, row: &LinkExample) -> BTreeMap<String, f64> {
        let mut merged = BTreeMap::new();
        for (id, prior) in row.candidates(0) {
            let above = self.of(id);
            for id in &above {
                *merged.entry(id.clone()).or_default() += prior / above.len() as f64;
            }
        }
        merged
    }
}

fn by_text(out: &Path) -> BTreeMap<String, LinkExample> {
    let rows: Vec<LinkExample> = all_rows(out);
    let rows = rows.into_iter();
    rows.map(|row| (format!("{} {}", row.doc_id, row.text), row))
        .collect()
}

#[test]
fn hypernyms_take_the_place_of_senses_and_are_merged() {
    let (dir, wordnet) = tables("wordnet", WORDNET);
    let [senses, out, again] = ["senses", "out", "again"].map(|name| dir.path().join(name));
    let args = ["--wordnet", text(&wordnet), "--pos", "noun,verb"];
    links(&senses, &args);
    let args = [&args[..], &["--target", "hypernym"]].concat();
    links(&out, &args);
    links(&again, &[&args[..], &["--threads", "1"]].concat());
    assert!(files(&out.join("data")) == files(&again.join("data")));
    let above = Above::new(&wordnet);
    let (senses, rows) = (by_text(&senses), by_text(&out));
    let mut fewer = 0;
    for (text, row) in &rows {
        let sense = &senses[text];
        assert_eq!([row.entity[0].to_owned()], above.of(&sense.entity[0])[..]);
        let expected = above.merged(sense);
        let found = row.candidates(0).map(|(id, prior)| (id.to_owned(), prior));
        let found: BTreeMap<String, f64> = found.collect();
        assert!(found.keys().eq(expected.keys()), "{row:?}");
        let mut priors = found.iter();
        assert!(priors.all(|(id, prior)| (prior - expected[id]).abs() < 1e-9));
        assert!(row.prior.is_sorted_by(|a, b| a >= b));
        fewer += usize::from(row.candidate.len() < sense.candidate.len());
    }
    assert!(fewer > 0 && rows.len() > 50, "{fewer} of {}", rows.len());
    let mut several = senses.values().map(|row| above.of(&row.entity[0]).len());
    let several = several.by_ref().filter(|&count| count > 1).count();
    assert_eq!(rows.len() + several, senses.len());
    let card = fs::read_to_string(out.join("README.md")).unwrap();
    assert!(card.contains("our reading of"), "{card}");
}

#[test]
fn items_have_no_hypernyms() {
    let args = ["knowledge", "links", "--aligned", "a", "--wikidata", "w"];
    let told = kprep(&[&args[..], &["--target", "hypernym"]].concat()).code(1);
    let told = String::from_utf8(told.get_output().stderr.clone()).unwrap();
    assert_eq!(
        told,
        "kprep: --target hypernym is for --wordnet: items have no synsets\n"
    );
}
