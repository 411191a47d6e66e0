//! JSON objects, as [`JsonLines`](crate::JsonLines) writes them, back to rows.

use arrow_json::ReaderBuilder;
use arrow_json::reader::Decoder;

use crate::{Record, Result};

/// The rows that these objects are, whose keys must be columns of the record: `null` is one with a
/// missing key, and only columns that may be null may lack. Whether a row is a valid one its
/// [`check`](Record::check) tells.
///
/// Decodes all objects at once, and one by one only where one of them is none.
///
/// # Errors
/// [`Error::Arrow`](crate::Error::Arrow) or [`Error::Column`](crate::Error::Column) in the place of
/// an object that is no such row.
pub fn rows_from_json<R: Record>(objects: &[&[u8]]) -> Vec<Result<R>> {
    if let Ok(rows) = decode::<R>(objects) {
        return rows.into_iter().map(Ok).collect();
    }
    let alone = |object: &&[u8]| {
        let rows = decode::<R>(&[*object])?;
        // `[]` would be none: the caller gives objects.
        rows.into_iter()
            .next()
            .ok_or_else(|| arrow("expected an object"))
    };
    objects.iter().map(alone).collect()
}

fn decode<R: Record>(objects: &[&[u8]]) -> Result<Vec<R>> {
    let mut decoder: Decoder = ReaderBuilder::new(R::arrow_schema(&[]))
        .with_batch_size(objects.len())
        .with_strict_mode(true)
        .build_decoder()?;
    for object in objects {
        let read = decoder.decode(object)?;
        if read < object.len() || decoder.has_partial_record() {
            return Err(arrow("expected one whole object"));
        }
    }
    let rows = decoder.flush()?.map(|batch| R::from_batch(&batch));
    rows.unwrap_or_else(|| Ok(Vec::new()))
}

fn arrow(message: &str) -> crate::Error {
    arrow_schema::ArrowError::JsonError(message.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example_rows::example;
    use crate::{JsonLines, RelationExample};

    #[test]
    fn what_was_written_comes_back_and_a_bad_one_costs_itself() {
        let mut other = example();
        other.label = None;
        let rows = [example(), other];
        let lines = String::from_utf8(JsonLines::of(&rows).unwrap()).unwrap();
        let mut lines: Vec<&[u8]> = lines.lines().map(str::as_bytes).collect();
        let read: Vec<RelationExample> = rows_from_json(&lines)
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert_eq!(read, rows);
        lines.insert(1, br#"{"id": "x", "color": 1}"#);
        let mut read = rows_from_json::<RelationExample>(&lines);
        let error = read.remove(1).unwrap_err().to_string();
        assert_eq!(error, "Json error: column 'color' missing from schema");
        let read: Vec<RelationExample> = read.into_iter().map(Result::unwrap).collect();
        assert_eq!(read, rows);
    }
}
