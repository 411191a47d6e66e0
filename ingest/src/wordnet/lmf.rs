//! WN-LMF: wordnets as XML, in the versions 1.0 to 1.4 of the Global WordNet Association's DTD.

use std::io::BufRead;

use kprep_schemas::Position;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error as XmlError, Reader};

use super::error::{WordNetError, WordNetResult};
use super::lmf_xml::{Element, resolve, version};
use super::placed::{Place, Placed};
use super::{LmfEntry, LmfItem};

/// A longer entry or synset is refused.
pub const MAX_LMF_ITEM: u64 = 16 << 20;

/// Reads lexicon, entries and synsets in the order of the file. Memory: one of them, of at most
/// [`MAX_LMF_ITEM`] bytes.
///
/// An entry or synset that lacks what the DTD requires is one error; the stream goes on after it. XML
/// that is not well-formed, another root than `LexicalResource`, another version and a `LexiconExtension`
/// end it.
pub struct LmfReader<R> {
    xml: Reader<Placed<R>>,
    place: Place,
    buffer: Vec<u8>,
    text: String,
    depth: usize,
    /// The entry or synset under way, and where it starts.
    item: Option<(Position, LmfItem)>,
    /// Whether a sense of the entry is open.
    in_sense: bool,
    /// What is wrong with the item.
    fault: Option<WordNetError>,
    records: u64,
    done: bool,
}

/// What an event ends.
type Ended = Option<Outcome>;

/// An item, or what is wrong with it.
type Outcome = WordNetResult<(Position, LmfItem)>;

impl<R: BufRead> LmfReader<R> {
    /// Reads from the start of a file.
    pub fn new(input: R) -> Self {
        let input = Placed::new(input, MAX_LMF_ITEM);
        let place = input.place();
        Self {
            xml: Reader::from_reader(input),
            place,
            buffer: Vec::new(),
            text: String::new(),
            depth: 0,
            item: None,
            in_sense: false,
            fault: None,
            records: 0,
            done: false,
        }
    }

    fn read(&mut self) -> Ended {
        loop {
            let at = self.place.get();
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let ended = match self.xml.read_event_into(&mut buffer) {
                Ok(Event::Eof) => return self.end_of_file(at),
                Ok(event) => self.event(&event, at),
                Err(XmlError::Io(source)) => {
                    let source = std::io::Error::new(source.kind(), source.to_string());
                    let position = self.place.get();
                    Some(self.fatal(WordNetError::Read { position, source }))
                }
                Err(error) => Some(self.fatal(WordNetError::syntax(
                    at,
                    "well-formed XML",
                    error.to_string(),
                ))),
            };
            self.buffer = buffer;
            if ended.is_some() {
                return ended;
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, at: Position) -> Ended {
        match event {
            Event::DocType(text) => {
                let found = version(text)?;
                let expected = "WN-LMF 1.0 to 1.4";
                Some(self.fatal(WordNetError::syntax(at, expected, found)))
            }
            Event::Start(tag) => {
                let refused = self.start(tag, at);
                self.depth += 1;
                refused
            }
            Event::Empty(tag) => self.start(tag, at).or_else(|| self.end(tag.name().0)),
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag.name().0)
            }
            Event::Text(text) => {
                let text = text.xml10_content();
                if self.depth == 0 && !text.trim().is_empty() {
                    let found = text.trim().chars().take(20).collect::<String>();
                    let expected = "no text outside of <LexicalResource>";
                    return Some(self.fatal(WordNetError::syntax(at, expected, found)));
                }
                self.text.push_str(&text);
                None
            }
            Event::CData(text) => {
                self.text.push_str(&text.xml10_content());
                None
            }
            Event::GeneralRef(entity) => {
                if let Some(text) = resolve(entity) {
                    self.text.push_str(&text);
                    return None;
                }
                let found = format!("&{};", &**entity);
                Some(self.fatal(WordNetError::syntax(at, "an entity of XML", found)))
            }
            _ => None,
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, at: Position) -> Ended {
        self.text.clear();
        let name = tag.name().0;
        if self.depth == 0 && name != "LexicalResource" {
            let found = format!("<{name}>");
            return Some(self.fatal(WordNetError::syntax(
                at,
                "<LexicalResource> of WN-LMF",
                found,
            )));
        }
        match name {
            "LexiconExtension" => {
                let expected = "a Lexicon: an extension has no words of its own lexicon";
                Some(self.fatal(WordNetError::syntax(at, expected, "a LexiconExtension")))
            }
            "Lexicon" => {
                let lexicon = self.tag(tag, at).lexicon();
                Some(self.finish(at, LmfItem::Lexicon(lexicon)))
            }
            "LexicalEntry" => {
                let id = self.tag(tag, at).required("id");
                let entry = LmfEntry {
                    id,
                    ..LmfEntry::default()
                };
                self.begin(at, LmfItem::Entry(entry));
                None
            }
            "Synset" => {
                let synset = self.tag(tag, at).synset();
                self.begin(at, LmfItem::Synset(synset));
                None
            }
            _ => {
                self.inside(name, tag, at);
                None
            }
        }
    }

    /// An element of an entry or a synset.
    fn inside(&mut self, name: &str, tag: &BytesStart<'_>, at: Position) {
        let Some((start, mut item)) = self.item.take() else {
            return;
        };
        match (&mut item, name) {
            (LmfItem::Entry(entry), "Lemma") => {
                entry.lemma = self.tag(tag, at).required("writtenForm");
                entry.pos = self.tag(tag, at).required("partOfSpeech");
            }
            (LmfItem::Entry(entry), "Form") => {
                let form = self.tag(tag, at).required("writtenForm");
                entry.forms.push(&form);
            }
            (LmfItem::Entry(entry), "Sense") => {
                self.in_sense = true;
                let sense = self.tag(tag, at).sense();
                entry.senses.push(sense);
            }
            (LmfItem::Entry(entry), "SenseRelation") => {
                let relation = self.tag(tag, at).relation();
                if let Some(sense) = entry.senses.last_mut().filter(|_| self.in_sense) {
                    sense.relations.push(relation);
                }
            }
            (LmfItem::Synset(synset), "SynsetRelation") => {
                let relation = self.tag(tag, at).relation();
                synset.relations.push(relation);
            }
            _ => {}
        }
        self.item = Some((start, item));
    }

    fn end(&mut self, name: &str) -> Ended {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text.clear();
        let at = self.place.get();
        let (start, item) = self.item.as_mut()?;
        match (&mut *item, name) {
            (LmfItem::Entry(_), "LexicalEntry") | (LmfItem::Synset(_), "Synset") => {
                let start = *start;
                let (_, item) = self.item.take()?;
                if let LmfItem::Entry(entry) = &item
                    && entry.lemma.is_empty()
                {
                    let found = format!("the entry {} without one", entry.id);
                    self.fail(start, "a Lemma", found);
                }
                return Some(self.finish(start, item));
            }
            (LmfItem::Entry(_), "Sense") => self.in_sense = false,
            (LmfItem::Entry(entry), "Count") => {
                if let Some(sense) = entry.senses.last_mut().filter(|_| self.in_sense) {
                    match text.parse::<u32>() {
                        Ok(count) => sense.count = sense.count.saturating_add(count),
                        Err(_) => self.fail(at, "a number in Count", format!("{text:?}")),
                    }
                }
            }
            (LmfItem::Entry(entry), "Example") => {
                if let Some(sense) = entry.senses.last_mut().filter(|_| self.in_sense) {
                    sense.examples.push(&text);
                }
            }
            (LmfItem::Synset(synset), "Definition") => synset.definitions.push(&text),
            (LmfItem::Synset(synset), "Example") => synset.examples.push(&text),
            _ => {}
        }
        None
    }

    fn tag<'a>(&'a mut self, tag: &'a BytesStart<'a>, at: Position) -> Element<'a> {
        Element {
            tag,
            at,
            fault: &mut self.fault,
        }
    }

    fn begin(&mut self, at: Position, item: LmfItem) {
        // An entry in an entry is none of WN-LMF's; the one under way is lost with a message.
        if self.item.is_some() {
            self.fail(
                at,
                "the end of an entry or a synset",
                "the start of another".into(),
            );
        }
        self.in_sense = false;
        self.item = Some((at, item));
    }

    fn finish(&mut self, start: Position, item: LmfItem) -> Outcome {
        self.place.limit(MAX_LMF_ITEM);
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.records += 1;
        let record = self.records;
        Ok((Position { record, ..start }, item))
    }

    fn fatal(&mut self, error: WordNetError) -> Outcome {
        self.done = true;
        Err(error)
    }

    /// The first fault of an item is the one that is told.
    fn fail(&mut self, at: Position, expected: &str, found: String) {
        let fault = WordNetError::syntax(at, expected, found);
        self.fault.get_or_insert(fault);
    }

    fn end_of_file(&mut self, at: Position) -> Ended {
        self.done = true;
        let expected = if self.depth > 0 {
            "the end of <LexicalResource>"
        } else if self.records == 0 {
            "<LexicalResource> with a Lexicon"
        } else {
            return None;
        };
        Some(Err(WordNetError::syntax(
            at,
            expected,
            "the end of the file",
        )))
    }
}

impl<R: BufRead> Iterator for LmfReader<R> {
    type Item = WordNetResult<(Position, LmfItem)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        self.read()
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE LexicalResource SYSTEM \"http://globalwordnet.github.io/schemas/WN-LMF-1.1.dtd\">
<LexicalResource xmlns:dc=\"https://globalwordnet.github.io/schemas/dc/\">
<Lexicon id=\"ex\" label=\"Example\" language=\"en\" email=\"a@b\" license=\"CC0\" version=\"1\">
";
    const END: &str = "</Lexicon>\n</LexicalResource>\n";
    const ENTRY: &str = "<LexicalEntry id=\"ex-goose-n\">
  <Lemma writtenForm=\"goose\" partOfSpeech=\"n\"/><Form writtenForm=\"geese\"/>
  <Sense id=\"ex-1\" synset=\"ex-1-n\" n=\"2\" dc:identifier=\"goose%1:05:00::\">
    <SenseRelation relType=\"antonym\" target=\"ex-2\"/><SenseRelation relType=\"other\" dc:type=\"like\" target=\"ex-2\"/>
    <Example>a &lt;goose&gt;\n  &#38; more</Example><Count>3</Count><Count>4</Count>
  </Sense>
</LexicalEntry>
";
    const SYNSET: &str = "<Synset id=\"ex-1-n\" ili=\"i1\" partOfSpeech=\"n\" lexfile=\"noun.animal\" members=\"ex-1 ex-2\">
  <Definition>a big bird</Definition><SynsetRelation relType=\"hypernym\" target=\"ex-2-n\"/>
  <Example>hiss</Example>
</Synset>
";

    fn read(text: &str, buffer: usize) -> Vec<Result<(u64, LmfItem), String>> {
        let items = LmfReader::new(BufReader::with_capacity(buffer, text.as_bytes()));
        let items = items.map(|item| item.map(|(at, item)| (at.line, item)));
        items.map(|item| item.map_err(|e| e.to_string())).collect()
    }

    #[test]
    fn a_lexicon_an_entry_and_a_synset() {
        let text = format!("{START}{ENTRY}{SYNSET}{END}");
        let items = read(&text, 4096);
        assert_eq!(items, read(&text, 1));
        let crlf: Vec<_> = read(&text.replace('\n', "\r\n"), 7);
        assert_eq!(items.len(), crlf.len());
        let items: Vec<_> = items.into_iter().map(Result::unwrap).collect();
        let [
            (_, LmfItem::Lexicon(lexicon)),
            (5, LmfItem::Entry(entry)),
            (13, LmfItem::Synset(synset)),
        ] = &*items
        else {
            panic!("{items:?}");
        };
        assert_eq!((&*lexicon.id, &*lexicon.license), ("ex", "CC0"));
        assert_eq!((&*entry.lemma, &*entry.pos), ("goose", "n"));
        assert_eq!(entry.forms, ["geese"]);
        let sense = &entry.senses[0];
        assert_eq!((sense.number, sense.count), (Some(2), 7));
        assert_eq!(sense.identifier.as_deref(), Some("goose%1:05:00::"));
        assert_eq!(sense.examples, ["a <goose> & more"]);
        let relations: Vec<&str> = sense.relations.iter().map(|r| &*r.relation).collect();
        assert_eq!(relations, ["antonym", "like"]);
        assert_eq!(synset.lexfile.as_deref(), Some("noun.animal"));
        assert_eq!(synset.members, ["ex-1", "ex-2"]);
        assert_eq!(
            (&synset.definitions, &synset.examples),
            (&["a big bird"].into(), &["hiss"].into())
        );
        assert_eq!(synset.relations[0].target, "ex-2-n");
    }

    #[test]
    fn a_bad_synset_between_two_good_ones_costs_itself() {
        let bad = SYNSET.replace("target=\"ex-2-n\"", "");
        let items = read(&format!("{START}{SYNSET}{bad}{SYNSET}{END}"), 3);
        assert_eq!(items.len(), 4);
        let message = items[2].clone().unwrap_err();
        let expected = "expected SynsetRelation with the attribute target, \
                        found <SynsetRelation relType=\"hypernym\">";
        assert!(message.starts_with("line 10, byte "), "{message}");
        assert!(message.ends_with(expected), "{message}");
        assert!(items[3].is_ok());
    }

    #[test]
    fn other_files_other_versions_and_extensions_are_refused() {
        let refused = |text: &str| {
            let last = read(text, 5).pop().unwrap().unwrap_err();
            last.split_once(": ").unwrap().1.to_owned()
        };
        let whole = format!("{START}{ENTRY}{END}");
        assert_eq!(
            refused(&whole.replace("LMF-1.1", "LMF-2.0")),
            "expected WN-LMF 1.0 to 1.4, found WN-LMF 2.0"
        );
        assert_eq!(
            refused("<html><body/></html>"),
            "expected <LexicalResource> of WN-LMF, found <html>"
        );
        assert_eq!(
            refused(&whole.replace("<Lexicon ", "<LexiconExtension ")),
            "expected a Lexicon: an extension has no words of its own lexicon, found a LexiconExtension"
        );
        assert_eq!(
            refused(&format!("{START}{ENTRY}")),
            "expected the end of <LexicalResource>, found the end of the file"
        );
        assert_eq!(
            refused(&format!("{whole}and more")),
            "expected no text outside of <LexicalResource>, found and more"
        );
        assert_eq!(
            refused(""),
            "expected <LexicalResource> with a Lexicon, found the end of the file"
        );
        let broken = refused(&whole.replace("</LexicalEntry>", "</Entry>"));
        assert!(
            broken.starts_with("expected well-formed XML, found "),
            "{broken}"
        );
    }

    #[test]
    fn a_file_may_be_cut_anywhere() {
        let text = format!("{START}{ENTRY}{SYNSET}{END}");
        for end in 0..text.len() - "</LexicalResource>\n".len() {
            let last = read(&text[..end], 4096).pop();
            assert!(last.is_some_and(|last| last.is_err()), "cut at {end}");
        }
    }
}
