//! Stanford typed dependencies as text: `nsubj(makes-8, Bell-1)`.

use crate::Fault;
use crate::row::{number, quoted};

/// `label(governor, dependent)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypedArc<'a> {
    pub(crate) label: &'a str,
    pub(crate) governor: Mention<'a>,
    pub(crate) dependent: Mention<'a>,
}

/// `makes-8`; a copy of the word that collapsing made has primes: `makes-8'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mention<'a> {
    pub(crate) form: &'a str,
    /// The word's number from 1; 0 is the root.
    pub(crate) index: usize,
    pub(crate) is_copy: bool,
}

/// A line with dependencies.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypedLine<'a> {
    pub(crate) arcs: Vec<TypedArc<'a>>,
    /// The line holds a sentence's dependencies, not just one of them: there are several, or tabs
    /// or brackets as lists have them.
    pub(crate) is_list: bool,
}

/// The dependencies of a line: one, several with tabs, blanks or commas between them, or a list as
/// Java prints it, `[det(dog-2, the-1), …]`. `None` if the line is anything else.
pub(crate) fn line(text: &str) -> Option<TypedLine<'_>> {
    let trimmed = text.trim_matches(' ');
    let list = trimmed
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let has_tab = trimmed.contains('\t');
    let parts: Vec<&str> = if has_tab {
        let parts = trimmed.split('\t').map(|part| part.trim_matches(' '));
        parts.filter(|part| !part.is_empty()).collect()
    } else {
        split(list.unwrap_or(trimmed))
    };
    let arcs = parts
        .iter()
        .map(|part| arc(part))
        .collect::<Option<Vec<_>>>()?;
    if arcs.is_empty() && list.is_none() {
        return None;
    }
    let is_list = has_tab || list.is_some() || arcs.len() > 1;
    Some(TypedLine { arcs, is_list })
}

/// Cuts after each `)` that ends a dependency and is followed by a blank and another one. Words
/// hold no blanks, so that none is cut.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (blank, _) in text.match_indices(' ') {
        let before = text[start..blank].trim_end_matches(',');
        let ends = before.strip_suffix(')').is_some_and(ends_with_index);
        if ends && starts_with_label(&text[blank + 1..]) {
            parts.push(before);
            start = blank + 1;
        }
    }
    let last = &text[start..];
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// What is wrong with a line that should be a dependency.
pub(crate) fn broken(line: &str) -> Fault {
    Fault::Syntax {
        expected: "a dependency, label(governor-1, dependent-2)".into(),
        found: quoted(line),
    }
}

/// Whether a line that is no dependency was meant to be one, or several: tabs, which no other line
/// has, or a lower-case label, a bracket and a number, unless every word has a tag behind a slash.
pub(crate) fn is_broken(text: &str) -> bool {
    let is_label = |label: &str| {
        let mut bytes = label.bytes();
        !label.is_empty() && bytes.all(|b| b.is_ascii_lowercase() || b"_:".contains(&b))
    };
    let label = text.split_once('(').filter(|(label, _)| is_label(label));
    let has_number = |rest: &str| {
        rest.as_bytes()
            .windows(2)
            .any(|pair| pair[0] == b'-' && pair[1].is_ascii_digit())
    };
    let is_tagged = |word: &str| {
        word.rsplit_once('/')
            .is_some_and(|(_, tag)| !has_number(tag))
    };
    let is_meant = |rest: &str| has_number(rest) && rest.contains(", ");
    text.contains('\t')
        || label.is_some_and(|(_, rest)| is_meant(rest)) && !text.split(' ').all(is_tagged)
}

fn ends_with_index(text: &str) -> bool {
    mention(text).is_some()
}

fn starts_with_label(text: &str) -> bool {
    text.find(['(', ' '])
        .is_some_and(|at| at > 0 && text[at..].starts_with('('))
}

/// One dependency. Words may hold `)`, `,` and `-`: numbers are looked for from the right, and a
/// comma with a blank behind it counts before one without.
fn arc(text: &str) -> Option<TypedArc<'_>> {
    let (label, mentions) = text.strip_suffix(')')?.split_once('(')?;
    if label.is_empty() || label.contains(char::is_whitespace) {
        return None;
    }
    // The end is the dependent's, wherever it starts: it is read once, not for each comma.
    let last = mention(mentions)?;
    let governor = |separator: &str| {
        let mut commas = last.form.rmatch_indices(separator);
        commas.find_map(|(at, _)| {
            let form = &last.form[at + separator.len()..];
            let governor = mention(&last.form[..at]).filter(|_| !form.is_empty())?;
            Some((governor, form))
        })
    };
    let (governor, form) = governor(", ").or_else(|| governor(","))?;
    Some(TypedArc {
        label,
        governor,
        dependent: Mention { form, ..last },
    })
}

/// `form-number`, with primes if it is a copy.
fn mention(text: &str) -> Option<Mention<'_>> {
    let plain = text.trim_end_matches('\'');
    // More digits are no number of a word; to look at no more keeps long lines cheap.
    let digits = plain.bytes().rev().take(10);
    let count = digits.take_while(u8::is_ascii_digit).count();
    let (form, index) = plain.split_at(plain.len() - count);
    let form = form.strip_suffix('-').filter(|form| !form.is_empty())?;
    Some(Mention {
        form,
        index: number(index)?,
        is_copy: plain.len() < text.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(arc: &TypedArc<'_>) -> String {
        let word = |m: &Mention<'_>| {
            let prime = if m.is_copy { "'" } else { "" };
            format!("{} {}{prime}", m.form, m.index)
        };
        let (governor, dependent) = (word(&arc.governor), word(&arc.dependent));
        format!("{} | {governor} | {dependent}", arc.label)
    }

    fn all(text: &str) -> Vec<String> {
        line(text).unwrap().arcs.iter().map(words).collect()
    }

    #[test]
    fn words_may_hold_what_separates() {
        for (text, expected) in [
            ("nsubj(makes-8, Bell-1)", "nsubj | makes 8 | Bell 1"),
            ("root(ROOT-0, makes-8)", "root | ROOT 0 | makes 8"),
            ("det()-25,the-19)", "det | ) 25 | the 19"),
            ("num(Science-22,(-23)", "num | Science 22 | ( 23"),
            ("num($-3, 15,000-4)", "num | $ 3 | 15,000 4"),
            ("num(x-3, 1-1,000-4)", "num | x 3 | 1-1,000 4"),
            ("punct(a-1, ,-2)", "punct | a 1 | , 2"),
            ("punct(a-1,,-2)", "punct | a 1 | , 2"),
            ("dep(--3, --4)", "dep | - 3 | - 4"),
            (
                "conj_and(flies-2, flies-2')",
                "conj_and | flies 2 | flies 2'",
            ),
            ("case(flies-2''', 's-3)", "case | flies 2' | 's 3"),
            ("prep_'s(a-1, b-2)", "prep_'s | a 1 | b 2"),
            ("nmod:of(a-1, 1/2-2)", "nmod:of | a 1 | 1/2 2"),
            ("amod(a-1, 1\u{a0}1/2-2)", "amod | a 1 | 1\u{a0}1/2 2"),
        ] {
            assert_eq!(all(text), [expected], "{text}");
        }
    }

    #[test]
    fn lists() {
        let two = ["det | dog 2 | the 1", "nsubj | barks 3 | ) 2"];
        for text in [
            "det(dog-2, the-1) nsubj(barks-3, )-2)",
            "det(dog-2, the-1), nsubj(barks-3, )-2)",
            "[det(dog-2, the-1), nsubj(barks-3, )-2)]",
            "det(dog-2,the-1)\tnsubj(barks-3,)-2)\t",
        ] {
            assert_eq!(all(text), two, "{text}");
            assert!(line(text).unwrap().is_list);
        }
        assert!(line("det(dog-2, the-1)\t").unwrap().is_list);
        assert!(!line("det(dog-2, the-1)").unwrap().is_list);
        assert_eq!(line("[]").unwrap().arcs, []);
    }

    #[test]
    fn other_lines() {
        for text in [
            "",
            "The dog barks .",
            "(ROOT",
            "    (NP (DT The) (NN dog)))",
            "f(x, y)",
            "f(x-1)",
            "(x-1, y-2)",
            "a b(x-1, y-2)",
            "det(dog-2, the-1) and more",
            "[{\"a\": 1}]",
            "det(dog-, the-1)",
            "det(dog-12345678901, the-1)",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
    }

    #[test]
    fn broken_lines_are_told_from_words_with_tags() {
        for text in [
            "det(dog-, the-1)",
            "det(dog-2, the)",
            "det(dog-2x, the-1y)",
            "det(dog-2, \t",
            "nsubj(and/or-3, a/b-2",
        ] {
            assert!(is_broken(text), "{text}");
        }
        for text in ["f(x, y)", "a(/X _/X -0/X ,/X b/X", "a(/X -0/X ,/, b/X"] {
            assert!(!is_broken(text), "{text}");
        }
    }
}
