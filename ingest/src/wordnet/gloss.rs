//! Glosses of WNDB: a definition, and examples in quotation marks.

use kprep_schemas::Words;

/// The definition and the examples of a gloss. Every passage in quotation marks is an example; the
/// definition is what stands before the first one, without the `;` or `:` between them. What stands
/// behind it (names of authors, remarks) is of neither.
pub(super) fn split(gloss: &str) -> (&str, Words) {
    let mut examples = Words::default();
    let mut parts = gloss.split('"');
    let definition = parts.next().unwrap_or_default();
    // Inside and outside take turns; a mark that is not closed opens nothing.
    while let (Some(inside), Some(_)) = (parts.next(), parts.next()) {
        examples.push(inside);
    }
    if examples.is_empty() {
        return (gloss.trim(), examples);
    }
    let end = |c: char| c.is_whitespace() || c == ';' || c == ':';
    (definition.trim_start().trim_end_matches(end), examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_what_stands_in_quotation_marks() {
        let read = |gloss| {
            let (definition, examples) = split(gloss);
            (definition, examples.join("|"))
        };
        assert_eq!(
            read(" a big bird; swims; \"a; b\"; \"c\"- A. Author  "),
            ("a big bird; swims", "a; b|c".into())
        );
        assert_eq!(
            read(" plain (`quoted')  "),
            ("plain (`quoted')", String::new())
        );
        assert_eq!(read("open \"mark"), ("open \"mark", String::new()));
        assert_eq!(read("of: \"x\" \"y"), ("of", "x".into()));
        assert_eq!(read("\"only\""), ("", "only".into()));
        assert_eq!(read(""), ("", String::new()));
    }
}
