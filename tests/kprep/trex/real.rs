//! The original documents of T-REx.

use super::{build, content, rows, run};
use crate::needs::real;

#[test]
fn the_real_documents_give_the_counts_of_an_independent_script() {
    let Some(evidence) = real("trex/evidence") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    for (min_pairs, relations, kept) in
        [("50", 28, 72_796), ("500", 23, 64_419), ("700", 16, 39_489)]
    {
        let out = dir.path().join(min_pairs);
        let summary = build(&evidence, &out, &["--min-pairs", min_pairs]);
        assert_eq!(summary["funnel"]["read"], 79_628);
        assert_eq!(summary["classes"], relations);
        let last = summary["funnel"]["stages"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone();
        assert_eq!(last["kept"], kept);
    }
    let report = run(&["validate", dir.path().join("50").to_str().unwrap()]);
    let report = String::from_utf8(report.stdout).unwrap();
    assert!(
        report.ends_with("72,796 rows checked, 0 problems\n"),
        "{report}"
    );
}

#[test]
fn the_two_original_documents_give_the_same_rows_in_both_layouts() {
    let (Some(indented), Some(compact)) = (
        real("trex/sample-output.json"),
        real("trex/compact_0-2.json"),
    ) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let out = |name: &str| dir.path().join(name).join("set");
    let summary = build(&indented, &out("indented"), &["--min-pairs", "1"]);
    build(&compact, &out("compact"), &["--min-pairs", "1"]);
    assert_eq!(summary["funnel"]["read"], 112);
    assert_eq!(summary["classes"], 8);
    assert_eq!(rows(&out("indented")).len(), 71);
    assert_eq!(content(&out("indented")), content(&out("compact")));
}
