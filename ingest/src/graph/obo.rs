//! Ontologies in OBO 1.2 and 1.4: the terms, by the crate `fastobo`.

use std::io::BufRead;
use std::str::FromStr;

use fastobo::ast::{EntityFrame, HeaderClause, Ident, TermClause, TermFrame};
use kprep_schemas::Position;

use super::error::{GraphError, GraphResult};
use super::lines::Lines;

/// A frame of more bytes is refused. The longest of the Gene Ontology has some 20 KB.
pub const MAX_OBO_FRAME: usize = 1 << 20;

/// What an ontology is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OboItem {
    /// A clause of the header that names the ontology or its version: `ontology`, `data-version`.
    Header(&'static str, String),
    /// A term.
    Term(OboTerm),
    /// A frame of another kind: a relation's definition, an instance.
    Other,
}

/// A term.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OboTerm {
    /// Its id.
    pub id: String,
    /// Its name; empty if it has none.
    pub name: String,
    /// Its definition; empty if it has none.
    pub definition: String,
    /// Its name space; empty where the ontology's default one holds.
    pub namespace: String,
    /// Its synonyms, of any scope.
    pub synonyms: Vec<String>,
    /// Its relations to other terms, with `is_a` for the more general ones.
    pub relations: Vec<(String, String)>,
    /// It is no longer used.
    pub is_obsolete: bool,
}

/// Reads an ontology frame by frame: a frame that is malformed costs itself. Memory: a frame.
pub struct OboReader<R> {
    lines: Lines<R>,
    /// The frame so far, and where it starts.
    frame: String,
    start: Position,
    /// The byte at which each of its lines starts.
    starts: Vec<u64>,
    is_header: bool,
    frames: u64,
    done: bool,
    waiting: Vec<GraphResult<(Position, OboItem)>>,
}

impl<R: BufRead> OboReader<R> {
    /// Reads from the start of a file.
    pub fn new(reader: R) -> Self {
        Self {
            lines: Lines::new(reader),
            frame: String::new(),
            start: Position {
                line: 1,
                ..Position::default()
            },
            starts: Vec::new(),
            is_header: true,
            frames: 0,
            done: false,
            waiting: Vec::new(),
        }
    }

    /// Takes a line. What it ends, and what is wrong with it, waits to be given out.
    fn take(&mut self) {
        let Some(line) = self.lines.next() else {
            self.done = true;
            self.end_frame();
            return;
        };
        match line {
            Ok((at, line)) => {
                if line.starts_with('[') {
                    let line = line.to_owned();
                    self.end_frame();
                    self.start = at;
                    self.starts.clear();
                    self.frame = line;
                } else if self.is_header {
                    let clause = header(line).map(|item| Ok((at, item)));
                    self.waiting.extend(clause);
                    return;
                } else if self.frame.len() <= MAX_OBO_FRAME && !is_comment(line) {
                    self.frame.push_str(line);
                }
                self.frame.push('\n');
                self.starts.push(at.byte);
            }
            Err(error) => {
                // The frame that the line is of is not whole.
                self.frame.clear();
                self.waiting.push(Err(error));
            }
        }
    }

    fn end_frame(&mut self) {
        self.is_header = false;
        let frame = std::mem::take(&mut self.frame);
        if frame.trim().is_empty() {
            return;
        }
        let at = Position {
            record: self.frames,
            ..self.start
        };
        self.frames += 1;
        self.waiting
            .push(item(&frame, at, &self.starts).map(|item| (at, item)));
    }
}

impl<R: BufRead> Iterator for OboReader<R> {
    type Item = GraphResult<(Position, OboItem)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.waiting.is_empty() && !self.done {
            self.take();
        }
        (!self.waiting.is_empty()).then(|| self.waiting.remove(0))
    }
}

/// Whether a line is a comment as a whole. fastobo panics at one within a frame.
fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('!')
}

/// What a header clause tells; other clauses, and those that are malformed, tell nothing.
fn header(line: &str) -> Option<OboItem> {
    match HeaderClause::from_str(line).ok()? {
        HeaderClause::Ontology(name) => Some(OboItem::Header("ontology", name.as_str().to_owned())),
        HeaderClause::DataVersion(version) => {
            Some(OboItem::Header("data-version", version.as_str().to_owned()))
        }
        _ => None,
    }
}

fn item(frame: &str, at: Position, starts: &[u64]) -> GraphResult<OboItem> {
    if frame.len() > MAX_OBO_FRAME {
        let expected = format!("a frame of at most {MAX_OBO_FRAME} bytes");
        return Err(GraphError::told(at, &expected, "a longer one"));
    }
    match EntityFrame::from_str(frame.trim_start_matches('\n')) {
        Ok(EntityFrame::Term(frame)) => Ok(OboItem::Term(term(&frame))),
        Ok(_) => Ok(OboItem::Other),
        Err(error) => {
            let (at, found) = fault(frame, at, starts, &error);
            Err(GraphError::told(at, "a frame of OBO", &found))
        }
    }
}

/// The line of a frame that is malformed, and what stands there.
fn fault(
    frame: &str,
    at: Position,
    starts: &[u64],
    error: &fastobo::error::SyntaxError,
) -> (Position, String) {
    use fastobo::syntax::pest::error::LineColLocation;
    let fastobo::error::SyntaxError::ParserError { error } = error else {
        return (at, error.to_string());
    };
    let (LineColLocation::Pos((line, _)) | LineColLocation::Span((line, _), _)) = error.line_col;
    let before = line.saturating_sub(1);
    let text = frame.lines().nth(before).unwrap_or_default().trim_end();
    let found = match text {
        "" => "the end of the frame".to_owned(),
        text => format!("{:?}", text.chars().take(60).collect::<String>()),
    };
    let at = Position {
        line: at.line + before as u64,
        byte: starts.get(before).copied().unwrap_or(at.byte),
        ..at
    };
    (at, found)
}

fn term(frame: &TermFrame) -> OboTerm {
    let mut term = OboTerm {
        id: id(frame.id().as_inner().as_ref()),
        ..OboTerm::default()
    };
    for clause in frame.clauses() {
        match clause.as_inner() {
            // Blanks before a comment behind it are none of the name.
            TermClause::Name(name) => name.as_str().trim_end().clone_into(&mut term.name),
            TermClause::Namespace(space) => term.namespace = id((**space).as_ref()),
            TermClause::Def(definition) => {
                definition.text().as_str().clone_into(&mut term.definition);
            }
            TermClause::Synonym(synonym) => {
                term.synonyms
                    .push(synonym.description().as_str().to_owned());
            }
            TermClause::IsA(other) => {
                term.relations
                    .push(("is_a".to_owned(), id((**other).as_ref())));
            }
            TermClause::Relationship(relation, other) => {
                let relation = id((**relation).as_ref());
                term.relations.push((relation, id((**other).as_ref())));
            }
            TermClause::IsObsolete(is_obsolete) => term.is_obsolete = *is_obsolete,
            _ => {}
        }
    }
    term
}

/// An id as it is meant, without the escapes of the format.
fn id(ident: &Ident) -> String {
    match ident {
        Ident::Prefixed(prefixed) => format!("{}:{}", prefixed.prefix(), prefixed.local()),
        Ident::Unprefixed(plain) => plain.as_str().to_owned(),
        Ident::Url(url) => url.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::testing::{any_cut, told};

    const TEXT: &str = "format-version: 1.2\nontology: x\n\n\
        [Term]\nid: X:1\nname: flu\nnamespace: disease\n\
        def: \"A \\\"disease\\\".\" [url:https\\://x]\nsynonym: \"grippe\" EXACT []\n\
        is_a: X:2 ! illness\nrelationship: has_symptom X:3\n\n\
        [Term]\nid: X:2\nname flu\n\n\
        [Typedef]\nid: has_symptom\nname: has symptom\n\n\
        [Term]\nid: X:4\nname: old\nis_obsolete: true\n";

    fn show(item: &OboItem) -> String {
        match item {
            OboItem::Header(name, value) => format!("{name}={value}"),
            OboItem::Other => "other".into(),
            OboItem::Term(term) => format!("{} {} {}", term.id, term.name, term.is_obsolete),
        }
    }

    #[test]
    fn a_term_is_read_with_all_of_it() {
        let items: Vec<_> = OboReader::new(TEXT.as_bytes()).collect();
        let Ok((_, OboItem::Term(term))) = &items[1] else {
            panic!("{items:?}");
        };
        let expected = OboTerm {
            id: "X:1".into(),
            name: "flu".into(),
            definition: "A \"disease\".".into(),
            namespace: "disease".into(),
            synonyms: vec!["grippe".into()],
            relations: vec![
                ("is_a".into(), "X:2".into()),
                ("has_symptom".into(), "X:3".into()),
            ],
            is_obsolete: false,
        };
        assert_eq!(*term, expected);
    }

    #[test]
    fn one_bad_frame_between_two_good_ones() {
        let expected = [
            "2 ontology=x",
            "4 X:1 flu false",
            "line 15, byte 209: expected a frame of OBO, found \"name flu\"",
            "17 other",
            "21 X:4 old true",
        ];
        assert_eq!(told(OboReader::new(TEXT.as_bytes()), show), expected);
        let crlf = TEXT.replace('\n', "\r\n");
        assert_eq!(told(OboReader::new(crlf.as_bytes()), show)[4], expected[4]);
        let mut small = std::io::BufReader::with_capacity(1, TEXT.as_bytes());
        assert_eq!(told(OboReader::new(&mut small), show), expected);
    }

    /// fastobo 0.15 panics at them where they are within a frame.
    #[test]
    fn lines_that_are_comments_say_nothing() {
        let lines = [
            "[Term]",
            "id: X:1",
            "name: flu ! a name",
            "",
            "[Typedef]",
            "id: y",
        ];
        let plain = lines.map(|line| format!("{line}\n")).concat();
        let expected = ["1 X:1 flu false", "5 other"];
        assert_eq!(told(OboReader::new(plain.as_bytes()), show), expected);
        for comment in [
            "!",
            "! old",
            "  !name: x",
            "!elationship:)isa X:1 ! illness",
        ] {
            for end in ["\n", "\r\n"] {
                let text = lines
                    .map(|line| format!("{line}{end}{comment}{end}"))
                    .concat();
                let found = told(OboReader::new(text.as_bytes()), show);
                assert_eq!(found, ["1 X:1 flu false", "9 other"], "{comment}");
            }
        }
    }

    #[test]
    fn a_text_that_is_cut_off_anywhere_gives_no_other_term() {
        // A frame may end behind any of its lines: what is there is what the file says.
        let text = "[Term]\nid: X:1\n";
        any_cut(text, |text| told(OboReader::new(text), show), 1);
        for end in 0..TEXT.len() {
            let cut = TEXT.get(..end).unwrap_or_default();
            for item in OboReader::new(cut.as_bytes()).flatten() {
                let ids = ["X:1", "X:4"];
                let known = match &item.1 {
                    // Cut off behind its id.
                    OboItem::Term(term) if term.id == "X:2" => term.name.is_empty(),
                    OboItem::Term(term) => ids.contains(&&*term.id),
                    _ => true,
                };
                assert!(known, "{end}: {item:?}");
            }
        }
    }
}
