//! CoNLL-U-Lex: the 19 columns in which STREUSLE has its expressions and supersenses.

use std::io::{self, BufRead, ErrorKind, Read};
use std::mem;

use kprep_schemas::{Position, Words, lexfile_number};

use crate::conll::{BOM, MAX_SENTENCE};
use crate::{Error, Fault, NewDocument, Result, Sentence};

/// Columns of a row: CoNLL-U's ten, and nine for expressions and supersenses.
const COLUMNS: usize = 19;

/// A sentence with the supersenses of its expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LexSentence {
    /// First line of the sentence, comments included.
    pub position: Position,
    /// Set if a document starts with this sentence.
    pub new_document: Option<NewDocument>,
    /// `# sent_id = …`.
    pub sent_id: Option<String>,
    /// `# text = …`: the raw sentence.
    pub text: Option<String>,
    /// The words.
    pub token: Words,
    /// Universal tags; `_` for a word without.
    pub upos: Words,
    /// The supersenses of nouns and verbs, in the order of their first words.
    pub labels: Vec<LexLabel>,
}

/// A supersense and what it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LexLabel {
    /// The words of the expression, from 0, ascending: there may be others between them.
    pub words: Vec<usize>,
    /// The expression's lemma.
    pub lemma: String,
    /// The lexicographer file of `WordNet`; none for `n.OTHER`, which is no class of `WordNet`.
    pub lexfile: Option<i32>,
}

/// Streams the sentences of a file in CoNLL-U-Lex, which blank lines end.
///
/// An error of a row costs its sentence; one of reading ends the stream. Memory: one sentence, at
/// most [`MAX_SENTENCE`] bytes of it.
#[derive(Debug)]
pub struct LexReader<R> {
    input: R,
    position: Position,
    /// The line that was read, or its start.
    line: Vec<u8>,
    /// Whether that is only its start.
    is_cut: bool,
    /// Read, but not yet given out with a sentence.
    new_document: Option<NewDocument>,
    ended: bool,
}

impl<R: BufRead> LexReader<R> {
    /// A reader from the start of a file.
    pub fn new(input: R) -> Self {
        Self {
            input,
            position: Position {
                byte: 0,
                line: 1,
                record: 0,
            },
            line: Vec::new(),
            is_cut: false,
            new_document: None,
            ended: false,
        }
    }

    /// Where the reader looks for the next sentence.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Reads a line, of which `room` bytes are kept; false at the end of the input.
    fn read_line(&mut self, room: usize) -> io::Result<bool> {
        self.line.clear();
        // Enough for a blank line: that ends a sentence that is too long, too.
        let mut kept = self.input.by_ref().take(room.max(2) as u64);
        kept.read_until(b'\n', &mut self.line)?;
        let mut length = self.line.len() as u64;
        self.is_cut = false;
        let mut ended = self.line.ends_with(b"\n");
        while !ended {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                break;
            }
            let end = memchr::memchr(b'\n', buffer);
            ended = end.is_some();
            let used = end.map_or(buffer.len(), |at| at + 1);
            self.input.consume(used);
            length += used as u64;
            self.is_cut = true;
        }
        if self.position.byte == 0 && self.line.starts_with(BOM) {
            self.line.drain(..BOM.len());
        }
        self.position.byte += length;
        self.position.line += u64::from(ended);
        Ok(length > 0)
    }

    /// The next sentence, if there is one. What is wrong with it is known when it was read.
    fn sentence(&mut self) -> Result<Option<LexSentence>> {
        let mut open = Open::new(self.position);
        let mut room = MAX_SENTENCE;
        loop {
            let at = self.position;
            let more = self.read_line(room).map_err(|reason| {
                self.ended = true;
                let position = self.position;
                Error::Input { position, reason }
            })?;
            self.ended |= !more;
            let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.trim_ascii().is_empty() && !self.is_cut {
                if !more && open.is_empty() {
                    return Ok(None);
                }
                if !open.is_empty() {
                    let started = open.comments.new_document.take();
                    self.new_document = started.or(self.new_document.take());
                    if !more && open.sentence.token.is_empty() && open.fault.is_none() {
                        // Comments without a sentence: the file was cut off there.
                        let fault = Fault::Syntax {
                            expected: "words behind the comments".into(),
                            found: "the end of the file".into(),
                        };
                        open.fault = Some((self.position, fault));
                    }
                    let mut sentence = open.close()?;
                    if !sentence.token.is_empty() {
                        sentence.new_document = self.new_document.take();
                    }
                    return Ok(Some(sentence));
                }
                open = Open::new(self.position);
                continue;
            }
            open.begun = true;
            room -= self.line.len().min(room);
            let read = if room == 0 {
                Err(Fault::Syntax {
                    expected: format!("a blank line within {} MiB", MAX_SENTENCE >> 20),
                    found: "a longer sentence".into(),
                })
            } else {
                open.line(line)
            };
            if let Err(fault) = read {
                open.fault.get_or_insert((at, fault));
            }
        }
    }
}

impl<R: BufRead> Iterator for LexReader<R> {
    type Item = Result<LexSentence>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            match self.sentence() {
                Ok(Some(sentence)) if sentence.token.is_empty() => {}
                Ok(Some(sentence)) => {
                    self.position.record += 1;
                    return Some(Ok(sentence));
                }
                Ok(None) => return None,
                Err(error) => {
                    self.position.record += 1;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

/// A sentence whose lines are read.
struct Open {
    sentence: LexSentence,
    /// What its comments say.
    comments: Sentence,
    /// The expression of several words that each word is of; 0 for none.
    group: Vec<u32>,
    /// For each label, its expression, or the word that it is of alone.
    of: Vec<Of>,
    begun: bool,
    /// The first fault, and the line where it is.
    fault: Option<(Position, Fault)>,
}

/// What a label is of.
enum Of {
    Word(usize),
    Group(u32),
}

impl Open {
    fn new(position: Position) -> Self {
        Self {
            sentence: LexSentence {
                position,
                ..LexSentence::default()
            },
            comments: Sentence::default(),
            group: Vec::new(),
            of: Vec::new(),
            begun: false,
            fault: None,
        }
    }

    fn is_empty(&self) -> bool {
        !self.begun
    }

    fn line(&mut self, line: &[u8]) -> std::result::Result<(), Fault> {
        let line = std::str::from_utf8(line).map_err(|invalid| Fault::Syntax {
            expected: "UTF-8".into(),
            found: format!("the byte 0x{:02x}", line[invalid.valid_up_to()]),
        })?;
        if line.starts_with('#') {
            self.comments.comment(line);
            return Ok(());
        }
        let cells: Vec<&str> = line.split('\t').collect();
        let cells: [&str; COLUMNS] = cells.try_into().map_err(|cells: Vec<_>| {
            syntax(
                "19 columns with tabs between them",
                format_args!("{}", cells.len()),
            )
        })?;
        self.row(&cells)
    }

    fn row(&mut self, cells: &[&str; COLUMNS]) -> std::result::Result<(), Fault> {
        let [id, form, ..] = *cells;
        if id.contains(['-', '.']) {
            return Ok(()); // a range whose words have rows of their own, or an empty node
        }
        let word = self.sentence.token.len();
        if id.parse() != Ok(word + 1) {
            let expected = format!("the id {}", word + 1);
            return Err(syntax(&expected, format_args!("{id:?}")));
        }
        let [upos, group, lemma, supersense] = [cells[3], cells[10], cells[12], cells[13]];
        let group = group_number(group)?;
        self.sentence.token.push(form);
        self.sentence.upos.push(upos);
        self.group.push(group);
        let pos = match supersense.split_at_checked(2) {
            Some(("n.", name)) => Some(("noun", name)),
            Some(("v.", name)) => Some(("verb", name)),
            _ => None,
        };
        let Some((pos, name)) = pos else {
            return Ok(());
        };
        let lexfile = lexfile(pos, name);
        if lexfile.is_none() && !name.eq_ignore_ascii_case("other") {
            return Err(syntax("a supersense", format_args!("{supersense:?}")));
        }
        self.sentence.labels.push(LexLabel {
            words: Vec::new(),
            lemma: lemma.to_owned(),
            lexfile,
        });
        self.of.push(if group == 0 {
            Of::Word(word)
        } else {
            Of::Group(group)
        });
        Ok(())
    }

    fn close(mut self) -> Result<LexSentence> {
        if let Some((position, fault)) = self.fault {
            return Err(Error::Sentence { position, fault });
        }
        for (label, of) in self.sentence.labels.iter_mut().zip(&self.of) {
            label.words = match *of {
                Of::Word(word) => vec![word],
                Of::Group(group) => {
                    let words = self.group.iter().enumerate();
                    let of_group = words.filter(|(_, other)| **other == group);
                    of_group.map(|(word, _)| word).collect()
                }
            };
        }
        self.sentence.sent_id = mem::take(&mut self.comments.sent_id);
        self.sentence.text = mem::take(&mut self.comments.text);
        Ok(self.sentence)
    }
}

/// The number of a strong expression: `2:1` is the first word of the second.
fn group_number(cell: &str) -> std::result::Result<u32, Fault> {
    if cell == "_" {
        return Ok(0);
    }
    let number = cell.split_once(':').and_then(|(group, word)| {
        let word: u32 = word.parse().ok()?;
        group.parse().ok().filter(|&group| group > 0 && word > 0)
    });
    number.ok_or_else(|| {
        syntax(
            "_ or an expression's number, as in 2:1",
            format_args!("{cell:?}"),
        )
    })
}

/// The lexicographer file of a supersense: `PERSON`, `change`. STREUSLE's `NATURALOBJECT` is
/// `WordNet`'s `object`.
fn lexfile(pos: &str, name: &str) -> Option<i32> {
    let name = match name.to_lowercase() {
        name if name == "naturalobject" => "object".to_owned(),
        name if name == "tops" => "Tops".to_owned(),
        name => name,
    };
    lexfile_number(&format!("{pos}.{name}"))
}

fn syntax(expected: &str, found: std::fmt::Arguments<'_>) -> Fault {
    Fault::Syntax {
        expected: expected.to_owned(),
        found: found.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    type Read = std::result::Result<LexSentence, String>;

    /// A row: id, form, tag, expression, lemma of it, supersense.
    fn row(id: &str, form: &str, upos: &str, group: &str, lemma: &str, supersense: &str) -> String {
        let mut cells = vec!["_"; COLUMNS];
        (cells[0], cells[1], cells[3]) = (id, form, upos);
        (cells[10], cells[12], cells[13]) = (group, lemma, supersense);
        cells.join("\t") + "\n"
    }

    fn file() -> String {
        let first = [
            "# newdoc id = d\n# sent_id = d-1\n# text = Rusted it out.\n".into(),
            row("1", "Rusted", "VERB", "1:1", "rust out", "v.stative"),
            row("1.1", "e", "_", "_", "_", "_"),
            row("2", "it", "PRON", "_", "it", "n.OTHER"),
            row("3", "out", "ADP", "1:2", "_", "_"),
        ];
        let second = [row("1", "Stars", "NOUN", "_", "star", "n.NATURALOBJECT")];
        let third = [row("1", "in", "ADP", "_", "in", "p.Locus")];
        [&first[..], &second, &third]
            .map(<[String]>::concat)
            .join("\n")
    }

    fn read(text: &str) -> Vec<Read> {
        let sentences = LexReader::new(text.as_bytes()).map(|s| s.map_err(|e| e.to_string()));
        let sentences: Vec<_> = sentences.collect();
        let one_byte = BufReader::with_capacity(1, text.as_bytes());
        let again = LexReader::new(one_byte).map(|s| s.map_err(|e| e.to_string()));
        assert_eq!(again.collect::<Vec<_>>(), sentences);
        sentences
    }

    #[test]
    fn expressions_and_words_have_their_supersenses() {
        let sentences = read(&file());
        assert_eq!(sentences.len(), 3);
        let label = |words: &[usize], lemma: &str, name: &str| LexLabel {
            words: words.into(),
            lemma: lemma.into(),
            lexfile: lexfile_number(name),
        };
        let first = sentences[0].clone().unwrap();
        let expected = LexSentence {
            position: Position {
                byte: 0,
                line: 1,
                record: 0,
            },
            new_document: Some(NewDocument {
                id: Some("d".into()),
            }),
            sent_id: Some("d-1".into()),
            text: Some("Rusted it out.".into()),
            token: ["Rusted", "it", "out"].into(),
            upos: ["VERB", "PRON", "ADP"].into(),
            labels: vec![
                label(&[0, 2], "rust out", "verb.stative"),
                label(&[1], "it", "none"),
            ],
        };
        assert_eq!(first, expected);
        let second = sentences[1].clone().unwrap();
        assert_eq!(second.labels, [label(&[0], "star", "noun.object")]);
        assert_eq!(sentences[2].clone().unwrap().labels, []);
        let crlf = read(&file().replace('\n', "\r\n"));
        let texts = |found: &[Read]| -> Vec<Vec<LexLabel>> {
            found.iter().map(|s| s.clone().unwrap().labels).collect()
        };
        assert_eq!(texts(&crlf), texts(&sentences));
        let marked = read(&format!("\u{feff}{}", file()));
        assert_eq!(marked[1].clone().unwrap().labels, second.labels);
    }

    #[test]
    fn a_bad_sentence_between_two_good_ones_costs_itself() {
        for (good, bad, message) in [
            ("NATURALOBJECT", "THING", "a supersense, found \"n.THING\""),
            ("1\tStars", "2\tStars", "the id 1, found \"2\""),
            (
                "Stars\t",
                "Stars",
                "19 columns with tabs between them, found 18",
            ),
        ] {
            let text = file().replace(good, bad);
            let found = read(&text);
            let at = text.find("Stars").unwrap() - 2;
            let expected = format!("line 9, byte {at}: expected {message}");
            assert_eq!(found[1], Err(expected));
            assert!(found[0].is_ok() && found[2].is_ok() && found.len() == 3);
        }
        let found = read(&file().replace("1:2", "1;2"));
        let expected = "expected _ or an expression's number, as in 2:1, found \"1;2\"";
        assert!(found[0].clone().unwrap_err().ends_with(expected));
    }

    #[test]
    fn comments_at_the_end_without_a_sentence_are_a_cut_file() {
        let found = read(&[&file()[..], "\n# sent_id = more\n# text = I high"].concat());
        let last = found.last().unwrap().as_ref().unwrap_err();
        assert!(
            last.contains("expected words behind the comments, found the end of the file"),
            "{last}"
        );
    }

    #[test]
    fn a_file_cut_anywhere_gives_the_same_sentences_up_to_there() {
        let whole = read(&file());
        for end in 0..file().len() {
            let cut = read(&file()[..end]);
            let same = cut.iter().zip(&whole).take_while(|(a, b)| a == b).count();
            // Only the last one can differ.
            assert!(cut.len() <= same + 1, "{end}");
        }
    }

    #[test]
    fn a_sentence_too_long_is_an_error_and_the_next_one_is_read() {
        let long = format!("# text = {}\n", "a".repeat(MAX_SENTENCE));
        let text = format!("{long}{}\n{}", row("1", "a", "X", "_", "a", "_"), file());
        let found = read(&text);
        let message = found[0].clone().unwrap_err();
        assert!(message.ends_with("found a longer sentence"), "{message}");
        assert_eq!(found.len(), 4);
        assert!(found[1..].iter().all(Read::is_ok));
    }
}
