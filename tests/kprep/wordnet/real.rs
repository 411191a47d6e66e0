//! Wordnets as they are published.

use std::path::PathBuf;

use super::{both, build};
use crate::needs::not_run;

/// Counts of Princeton's WordNet, which `make wordnet` brings. `KPREP_WORDNET` names the folder.
#[test]
fn real_wordnets_have_their_counts() {
    let Some(folder) = std::env::var_os("KPREP_WORDNET").map(PathBuf::from) else {
        return not_run("KPREP_WORDNET, the folder of WordNet's files (make wordnet)");
    };
    let (_dir, out) = build(&folder);
    let (synsets, facts) = both(&out);
    let source = facts[0].source.as_str();
    let of = |pos: &[&str]| {
        synsets
            .iter()
            .filter(|row| pos.contains(&&*row.pos))
            .count()
    };
    let parts = [of(&["n"]), of(&["v"]), of(&["a", "s"]), of(&["r"])];
    let relations = |relation: &str, pos: &str| {
        let facts = facts.iter();
        let of = facts.filter(|fact| fact.relation == relation && fact.head.ends_with(pos));
        of.count()
    };
    let hypernyms = [
        relations("hypernym", "-n"),
        relations("hypernym", "-v"),
        relations("instance_hypernym", "-n"),
    ];
    let senses: usize = synsets.iter().map(|row| row.word.len()).sum();
    let counts = synsets.iter().flat_map(|row| &row.tag_count);
    let tagged = counts.filter(|&&count| count > 0).count();
    let examples: usize = synsets.iter().map(|row| row.example.len()).sum();
    let with_examples = synsets.iter().filter(|row| !row.example.is_empty()).count();
    match source {
        "WordNet 3.1" => {
            assert_eq!(parts, [82192, 13789, 18185, 3625]);
            assert_eq!((senses, tagged), (207_235, 35390));
            assert_eq!(hypernyms, [75916, 13256, 8589]);
            assert_eq!((examples, with_examples), (48571, 33012));
        }
        "WordNet 3.0" => {
            assert_eq!(parts, [82115, 13767, 18156, 3621]);
            assert_eq!(senses, 206_941);
            assert_eq!(hypernyms, [75850, 13239, 8577]);
            assert_eq!((examples, with_examples), (48339, 32923));
        }
        other => panic!("expected WordNet 3.0 or 3.1 in KPREP_WORDNET, found {other}"),
    }
}
