//! Documents of T-REx as aligned pages: all mentions that their linkers found, and the facts between them.

use std::ops::Range;

use kprep_schemas::AlignedPage;
use kprep_schemas::trex::{Boundaries, Document, Linked, Mention, Triple};
use rustc_hash::FxHashMap;

use crate::offsets::{Offsets, Unit};
use crate::wikidata_id::{object, property, subject};

/// What T-REx's linkers find, by the names that an aligned page has for it.
const LINKERS: [(&str, &str); 6] = [
    ("Wikidata_Spotlight_Entity_Linker", "link"),
    ("Keyword_Matching_Entity_Linker", "name"),
    ("Simple_Coreference", "pronoun"),
    ("Date_Linker", "date"),
    ("Value_Linker", "quantity"),
    ("Wikidata_Property_Linker", "property"),
];
/// Of a linker that is none of these.
const OTHER_LINKER: &str = "name";

/// A document as a page. Words, sentences and entities whose boundaries are not in the text are left out, and
/// facts whose sentence or object, or whose subject if it is not the page's item, has no place there.
///
/// # Errors
/// What the document lacks: an item that it is about, or boundaries of words and sentences.
pub fn page(document: &Document<'_>, linked: &Linked<'_>) -> Result<AlignedPage, &'static str> {
    let about = object(&document.docid);
    if about.kind != "item" {
        return Err("docid is not an item of Wikidata");
    }
    let entity = about.id;
    if document.words_boundaries.is_empty() || document.sentences_boundaries.is_empty() {
        return Err("words_boundaries and sentences_boundaries are missing");
    }
    let offsets = Offsets::new(&document.text);
    let unit = unit(&offsets, linked);
    let spans = |boundaries: &[Boundaries]| -> Vec<(usize, Range<usize>)> {
        let spans = boundaries.iter().enumerate();
        let spans = spans.map(|(number, &one)| Some((number, offsets.span(one, unit)?)));
        spans.flatten().collect()
    };
    let words = spans(&document.words_boundaries);
    let sentences = spans(&document.sentences_boundaries);
    let mentions = Mentions::of(&offsets, unit, linked);
    let title = match &*document.title {
        "" => entity,
        title => title,
    };
    let mut page = AlignedPage {
        id: entity.to_owned(),
        title: title.to_owned(),
        entity: entity.to_owned(),
        text: document.text.clone().into_owned(),
        ..AlignedPage::default()
    };
    push(&mut page.sentence_start, &mut page.sentence_end, &sentences);
    push(&mut page.word_start, &mut page.word_end, &words);
    for ((start, end, id), source) in &mentions.list {
        page.mention_start.push(*start);
        page.mention_end.push(*end);
        page.mention_id.push(id);
        page.mention_source.push(source);
        page.mention_link.push("");
    }
    let at =
        |mention: &Mention<'_>, id: &str| mentions.find(&offsets, unit, mention.boundaries, id);
    for triple in &document.triples {
        add_triple(&mut page, triple, &sentences, at);
    }
    Ok(page)
}

/// Adds a fact; `at` gives the number of a mention. One without a place in the text is left out.
fn add_triple(
    page: &mut AlignedPage,
    triple: &Triple<'_>,
    sentences: &[(usize, Range<usize>)],
    at: impl Fn(&Mention<'_>, &str) -> Option<i32>,
) {
    let about = subject(&triple.subject.uri);
    let from = at(&triple.subject, about).or((about == page.entity).then_some(-1));
    let to = at(&triple.object, object(&triple.object.uri).id);
    let sentence = triple.sentence_id.and_then(|id| usize::try_from(id).ok());
    let sentence = sentences
        .iter()
        .position(|(number, _)| Some(*number) == sentence);
    let relation = property(&triple.predicate.uri);
    if let (Some(from), Some(to), Some(sentence), Some(relation)) = (from, to, sentence, relation) {
        let predicate = at(&triple.predicate, relation).unwrap_or(-1);
        page.triple_subject.push(from);
        page.triple_property.push(relation);
        page.triple_property_mention.push(predicate);
        page.triple_object.push(to);
        page.triple_sentence.push(sentence as i32);
        page.triple_aligner
            .push(triple.annotator.as_deref().unwrap_or_default());
    }
}

fn push(starts: &mut Vec<i32>, ends: &mut Vec<i32>, spans: &[(usize, Range<usize>)]) {
    for (_, span) in spans {
        starts.push(span.start as i32);
        ends.push(span.end as i32);
    }
}

/// What the boundaries count: that by which more entities are what their surface says; code points if both fit.
fn unit(offsets: &Offsets<'_>, linked: &Linked<'_>) -> Unit {
    let fitting = |unit| {
        let entities = linked.entities.iter();
        let fits = entities.filter(|entity| {
            let span = entity.boundaries.and_then(|one| offsets.span(one, unit));
            let found = span.and_then(|span| offsets.slice(&span));
            found.is_some() && found == entity.surfaceform.as_deref()
        });
        fits.count()
    };
    if offsets.units_differ() && fitting(Unit::Utf16) > fitting(Unit::CodePoint) {
        Unit::Utf16
    } else {
        Unit::CodePoint
    }
}

/// The distinct mentions in the order of the file, with numbers.
#[derive(Default)]
struct Mentions {
    list: Vec<(Key, &'static str)>,
    numbers: FxHashMap<Key, i32>,
}

/// Start, end, and what is mentioned there.
type Key = (i32, i32, String);

impl Mentions {
    fn of(offsets: &Offsets<'_>, unit: Unit, linked: &Linked<'_>) -> Self {
        let mut mentions = Self::default();
        for entity in &linked.entities {
            let span = entity.boundaries.and_then(|one| offsets.span(one, unit));
            let Some(span) = span else { continue };
            let finder = entity.annotator.as_deref().unwrap_or_default();
            let known = LINKERS.iter().find(|(name, _)| *name == finder);
            let source = known.map_or(OTHER_LINKER, |(_, source)| source);
            let key = (
                span.start as i32,
                span.end as i32,
                id(&entity.uri).to_owned(),
            );
            let next = mentions.list.len() as i32;
            if *mentions.numbers.entry(key.clone()).or_insert(next) == next {
                mentions.list.push((key, source));
            }
        }
        mentions
    }

    fn find(
        &self,
        offsets: &Offsets<'_>,
        unit: Unit,
        boundaries: Option<Boundaries>,
        id: &str,
    ) -> Option<i32> {
        let span = offsets.span(boundaries?, unit)?;
        let key = (span.start as i32, span.end as i32, id.to_owned());
        self.numbers.get(&key).copied()
    }
}

/// An item, a property, or the value of a literal.
fn id(uri: &str) -> &str {
    property(uri).unwrap_or_else(|| object(uri).id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"docid": "http://www.wikidata.org/entity/Q70", "title": "Bern",
        "text": "TEXT Bern is in Switzerland.", "sentences_boundaries": [[0, END]], "words_boundaries": WORDS,
        "entities": [
            {"uri": "http://www.wikidata.org/entity/Q39", "boundaries": OBJECT, "surfaceform": "Switzerland",
             "annotator": "Wikidata_Spotlight_Entity_Linker"},
            {"uri": "http://www.wikidata.org/entity/Q70", "boundaries": SUBJECT, "surfaceform": "Bern",
             "annotator": "Someone"},
            {"uri": "http://www.wikidata.org/entity/Q1", "boundaries": null, "surfaceform": "nowhere"}],
        "triples": [
            {"sentence_id": 0, "annotator": "SPOAligner",
             "subject": {"uri": "http://www.wikidata.org/entity/Q70", "boundaries": SUBJECT},
             "predicate": {"uri": "http://www.wikidata.org/prop/direct/P17"},
             "object": {"uri": "http://www.wikidata.org/entity/Q39", "boundaries": OBJECT}},
            {"sentence_id": 0, "annotator": "NoSubject-Triple-aligner",
             "subject": {"uri": "http://www.wikidata.org/entity/Q70", "boundaries": null},
             "predicate": {"uri": "http://www.wikidata.org/prop/direct/P17"},
             "object": {"uri": "http://www.wikidata.org/entity/Q39", "boundaries": OBJECT}},
            {"sentence_id": 0,
             "subject": {"uri": "http://www.wikidata.org/entity/Q70", "boundaries": SUBJECT},
             "predicate": {"uri": "http://www.wikidata.org/prop/direct/P17"},
             "object": {"uri": "http://www.wikidata.org/entity/Q39", "boundaries": null}}]}"#;

    fn read(json: &str) -> Result<AlignedPage, &'static str> {
        page(
            &serde_json::from_str(json).unwrap(),
            &serde_json::from_str(json).unwrap(),
        )
    }

    /// The document behind a text that counts `before` units.
    fn document(text: &str, before: usize) -> String {
        let at = |start: usize, end: usize| format!("[{}, {}]", before + start, before + end);
        let words = [at(1, 5), at(6, 8), at(9, 11), at(12, 23)].join(", ");
        DOCUMENT
            .replace("TEXT", text)
            .replace("END", &(before + 24).to_string())
            .replace("WORDS", &format!("[[0, {before}], {words}]"))
            .replace("SUBJECT", &at(1, 5))
            .replace("OBJECT", &at(12, 23))
    }

    #[test]
    fn a_document_is_a_page() {
        let page = read(&document("In", 2)).unwrap();
        assert_eq!((&*page.entity, &*page.title), ("Q70", "Bern"));
        let ids: Vec<&str> = page.mention_id.iter().collect();
        assert_eq!(ids, ["Q39", "Q70"]);
        let sources: Vec<&str> = page.mention_source.iter().collect();
        assert_eq!(sources, ["link", "name"]);
        assert_eq!((page.mention_start[1], page.mention_end[0]), (3, 25));
        assert_eq!(page.triple_subject, [1, -1]);
        assert_eq!(page.triple_object, [0, 0]);
        assert_eq!(page.triple_property_mention, [-1, -1]);
        assert_eq!((page.word_start.len(), page.sentence_end[0]), (5, 26));
    }

    #[test]
    fn boundaries_in_utf16_units_become_code_points() {
        let points = read(&document("🂡", 1)).unwrap();
        let units = read(&document("🂡", 2)).unwrap();
        assert_eq!(points, units);
        assert_eq!(points.mention_start, [13, 2]);
    }

    #[test]
    fn boundaries_outside_the_text_are_left_out() {
        let json = document("In", 2);
        let page = read(&json.replace("[[0, 2], ", "[[0, 2], [90, 99], ")).unwrap();
        assert_eq!(Ok(page), read(&json));
        let page = read(&json.replace("[[0, 26]]", "[[-1, 26], [0, 26]]")).unwrap();
        assert_eq!((page.sentence_start.len(), page.triples()), (1, 0));
    }

    #[test]
    fn what_a_page_cannot_be_without() {
        let json = document("In", 2);
        for (from, to, fault) in [
            (
                "entity/Q70\", \"title",
                "x/y\", \"title",
                "docid is not an item of Wikidata",
            ),
            (
                "http://www.wikidata.org/entity/Q70\", \"title",
                "Quiz\", \"title",
                "docid is not an item of Wikidata",
            ),
            (
                "[[0, 26]]",
                "[]",
                "words_boundaries and sentences_boundaries are missing",
            ),
        ] {
            assert_eq!(read(&json.replace(from, to)), Err(fault));
        }
    }
}
