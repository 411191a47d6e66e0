//! UMLS's Rich Release Format: rows that end with `|`, without a header; quotation marks are text.

use std::io::BufRead;

use kprep_schemas::Position;

use super::error::{GraphError, GraphResult};
use super::lines::Records;

/// A name of a concept, from `MRCONSO.RRF`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// The concept (CUI).
    pub concept: String,
    /// Its language (LAT): `ENG`.
    pub language: String,
    /// It is the concept's preferred name: TS is P, STT is PF, ISPREF is Y.
    pub is_preferred: bool,
    /// Its source (SAB).
    pub source: String,
    /// The name (STR).
    pub name: String,
    /// It is obsolete or suppressed: SUPPRESS is not N.
    pub is_suppressed: bool,
}

/// A relation between two concepts, from `MRREL.RRF`. A row says that CUI2 stands in the relation RELA to
/// CUI1: CUI2 is the head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConceptRelation {
    /// What it is about (CUI2).
    pub head: String,
    /// The relation (RELA); empty where the row has only the kind of relation.
    pub relation: String,
    /// What it is related to (CUI1).
    pub tail: String,
    /// Its source (SAB).
    pub source: String,
    /// Its source states the other direction: DIR is N.
    pub is_turned: bool,
    /// It is obsolete or suppressed: SUPPRESS is not N.
    pub is_suppressed: bool,
}

/// The names of a release's concepts. Memory: a line.
pub fn mrconso<R: BufRead>(reader: R) -> impl Iterator<Item = GraphResult<(Position, Atom)>> {
    Records::new(reader, |line, at| {
        let row = fields::<18>(line, at)?;
        required(at, line, [(row[0], "a CUI"), (row[14], "a name")])?;
        Ok(Some(Atom {
            concept: row[0].to_owned(),
            language: row[1].to_owned(),
            is_preferred: (row[2], row[4], row[6]) == ("P", "PF", "Y"),
            source: row[11].to_owned(),
            name: row[14].to_owned(),
            is_suppressed: row[16] != "N",
        }))
    })
}

/// The relations of a release. Memory: a line.
pub fn mrrel<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, ConceptRelation)>> {
    Records::new(reader, |line, at| {
        let row = fields::<16>(line, at)?;
        required(at, line, [(row[0], "CUI1"), (row[4], "CUI2")])?;
        Ok(Some(ConceptRelation {
            head: row[4].to_owned(),
            relation: row[7].to_owned(),
            tail: row[0].to_owned(),
            source: row[10].to_owned(),
            is_turned: row[13] == "N",
            is_suppressed: row[14] != "N",
        }))
    })
}

/// The semantic types of `MRSTY.RRF`: concept and type, by its name. Memory: a line.
pub fn mrsty<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, (String, String))>> {
    Records::new(reader, |line, at| {
        let row = fields::<6>(line, at)?;
        required(at, line, [(row[0], "a CUI"), (row[3], "a semantic type")])?;
        Ok(Some((row[0].to_owned(), row[3].to_owned())))
    })
}

/// The inverse of each relation, from `MRDOC.RRF`; its other rows are passed over. Memory: a line.
pub fn mrdoc_inverses<R: BufRead>(
    reader: R,
) -> impl Iterator<Item = GraphResult<(Position, (String, String))>> {
    Records::new(reader, |line, at| {
        let row = fields::<4>(line, at)?;
        let is_inverse = (row[0], row[2]) == ("RELA", "rela_inverse");
        let both = is_inverse && !row[1].is_empty() && !row[3].is_empty();
        Ok(both.then(|| (row[1].to_owned(), row[3].to_owned())))
    })
}

/// The fields of a row, each of which ends with `|`.
fn fields<const N: usize>(line: &str, at: Position) -> GraphResult<[&str; N]> {
    let mut row = [""; N];
    let mut found = 0;
    let mut start = 0;
    for end in memchr::memchr_iter(b'|', line.as_bytes()) {
        if let Some(place) = row.get_mut(found) {
            *place = &line[start..end];
        }
        found += 1;
        start = end + 1;
    }
    if found != N || start != line.len() {
        let expected = format!("a row of {N} fields, each with | behind it");
        return Err(GraphError::unexpected(at, expected, line));
    }
    Ok(row)
}

fn required<const N: usize>(
    at: Position,
    line: &str,
    fields: [(&str, &str); N],
) -> GraphResult<()> {
    let missing = fields.into_iter().find(|(field, _)| field.is_empty());
    missing.map_or(Ok(()), |(_, what)| {
        Err(GraphError::unexpected(at, what, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{any_cut, told};

    const NAMES: &str = "C1|ENG|P|L1|PF|S1|Y|A1||||MSH|MH|D1|Aspirin \"x\"|0|N|256|\n\
        C1|ENG|S|L2|\n\
        C2|FRE|P|L1|PF|S1|N|A1||||MSH|MH|D1|Fièvre|0|O||\n";

    #[test]
    fn one_bad_row_between_two_good_ones() {
        let show = |atom: &Atom| {
            let Atom {
                concept,
                language,
                name,
                source,
                is_preferred,
                is_suppressed,
            } = atom;
            format!("{concept} {language} {name} {source} {is_preferred} {is_suppressed}")
        };
        let expected = [
            "1 C1 ENG Aspirin \"x\" MSH true false",
            "line 2, byte 57: expected a row of 18 fields, each with | behind it, found \"C1|ENG|S|L2|\"",
            "3 C2 FRE Fièvre MSH false true",
        ];
        assert_eq!(told(mrconso(NAMES.as_bytes()), show), expected);
        any_cut(NAMES, |text| told(mrconso(text), show), 3);
    }

    #[test]
    fn the_second_concept_is_the_head_of_a_relation() {
        let text = "C1|A1|AUI|RO|C2|A2|AUI|may_treat|R1||MSH|MSH||Y|N||\n\
            C1|A1|AUI|RO|C2|A2|AUI||R1||MSH|MSH||N|O||\n";
        let rows: Vec<_> = mrrel(text.as_bytes()).map(|row| row.unwrap().1).collect();
        let expected = ConceptRelation {
            head: "C2".into(),
            relation: "may_treat".into(),
            tail: "C1".into(),
            source: "MSH".into(),
            is_turned: false,
            is_suppressed: false,
        };
        assert_eq!(rows[0], expected);
        assert_eq!(
            (&*rows[1].relation, rows[1].is_turned, rows[1].is_suppressed),
            ("", true, true)
        );
        let show = |row: &ConceptRelation| row.head.clone();
        any_cut(text, |text| told(mrrel(text), show), 2);
    }

    #[test]
    fn types_and_inverses() {
        let show = |(a, b): &(String, String)| format!("{a} {b}");
        let types = "C1|T047|B2.2|Disease or Syndrome|AT1||\n|T047|B2|x|A||\n";
        let found = told(mrsty(types.as_bytes()), show);
        assert_eq!(found[0], "1 C1 Disease or Syndrome");
        assert!(found[1].contains("expected a CUI"), "{found:?}");
        any_cut(types, |text| told(mrsty(text), show), 2);
        let doc = "RELA|isa|rela_inverse|inverse_isa|\nRELA|isa|expanded_form|Is a|\n";
        assert_eq!(
            told(mrdoc_inverses(doc.as_bytes()), show),
            ["1 isa inverse_isa"]
        );
        any_cut(doc, |text| told(mrdoc_inverses(text), show), 2);
    }
}
