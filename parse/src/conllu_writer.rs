//! Rows of a dependency dataset as CoNLL-U.

use std::fmt::Write;

use kprep_schemas::{DependencyExample, NO_HEAD, Unfit, Words};

/// Appends a sentence in CoNLL-U, the blank line after it included. With `new_document` it starts
/// the document that the row names.
///
/// What a row does not have is `_`: lemma, features, enhanced dependencies and `MISC` always, tags
/// where the row has none, head and label of a word without a head. A reader of the written
/// sentence gets the row back.
///
/// # Errors
/// [`Unfit::Separator`] for a value that a column or a comment cannot hold; nothing is appended
/// then.
pub fn write_conllu(
    row: &DependencyExample,
    new_document: bool,
    out: &mut String,
) -> Result<(), Unfit> {
    if !fits(row) {
        return Err(Unfit::Separator);
    }
    let comments = [
        ("newdoc id", new_document.then_some(row.doc_id.as_str())),
        ("sent_id", row.sent_id.as_deref()),
        ("text", row.text.as_deref()),
    ];
    for (key, value) in comments {
        if let Some(value) = value {
            let _ = writeln!(out, "# {key} = {value}");
        }
    }
    let tag = |tags: Option<&Words>, word: usize| {
        tags.map_or("_", |tags| or_nothing(&tags[word])).to_owned()
    };
    for (word, token) in row.token.iter().enumerate() {
        let (upos, xpos) = (tag(row.upos.as_ref(), word), tag(row.xpos.as_ref(), word));
        let head = match row.head[word] {
            NO_HEAD => "_".to_owned(),
            head => head.to_string(),
        };
        let deprel = or_nothing(&row.deprel[word]);
        let id = word + 1;
        let _ = writeln!(
            out,
            "{id}\t{token}\t_\t{upos}\t{xpos}\t_\t{head}\t{deprel}\t_\t_"
        );
    }
    out.push('\n');
    Ok(())
}

fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "_" } else { value }
}

fn fits(row: &DependencyExample) -> bool {
    let tags = [&row.upos, &row.xpos].into_iter().flatten();
    let mut columns = tags.chain([&row.token, &row.deprel]).flat_map(Words::iter);
    let mut comments = [Some(&row.doc_id), row.sent_id.as_ref(), row.text.as_ref()]
        .into_iter()
        .flatten();
    row.token.iter().all(|token| !token.is_empty())
        && columns.all(|value| !value.contains(['\t', '\n', '\r']))
        && comments.all(|value| !value.contains(['\n', '\r']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConllReader, Format, Structure};

    fn row() -> DependencyExample {
        DependencyExample {
            id: "0".into(),
            doc_id: "d".into(),
            sent_id: Some("s".into()),
            text: Some("Go on.".into()),
            token: ["Go", "on", "."].into(),
            head: vec![0, 1, NO_HEAD],
            deprel: ["root", "", ""].into(),
            upos: Some(["VERB", "_", "PUNCT"].into()),
            xpos: None,
        }
    }

    #[test]
    fn a_sentence_and_back() {
        let row = row();
        let mut text = String::new();
        write_conllu(&row, true, &mut text).unwrap();
        assert_eq!(
            text,
            "# newdoc id = d\n# sent_id = s\n# text = Go on.\n\
             1\tGo\t_\tVERB\t_\t_\t0\troot\t_\t_\n\
             2\ton\t_\t_\t_\t_\t1\t_\t_\t_\n\
             3\t.\t_\tPUNCT\t_\t_\t_\t_\t_\t_\n\n"
        );
        let mut reader =
            ConllReader::new(text.as_bytes(), Format::ConllU).with_structure(Structure::Any);
        let read = reader.next().unwrap().unwrap();
        assert_eq!((read.token, read.head), (row.token, row.head));
        assert_eq!((read.deprel, read.upos), (row.deprel, row.upos));
        assert_eq!((read.sent_id, read.text), (row.sent_id, row.text));
        assert_eq!(read.xpos, None);
    }

    #[test]
    fn what_a_column_cannot_hold() {
        let mut text = String::new();
        for token in ["a\tb", "a\nb", ""] {
            let mut row = row();
            row.token = ["Go", token, "."].into();
            assert_eq!(write_conllu(&row, false, &mut text), Err(Unfit::Separator));
        }
        assert_eq!(text, "");
    }
}
