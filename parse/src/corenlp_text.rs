//! `CoreNLP`'s output for people, `-outputFormat text`.

use std::io::BufRead;
use std::ops::ControlFlow;
use std::str;
use std::sync::LazyLock;

use kprep_schemas::Position;
use memchr::memmem::FinderRev;
use memchr::{memchr, memchr_iter};

use crate::placed::Place;
use crate::placed_lines::PlacedLines;
use crate::read::Emit;
use crate::row::{number, quoted};
use crate::typed_list::{self, TypedList, Words};
use crate::{Error, Fault, NewDocument, Sentence, Structure, penn, typed};

/// Where the last sentence starts, if one starts in these lines: they can be cut there.
pub(crate) fn last_start(lines: &[u8]) -> Option<usize> {
    static HEADING: LazyLock<FinderRev<'_>> = LazyLock::new(|| FinderRev::new("\nSentence #"));
    let mut end = lines.len();
    loop {
        let start = HEADING.rfind(&lines[..end])? + 1;
        let length = memchr(b'\n', &lines[start..]);
        let line = length.and_then(|length| str::from_utf8(&lines[start..start + length]).ok());
        if line.is_some_and(|line| heading(line.trim_end_matches('\r')).is_some()) {
            return Some(start);
        }
        end = start;
    }
}

/// Reads the sentences of `CoreNLP`'s text output: a heading, the raw text, the words with their
/// annotations, maybe a tree, then typed dependencies. These are collapsed or enhanced ones, unless
/// a heading calls them basic. `new_document` is a document that starts with the next sentence.
pub(crate) fn read<R: BufRead>(
    mut lines: PlacedLines<R>,
    structure: Structure,
    new_document: &mut Option<NewDocument>,
    emit: Emit<'_>,
) -> ControlFlow<()> {
    let mut reader = Reader {
        place: lines.place(),
        structure,
        new_document,
        sentence: None,
    };
    reader.place.limit();
    loop {
        match lines.next() {
            Ok(Some(line)) => {
                let text = line.text.trim_end_matches(['\n', '\r']);
                reader.line(text, line.position, emit)?;
                if let (Some(fault), Some(sentence)) = (line.fault, &mut reader.sentence) {
                    sentence.fault.get_or_insert(fault);
                }
            }
            Ok(None) => return reader.end_sentence(emit),
            Err(error) => return emit(Err(error)),
        }
    }
}

struct Reader<'d> {
    place: Place,
    structure: Structure,
    new_document: &'d mut Option<NewDocument>,
    sentence: Option<Building>,
}

/// The parts of a sentence, in order.
#[derive(PartialEq)]
enum Part {
    Text,
    Words,
    /// A tree of which so many brackets are open.
    Tree(i64),
    Dependencies,
    /// Between two kinds of them, maybe.
    AfterDependencies,
    /// Entities, relations, triples.
    Rest,
}

/// A sentence on the way.
struct Building {
    position: Position,
    /// As the heading has it.
    word_count: usize,
    text: String,
    words: Words,
    lists: Vec<TypedList>,
    part: Part,
    fault: Option<Fault>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str, at: Position, emit: Emit<'_>) -> ControlFlow<()> {
        if let Some(word_count) = heading(line) {
            self.end_sentence(emit)?;
            self.place.limit();
            let mut sentence = Building::new(self.place.begin_sentence(at));
            match word_count {
                Ok(count) => sentence.word_count = count,
                Err(fault) => sentence.fault = Some(fault),
            }
            self.sentence = Some(sentence);
        } else if let Some(id) = document_id(line) {
            self.end_sentence(emit)?;
            let id = Some(id.to_owned());
            *self.new_document = Some(NewDocument { id });
        } else if let Some(sentence) = &mut self.sentence {
            sentence.line(line, at);
            // What follows the dependencies is not kept, however long it is.
            if sentence.part == Part::Rest {
                return self.end_sentence(emit);
            }
        }
        if self.sentence.is_none() {
            // A line at a time.
            self.place.limit();
        }
        ControlFlow::Continue(())
    }

    fn end_sentence(&mut self, emit: Emit<'_>) -> ControlFlow<()> {
        let Some(sentence) = self.sentence.take() else {
            return ControlFlow::Continue(());
        };
        self.place.limit();
        let position = sentence.position;
        let mut sentence = sentence
            .finish(self.structure)
            .map_err(|fault| Error::Sentence { position, fault });
        if let Ok(sentence) = &mut sentence {
            sentence.new_document = self.new_document.take();
        }
        emit(sentence)
    }
}

impl Building {
    fn new(position: Position) -> Self {
        Self {
            position,
            word_count: 0,
            text: String::new(),
            words: Words::new(),
            lists: Vec::new(),
            part: Part::Text,
            fault: None,
        }
    }

    fn line(&mut self, line: &str, at: Position) {
        if let Part::Tree(open) = self.part {
            let open = open + penn::depth(line);
            self.part = if open > 0 {
                Part::Tree(open)
            } else {
                Part::Words
            };
        } else if line.starts_with("[Text=") {
            self.part = Part::Words;
            self.words.extend(words(line));
        } else if self.part == Part::Text {
            if line != "Tokens:" {
                self.text.push_str(line);
                self.text.push('\n');
            }
        } else if let Some(kind) = line.strip_prefix("Dependency Parse (") {
            self.begin_list(at, kind.starts_with("basic"));
        } else if self.part == Part::Words && penn::starts(line) {
            self.part = Part::Tree(0);
            self.line(line, at);
        } else if line.is_empty() {
            if self.part == Part::Dependencies && self.has_arcs() {
                self.part = Part::AfterDependencies;
            }
        } else if ENDS.iter().any(|end| line.starts_with(end)) {
            self.part = Part::Rest;
        } else if let Part::Words | Part::Dependencies = self.part {
            self.dependency(line, at);
        } else {
            self.part = Part::Rest;
        }
    }

    fn begin_list(&mut self, at: Position, is_basic: bool) {
        self.part = Part::Dependencies;
        let mut list = TypedList::new(at);
        if !is_basic {
            list.set_collapsed();
        }
        self.lists.push(list);
    }

    fn has_arcs(&self) -> bool {
        self.lists.last().is_some_and(|list| !list.forms.is_empty())
    }

    /// A line among the dependencies, or where they may start without a heading.
    fn dependency(&mut self, line: &str, at: Position) {
        let typed = typed::line(line);
        if self.part == Part::Words && (typed.is_some() || typed::is_broken(line)) {
            self.begin_list(at, false);
        }
        let Some(list) = self
            .lists
            .last_mut()
            .filter(|_| self.part == Part::Dependencies)
        else {
            return; // headings of the tree and the like
        };
        match typed {
            Some(typed) => typed.arcs.iter().for_each(|arc| list.push(arc)),
            None => list.fail(typed::broken(line)),
        }
    }

    fn finish(self, structure: Structure) -> Result<Sentence, Fault> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        if self.words.len() != self.word_count {
            return Err(Fault::Syntax {
                expected: format!("{} tokens", self.word_count),
                found: self.words.len().to_string(),
            });
        }
        let sentence = typed_list::sentence(self.position, [self.words], self.lists, structure)?;
        let text = self.text.trim_end().to_owned();
        Ok(Sentence {
            text: (!text.is_empty()).then_some(text),
            ..sentence
        })
    }
}

/// What follows the dependencies of a sentence.
const ENDS: [&str; 3] = ["Extracted ", "Coreference set:", "Extracted quotes:"];

/// The word count of `Sentence #1 (5 tokens):`, also with `, sentiment: Neutral` within.
fn heading(line: &str) -> Option<Result<usize, Fault>> {
    let rest = line
        .strip_prefix("Sentence #")
        .filter(|rest| rest.ends_with(':'))?;
    let count = rest
        .split_once(" (")
        .and_then(|(_, rest)| rest.split_once(" token"));
    let count = count.and_then(|(count, _)| number(count));
    Some(count.ok_or_else(|| Fault::Syntax {
        expected: "a sentence's number of tokens".into(),
        found: quoted(line),
    }))
}

/// The name in `Document: ID=news.txt (2 sentences, 40 tokens)`.
fn document_id(line: &str) -> Option<&str> {
    let (id, counts) = line.strip_prefix("Document: ID=")?.rsplit_once(" (")?;
    counts.contains(" sentences, ").then_some(id)
}

/// The words of `[Text=The PartOfSpeech=DT …] [Text=dog …]`, with their tags.
fn words(line: &str) -> Words {
    let tokens = line.split("[Text=").skip(1);
    tokens
        .map(|token| {
            let token = token.trim_end();
            let token = token.strip_suffix(']').unwrap_or(token);
            let is_key = |at: &usize| KEYS.iter().any(|key| token[*at..].starts_with(key));
            let end = memchr_iter(b' ', token.as_bytes()).find(is_key);
            let form = &token[..end.unwrap_or(token.len())];
            let tag = token.split_once(" PartOfSpeech=").map(|(_, rest)| {
                let tag = rest.split(' ').next().unwrap_or_default();
                tag.to_owned()
            });
            (form.to_owned(), tag)
        })
        .collect()
}

/// What can follow a word's text.
const KEYS: [&str; 12] = [
    " CharacterOffsetBegin=",
    " CharacterOffsetEnd=",
    " PartOfSpeech=",
    " Lemma=",
    " Answer=",
    " NamedEntityTag=",
    " NormalizedNamedEntityTag=",
    " Timex=",
    " TrueCase=",
    " TrueCaseText=",
    " SentimentClass=",
    " WikipediaEntity=",
];
