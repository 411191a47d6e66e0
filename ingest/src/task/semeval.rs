//! SemEval-2010 Task 8 (Hendrickx et al., 2010): the relation of two nominals in a sentence.

use kprep_schemas::{RelationExample, Words};

use super::Fault;
use crate::words;

/// One example, as `TRAIN_FILE.TXT` and `TEST_FILE_FULL.TXT` have it: a line with its number, a tab
/// and the sentence in quotation marks with `<e1>` and `<e2>`; a line with the relation and its
/// direction; a line with a comment. A blank line ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemEval {
    /// Its number, which scorers use as id.
    pub number: String,
    /// The sentence without marks.
    pub text: String,
    /// Bytes of the first nominal in `text`.
    pub e1: (usize, usize),
    /// Bytes of the second one.
    pub e2: (usize, usize),
    /// `Other`, or a relation with its direction: `Cause-Effect(e1,e2)`.
    pub relation: String,
}

/// The 19 classes: `Other`, and nine relations in two directions, by name.
pub fn semeval_classes() -> impl Iterator<Item = String> {
    const RELATIONS: [&str; 9] = [
        "Cause-Effect",
        "Component-Whole",
        "Content-Container",
        "Entity-Destination",
        "Entity-Origin",
        "Instrument-Agency",
        "Member-Collection",
        "Message-Topic",
        "Product-Producer",
    ];
    let directed = RELATIONS
        .into_iter()
        .flat_map(|name| ["e1,e2", "e2,e1"].map(|direction| format!("{name}({direction})")));
    std::iter::once("Other".to_owned()).chain(directed)
}

impl SemEval {
    /// Parses the lines of one example.
    ///
    /// # Errors
    /// A [`Fault`] that says what was expected.
    pub fn parse(lines: &[String]) -> Result<Self, Fault> {
        let [first, relation, comment @ ..] = lines else {
            return Err(Fault::malformed(
                "one line, expected the sentence, its relation and a comment (the test file with \
                 relations is TEST_FILE_FULL.TXT)",
            ));
        };
        if !matches!(comment, [] | [_]) || comment.iter().any(|line| !line.starts_with("Comment")) {
            return Err(Fault::malformed(format!(
                "{} lines, expected the sentence, its relation, a line `Comment:` and a blank line",
                lines.len()
            )));
        }
        let (number, sentence) = first.split_once('\t').ok_or_else(|| {
            Fault::malformed("expected a number, a tab and the sentence in the first line")
        })?;
        let sentence = sentence.trim();
        let bare = sentence.strip_prefix('"').and_then(|s| s.strip_suffix('"'));
        let (text, e1, e2) = unmarked(bare.unwrap_or(sentence))?;
        Ok(Self {
            number: number.trim().to_owned(),
            text,
            e1,
            e2,
            relation: relation.trim().to_owned(),
        })
    }

    /// The row. The words are those of T-REx (`\w+|[^\w\s]+`), cut at the ends of the nominals.
    ///
    /// # Errors
    /// A [`Fault`] for a nominal without a word.
    pub fn row(&self, label: i64) -> Result<RelationExample, Fault> {
        let mut cuts = [
            0,
            self.e1.0,
            self.e1.1,
            self.e2.0,
            self.e2.1,
            self.text.len(),
        ];
        cuts.sort_unstable();
        let pieces = cuts.windows(2).flat_map(|cut| {
            let words = words(&self.text[cut[0]..cut[1]]);
            words.map(move |word| (cut[0] + word.start, cut[0] + word.end))
        });
        let bytes: Vec<(usize, usize)> = pieces.collect();
        let within = |(start, end): (usize, usize), name| {
            let inside = |word: &&(usize, usize)| start <= word.0 && word.1 <= end;
            let first = bytes.iter().position(|word| inside(&word));
            let last = bytes.iter().rposition(|word| inside(&word));
            first
                .zip(last)
                .ok_or_else(|| Fault::malformed(format!("no word between <{name}> and </{name}>")))
        };
        let (subject, object) = (within(self.e1, "e1")?, within(self.e2, "e2")?);
        let point = |byte: usize| self.text[..byte].chars().count() as i32;
        Ok(RelationExample {
            id: self.number.clone(),
            doc_id: String::new(),
            title: String::new(),
            token: bytes.iter().map(|&(s, e)| &self.text[s..e]).collect(),
            subj_start: subject.0 as i32,
            subj_end: subject.1 as i32,
            obj_start: object.0 as i32,
            obj_end: object.1 as i32,
            subj_char_start: point(bytes[subject.0].0),
            subj_char_end: point(bytes[subject.1].1),
            obj_char_start: point(bytes[object.0].0),
            obj_char_end: point(bytes[object.1].1),
            text: self.text.clone(),
            subj_id: String::new(),
            obj_id: String::new(),
            obj_type: String::new(),
            relation: self.relation.clone(),
            label: Some(label),
            aligners: Words::default(),
        })
    }
}

type Span = (usize, usize);

/// The sentence without its four marks, and where these stood.
fn unmarked(sentence: &str) -> Result<(String, Span, Span), Fault> {
    const MARKS: [&str; 4] = ["<e1>", "</e1>", "<e2>", "</e2>"];
    let mut places = [0; 4];
    for (place, mark) in places.iter_mut().zip(MARKS) {
        let mut found = sentence.match_indices(mark);
        *place = match (found.next(), found.next()) {
            (Some((at, _)), None) => at,
            _ => {
                return Err(Fault::malformed(format!(
                    "expected {mark} once in the sentence"
                )));
            }
        };
    }
    let [e1, e1_end, e2, e2_end] = places;
    if e1 > e1_end || e2 > e2_end || (e1 < e2) != (e1_end < e2) || (e2 < e1) != (e2_end < e1) {
        return Err(Fault::malformed(
            "expected <e1>…</e1> and <e2>…</e2> apart from each other",
        ));
    }
    // Taken out where they stand: what they leave behind may read like another mark.
    let mut marks: Vec<(usize, &str)> = places.into_iter().zip(MARKS).collect();
    marks.sort_unstable();
    let mut text = String::with_capacity(sentence.len());
    let mut start = 0;
    for (at, mark) in marks {
        text.push_str(sentence.get(start..at).unwrap_or_default());
        start = at + mark.len();
    }
    text.push_str(&sentence[start..]);
    // What stands before a place shrinks by the marks that stand there.
    let shrunk = |place: usize| {
        let before = places.iter().zip(MARKS).filter(|&(&at, _)| at < place);
        place - before.map(|(_, mark)| mark.len()).sum::<usize>()
    };
    Ok((
        text,
        (shrunk(e1), shrunk(e1_end)),
        (shrunk(e2), shrunk(e2_end)),
    ))
}

#[cfg(test)]
mod tests {
    use kprep_schemas::{Record, Rules};

    use super::*;

    fn parse(text: &str) -> Result<SemEval, Fault> {
        SemEval::parse(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn marks_become_spans_and_cut_words() {
        let text = "7\t\"Zoë's <e2>co</e2>worker filled the <e1>big jar</e1>.\"\n\
                    Content-Container(e2,e1)\nComment: made up";
        let row = parse(text).unwrap().row(6).unwrap();
        assert_eq!(row.text, "Zoë's coworker filled the big jar.");
        let words: Vec<&str> = row.token.iter().collect();
        let expected = [
            "Zoë", "'", "s", "co", "worker", "filled", "the", "big", "jar", ".",
        ];
        assert_eq!(words, expected);
        assert_eq!((row.subj_start, row.subj_end, row.obj_start), (7, 8, 3));
        assert_eq!((row.obj_char_start, row.obj_char_end), (6, 8));
        let names: Vec<String> = semeval_classes().collect();
        assert_eq!(names.len(), 19);
        let rules = Rules {
            class_names: &names,
            ..Rules::default()
        };
        assert_eq!(row.check(&rules), Ok(()));
    }

    #[test]
    fn faults_say_what_was_expected() {
        let fault = |text: &str| parse(text).unwrap_err().detail;
        assert_eq!(
            fault("7\t\"A <e1>b</e1> c.\"\nOther\nComment:"),
            "expected <e2> once in the sentence"
        );
        assert_eq!(
            fault("7\t\"A <e1>b <e2>c</e2></e1>.\"\nOther\nComment:"),
            "expected <e1>…</e1> and <e2>…</e2> apart from each other"
        );
        assert_eq!(
            fault("\"A <e1>b</e1> <e2>c</e2>.\"\nOther\nComment:"),
            "expected a number, a tab and the sentence in the first line"
        );
        assert!(fault("7\t\"A\"").starts_with("one line, expected the sentence"));
        assert!(fault("7\t\"A\"\nOther\nComment:\n8\t\"B\"").starts_with("4 lines, expected"));
        let nested = parse("7\t\"</e<e1>1> a</e1> <e2>b</e2>\"\nOther").unwrap();
        assert_eq!(nested.text, "</e1> a b");
        let row = nested.row(0).unwrap();
        assert_eq!((row.subj_char_start, row.subj_char_end), (3, 7));
        let bare = parse("7\t\"A <e1>b</e1> <e2> </e2>.\"\nOther").unwrap();
        assert_eq!(
            bare.row(0).unwrap_err().detail,
            "no word between <e2> and </e2>"
        );
    }
}
