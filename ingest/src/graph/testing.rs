//! What the tests of all readers of graphs ask.

use std::io::BufReader;

use kprep_schemas::Position;

use super::GraphResult;

/// Each record with its line, and each error as people see it.
pub(super) fn told<T>(
    records: impl Iterator<Item = GraphResult<(Position, T)>>,
    show: impl Fn(&T) -> String,
) -> Vec<String> {
    let tell = |record: GraphResult<(Position, T)>| match record {
        Ok((at, record)) => format!("{} {}", at.line, show(&record)),
        Err(error) => error.to_string(),
    };
    records.map(tell).collect()
}

/// A buffer of one byte gives the same; and a text that is cut off anywhere gives the same records up to
/// there, and then one error at most for what was cut.
pub(super) fn any_cut(
    text: &str,
    read: impl Fn(&mut dyn std::io::BufRead) -> Vec<String>,
    records: usize,
) {
    let whole = read(&mut text.as_bytes());
    assert!(whole.len() <= records, "{whole:?}");
    let mut small = BufReader::with_capacity(1, text.as_bytes());
    assert_eq!(read(&mut small), whole);
    for end in 0..text.len() {
        let cut = read(&mut &text.as_bytes()[..end]);
        let same = cut.iter().zip(&whole).take_while(|(a, b)| a == b).count();
        assert!(cut.len() - same <= 2, "{end}: {cut:?}");
        let rest = &cut[same..];
        assert!(
            rest.iter().all(|told| told.contains("expected ")),
            "{end}: {cut:?}"
        );
    }
}
