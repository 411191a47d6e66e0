//! Sentences whose entities are marked in the text: `<e1>subject</e1>` and `<e2>object</e2>`, as SemEval-2010 Task 8 has it.

use std::io::BufRead;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::Result;
use crate::data::text_lines::{LONGEST_TEXT, TextLines};

/// A marked sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The line, as it was.
    pub line: String,
    /// Its number, from 1.
    pub number: u64,
    /// The text without the marks.
    pub text: String,
    /// Where the subject starts and ends in it, in code points, end exclusive.
    pub subject_chars: (i32, i32),
    /// Its words: runs of letters and digits, and of other characters but white space, as T-REx
    /// and NLTK's `wordpunct_tokenize` cut them.
    pub words: Vec<String>,
    /// First and last word of the subject.
    pub subject: (i32, i32),
    /// The same of the object; `None` where the line marks one entity alone.
    pub object: Option<(i32, i32)>,
}

/// The markers.
static MARKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("</?e[12]>").ok());
/// The words.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\w+|[^\w\s]+").ok());

/// Words, and markers as words of their own.
fn parts(line: &str) -> Vec<&str> {
    let words = |text| {
        let found = WORDS.iter().flat_map(move |words| words.find_iter(text));
        found.map(|word| word.as_str())
    };
    let (mut parts, mut end) = (Vec::new(), 0);
    for mark in MARKS.iter().flat_map(|marks| marks.find_iter(line)) {
        parts.extend(words(&line[end..mark.start()]));
        parts.push(mark.as_str());
        end = mark.end();
    }
    parts.extend(words(&line[end..]));
    parts
}

/// Reads the lines of a file. Empty ones are skipped.
///
/// # Errors
/// [`crate::Error::Line`] for a line that is not UTF-8, is longer than [`LONGEST_TEXT`], or does not
/// mark the entities that are `needed` (1 or 2); [`crate::Error::Io`].
pub fn read(input: impl BufRead, path: &Path, needed: usize) -> Result<Vec<Marked>> {
    let mut all = Vec::new();
    let mut lines = TextLines::new(input, path, LONGEST_TEXT);
    loop {
        let number = lines.number() + 1;
        let Some(line) = lines.next_text()? else {
            return Ok(all);
        };
        let line = line.trim_end_matches(['\n', '\r']);
        if !line.trim().is_empty() {
            let parsed = parse(line, number, needed);
            all.push(parsed.map_err(|reason| lines.wrong(reason))?);
        }
    }
}

fn parse(line: &str, number: u64, needed: usize) -> std::result::Result<Marked, String> {
    let mut words = Vec::new();
    let (mut open, mut spans) = ([None; 2], [None; 2]);
    for part in parts(line) {
        let at = words.len() as i32;
        match part {
            "<e1>" | "<e2>" => {
                let e = usize::from(part == "<e2>");
                if open[e].replace(at).is_some() {
                    return Err(format!("{part} occurs twice"));
                }
            }
            "</e1>" | "</e2>" => {
                let e = usize::from(part == "</e2>");
                match open[e] {
                    Some(first) if first < at => spans[e] = Some((first, at - 1)),
                    Some(_) => return Err(format!("no word before {part}")),
                    None => return Err(format!("{part} without <e{}>", e + 1)),
                }
            }
            word => words.push(word.to_owned()),
        }
    }
    let [Some(subject), object] = spans else {
        return Err("expected an entity in <e1> and </e1>".to_owned());
    };
    let (text, subject_chars) = unmarked(line);
    if needed == 2 && object.is_none() {
        return Err("expected a second entity in <e2> and </e2>".to_owned());
    }
    Ok(Marked {
        line: line.to_owned(),
        number,
        text,
        subject_chars,
        words,
        subject,
        object,
    })
}

/// The text without marks, and where the subject is in it.
fn unmarked(line: &str) -> (String, (i32, i32)) {
    let (mut text, mut subject, mut end) = (String::new(), (0, 0), 0);
    for mark in MARKS.iter().flat_map(|marks| marks.find_iter(line)) {
        text.push_str(&line[end..mark.start()]);
        end = mark.end();
        let place = text.chars().count() as i32;
        match mark.as_str() {
            "<e1>" => subject.0 = place,
            "</e1>" => subject.1 = place,
            _ => {}
        }
    }
    text.push_str(&line[end..]);
    (text, subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Result<Vec<Marked>> {
        read(text.as_bytes(), Path::new("f"), 2)
    }

    #[test]
    fn marks_are_cut_out_of_the_text_and_words_counted_without_them() {
        let text = "\nA <e2>b-c</e2>, so <e1>d e</e1>.\r\n<e1>x</e1><e2>y</e2>";
        let all = lines(text).unwrap();
        assert_eq!(all[0].line, "A <e2>b-c</e2>, so <e1>d e</e1>.");
        assert_eq!(all[0].words, ["A", "b", "-", "c", ",", "so", "d", "e", "."]);
        assert_eq!(
            (all[0].number, all[0].subject, all[0].object),
            (2, (6, 7), Some((1, 3)))
        );
        assert_eq!(
            (all[1].number, all[1].subject, all[1].object),
            (3, (0, 0), Some((1, 1)))
        );
        assert_eq!(
            (all[0].text.as_str(), all[0].subject_chars),
            ("A b-c, so d e.", (10, 13))
        );
        let one = read("é <e1>x</e1> < y".as_bytes(), Path::new("f"), 1).unwrap();
        assert_eq!((one[0].object, one[0].words.len()), (None, 4));
        assert_eq!(
            (one[0].text.as_str(), one[0].subject_chars),
            ("é x < y", (2, 3))
        );
    }

    #[test]
    fn a_line_without_its_marks_is_named() {
        let good = "<e1>a</e1> <e2>b</e2>\n";
        for (bad, reason) in [
            ("a b", "expected an entity in <e1> and </e1>"),
            ("<e1>a</e1> b", "expected a second entity in <e2> and </e2>"),
            ("<e1></e1> b", "no word before </e1>"),
            ("a</e1> b", "</e1> without <e1>"),
            ("<e1>a <e1>b</e1>", "<e1> occurs twice"),
        ] {
            let message = lines(&format!("{good}{bad}\n{good}"))
                .unwrap_err()
                .to_string();
            assert_eq!(message, format!("f: line 2: {reason}"));
        }
    }
}
