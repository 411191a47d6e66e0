//! Stanford typed dependencies as text, as the Stanford Parser and programs around it print them.

use std::io::BufRead;
use std::mem;
use std::ops::ControlFlow;

use kprep_schemas::Position;

use self::building::{Building, tagged_words};
pub(crate) use self::starts::last_start;
use crate::placed::{Place, placed};
use crate::placed_lines::PlacedLines;
use crate::read::Emit;
use crate::typed::{self, TypedLine};
use crate::typed_list::TypedList;
use crate::{Error, Fault, Structure, penn};

mod building;
mod starts;

/// How much of an input tells whether all of its dependencies are collapsed.
const SAMPLE: usize = 64 << 10;

/// Kinds of dependencies that the parser knows to print: basic, all, collapsed, collapsed as a
/// tree, and with conjuncts propagated.
const KINDS: usize = 5;

/// What the parser tells between sentences, where both of its outputs went into one file.
fn is_noise(line: &str) -> bool {
    let count = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    NOISE.iter().any(|noise| line.starts_with(noise))
        || line.strip_prefix("Parsed ").is_some_and(count)
        || line.starts_with('[') && line.contains("] INFO ")
}

/// How such lines start.
const NOISE: [&str; 5] = [
    "# Parse ",
    "Parsing [sent. ",
    "Parsing file: ",
    "Parsed file: ",
    "Loading parser from ",
];

/// What it prints for a sentence without a parse.
const SKIPPED: &str = "SENTENCE_SKIPPED_OR_UNPARSABLE";

/// Which kinds of dependencies an input has, by its beginning.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kinds {
    /// Half of the sentences or more have no basic ones: a few may be mistakes.
    collapsed: bool,
    /// A sentence has two kinds of them.
    pairs: bool,
}

impl Kinds {
    pub(crate) fn of(beginning: &[u8]) -> Self {
        let beginning = &beginning[..beginning.len().min(SAMPLE)];
        let lines = PlacedLines::from(placed(beginning));
        let mut reader = Reader::new(lines.place(), Structure::Tree, Self::default());
        let (mut sentences, mut collapsed) = (0, 0);
        let _ = reader.read(lines, &mut |sentence| {
            sentences += 1;
            let fault = Fault::NotBasic;
            collapsed += usize::from(
                matches!(sentence, Err(Error::Sentence { fault: f, .. }) if f == fault),
            );
            ControlFlow::Continue(())
        });
        Self {
            collapsed: collapsed > 0 && 2 * collapsed >= sentences,
            pairs: reader.found_pairs,
        }
    }
}

/// Reads sentences as lexparser prints them: maybe the words, the words with their tags (`dog/NN`),
/// and the Penn tree, with blank lines between them; then typed dependencies, one a line up to a
/// blank line; then maybe other kinds of dependencies. Or all dependencies of a sentence in one
/// line.
///
/// Nothing counts as basic in a file in whose beginning half of the sentences or more are not: what
/// looks basic there is a sentence in which there was nothing to collapse, and a set of these would
/// not be a fair sample.
///
/// A line that should be a dependency and is none costs its sentence. A file that ends early, at
/// the end of a line, cannot be told from a whole one.
pub(crate) fn read<R: BufRead>(
    lines: PlacedLines<R>,
    structure: Structure,
    kinds: Kinds,
    emit: Emit<'_>,
) -> ControlFlow<()> {
    Reader::new(lines.place(), structure, kinds).read(lines, emit)
}

struct Reader {
    place: Place,
    structure: Structure,
    kinds: Kinds,
    /// Whether a sentence had two kinds of dependencies.
    found_pairs: bool,
    sentence: Building,
    part: Part,
}

/// What the lines up to the next blank one are.
enum Part {
    None,
    /// A tree of which so many brackets are open.
    Tree(i64),
    /// Dependencies, one a line.
    List,
    /// Dependencies beyond the basic ones, which follow these after a line of `=`.
    Extra,
}

impl Reader {
    fn new(place: Place, structure: Structure, kinds: Kinds) -> Self {
        Self {
            place,
            structure,
            kinds,
            found_pairs: false,
            sentence: Building::default(),
            part: Part::None,
        }
    }

    fn read<R: BufRead>(&mut self, mut lines: PlacedLines<R>, emit: Emit<'_>) -> ControlFlow<()> {
        loop {
            if self.sentence.position.is_none() {
                self.place.limit();
            }
            match lines.next() {
                Ok(Some(line)) => {
                    let text = line.text.trim_end();
                    if text.is_empty() {
                        self.place.forget(line.text.len());
                    }
                    self.line(text, line.position, emit)?;
                    if let Some(fault) = line.fault {
                        self.fail(line.position, fault);
                    }
                }
                Ok(None) => {
                    self.end_part(emit)?;
                    return self.end_sentence(emit);
                }
                Err(error) => return emit(Err(error)),
            }
        }
    }

    fn line(&mut self, line: &str, at: Position, emit: Emit<'_>) -> ControlFlow<()> {
        if line.trim_start().is_empty() {
            return self.end_part(emit);
        }
        if let Part::Tree(open) = self.part {
            self.tree_line(line, open);
            return ControlFlow::Continue(());
        }
        if line.len() >= 6 && line.bytes().all(|byte| byte == b'=') {
            self.end_part(emit)?;
            self.part = Part::Extra;
            return ControlFlow::Continue(());
        }
        if line.starts_with(SKIPPED) {
            self.end_sentence(emit)?;
            self.sentence.begin(at);
            return self.end_sentence(emit);
        }
        if is_noise(line) {
            return ControlFlow::Continue(());
        }
        match typed::line(line) {
            Some(typed) => self.typed_line(&typed, at, emit),
            None if matches!(self.part, Part::List) || typed::is_broken(line) => {
                self.broken_line(line, at, emit)
            }
            None => self.words_line(line, at, emit),
        }
    }

    /// A line that should be a dependency, or all of a sentence's if it has tabs.
    fn broken_line(&mut self, line: &str, at: Position, emit: Emit<'_>) -> ControlFlow<()> {
        let nothing = TypedLine {
            arcs: Vec::new(),
            is_list: false,
        };
        if line.contains('\t') {
            self.end_part(emit)?;
        }
        self.typed_line(&nothing, at, emit)?;
        self.fail(at, typed::broken(line));
        if line.contains('\t') {
            self.end_part(emit)?;
        }
        ControlFlow::Continue(())
    }

    /// Notes what is wrong with the line that was just taken.
    fn fail(&mut self, at: Position, fault: Fault) {
        self.sentence.begin(at);
        match (&self.part, self.sentence.lists.last_mut()) {
            (Part::List, Some(list)) => list.fail(fault),
            _ => {
                self.sentence.fault.get_or_insert(fault);
            }
        }
    }

    fn tree_line(&mut self, line: &str, open: i64) {
        let tree = self.sentence.tree.get_or_insert_default();
        tree.push_str(line);
        tree.push('\n');
        let open = open + penn::depth(line);
        self.part = if open > 0 {
            Part::Tree(open)
        } else {
            Part::None
        };
    }

    /// A sentence starts with its words, which stand in up to three forms.
    fn words_line(&mut self, line: &str, at: Position, emit: Emit<'_>) -> ControlFlow<()> {
        self.end_part(emit)?;
        let tagged = tagged_words(line);
        let is_tree = tagged.is_none() && penn::starts(line);
        self.sentence.found_tags_of_tagged(tagged.as_ref());
        let again = match &tagged {
            Some(_) => self.sentence.tagged.is_some(),
            None if is_tree => self.sentence.tree.is_some(),
            None => self.sentence.plain.is_some(),
        };
        if again || !self.sentence.lists.is_empty() {
            self.end_sentence(emit)?;
        }
        self.sentence.begin(at);
        match tagged {
            Some(_) => self.sentence.tagged = Some(line.to_owned()),
            None if is_tree => self.tree_line(line, 0),
            None => self.sentence.plain = Some(line.to_owned()),
        }
        ControlFlow::Continue(())
    }

    fn typed_line(
        &mut self,
        line: &TypedLine<'_>,
        at: Position,
        emit: Emit<'_>,
    ) -> ControlFlow<()> {
        match self.part {
            Part::Extra => return ControlFlow::Continue(()),
            Part::List if !line.is_list => {}
            _ => {
                self.end_part(emit)?;
                self.sentence.begin(at);
                self.sentence.lists.push(TypedList::new(at));
                self.part = Part::List;
            }
        }
        if let Some(list) = self.sentence.lists.last_mut() {
            line.arcs.iter().for_each(|arc| list.push(arc));
        }
        if line.is_list {
            return self.end_part(emit);
        }
        ControlFlow::Continue(())
    }

    /// A part has ended. If it was a list of dependencies and no other kind of those before it,
    /// another sentence started with it.
    fn end_part(&mut self, emit: Emit<'_>) -> ControlFlow<()> {
        let ended = mem::replace(&mut self.part, Part::None);
        if matches!(ended, Part::List) && self.sentence.lists.len() > 1 {
            if self.sentence.last_list_belongs(self.kinds.pairs) {
                self.found_pairs = true;
            } else if let Some(list) = self.sentence.lists.pop() {
                self.end_sentence(emit)?;
                self.sentence.begin(list.position);
                self.sentence.lists.push(list);
            }
        }
        ControlFlow::Continue(())
    }

    fn end_sentence(&mut self, emit: Emit<'_>) -> ControlFlow<()> {
        let sentence = mem::take(&mut self.sentence);
        self.part = Part::None;
        self.place.limit();
        match sentence.position {
            Some(position) => {
                let position = self.place.begin_sentence(position);
                let sentence = sentence.finish(position, self.structure, self.kinds.collapsed);
                emit(sentence.map_err(|fault| Error::Sentence { position, fault }))
            }
            None => ControlFlow::Continue(()),
        }
    }
}
