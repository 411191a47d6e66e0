//! Valid rows, for tests.
//!
//! Not every program that includes this file uses all of them.
#![allow(dead_code)]

use kprep_schemas::{
    AlignedPage, Concept, Fact, LabelExample, LinkExample, PairExample, RelationExample, Synset,
};

/// `Zoë saw the Río Grande .`, and that P1 is between the two.
pub(crate) fn example() -> RelationExample {
    RelationExample {
        id: "0123".into(),
        doc_id: "Q1".into(),
        title: "Zoë".into(),
        text: "Zoë saw the Río Grande .".into(),
        token: ["Zoë", "saw", "the", "Río", "Grande", "."].into(),
        subj_start: 0,
        subj_end: 0,
        obj_start: 3,
        obj_end: 4,
        subj_char_start: 0,
        subj_char_end: 3,
        obj_char_start: 12,
        obj_char_end: 22,
        subj_id: "Q1".into(),
        obj_id: "Q2".into(),
        obj_type: "item".into(),
        relation: "P1".into(),
        label: Some(0),
        aligners: ["AllEnt", "SPO"].into(),
    }
}

/// `Bern is in Switzerland. 🂡`, and that its country is Switzerland.
pub(crate) fn page() -> AlignedPage {
    AlignedPage {
        id: "12".into(),
        revision: Some(7),
        title: "Bern".into(),
        entity: "Q70".into(),
        text: "🂡 Bern is in Switzerland.".into(),
        sentence_start: vec![2],
        sentence_end: vec![25],
        word_start: vec![0, 2, 7, 10, 13, 24],
        word_end: vec![1, 6, 9, 12, 24, 25],
        mention_start: vec![2, 13, 10],
        mention_end: vec![6, 24, 12],
        mention_id: ["Q70", "Q39", "P17"].into(),
        mention_source: ["name", "link", "property"].into(),
        mention_link: ["", "Switzerland", ""].into(),
        triple_subject: vec![-1, 0],
        triple_property: ["P17", "P17"].into(),
        triple_property_mention: vec![-1, 2],
        triple_object: vec![1, 1],
        triple_sentence: vec![0, 0],
        triple_aligner: ["NoSubject-Triple-aligner", "SPOAligner"].into(),
    }
}

/// Geese.
pub(crate) fn synset() -> Synset {
    Synset {
        id: "00000100-n".into(),
        pos: "n".into(),
        lexfile: 5,
        word: ["goose", "grey goose"].into(),
        sense_key: ["goose%1:05:00::", "grey_goose%1:05:00::"].into(),
        sense_number: vec![1, 1],
        tag_count: vec![4, 0],
        form: ["geese"].into(),
        form_word: vec![0],
        gloss: "a large bird that swims".into(),
        example: ["the goose hissed"].into(),
    }
}

/// Geese are birds.
pub(crate) fn fact() -> Fact {
    Fact {
        head: "00000100-n".into(),
        relation: "hypernym".into(),
        tail: "00000200-n".into(),
        source: "WordNet 3.1".into(),
    }
}

/// The disease that geese catch.
pub(crate) fn concept() -> Concept {
    Concept {
        id: "DOID:1".into(),
        label: "goose flu".into(),
        names: ["flu of geese", "grippe"].into(),
        types: ["disease"].into(),
        description: "what geese catch".into(),
        count: 3,
    }
}

/// A goose and a bird, which are related.
pub(crate) fn pair() -> PairExample {
    PairExample {
        id: "7".into(),
        group: "goose".into(),
        first: "goose".into(),
        second: "bird".into(),
        first_id: "goose".into(),
        second_id: "bird".into(),
        relation_id: "hypernym".into(),
        label: 1,
        class: "related".into(),
        ..PairExample::default()
    }
}

/// `The goose met a gander .`, where the goose may be an animal or food.
pub(crate) fn label() -> LabelExample {
    LabelExample {
        id: "8".into(),
        doc_id: "geese".into(),
        text: "The goose met a gander .".into(),
        token: ["The", "goose", "met", "a", "gander", "."].into(),
        span_start: vec![1, 4],
        span_end: vec![1, 4],
        span_lemma: ["goose", "gander"].into(),
        span_id: ["", ""].into(),
        span_was: ["", ""].into(),
        class_span: vec![0, 0, 1],
        label: vec![0, 1, 0],
        class: ["noun.animal", "noun.food", "noun.animal"].into(),
    }
}

/// `Bern is old .`, where Bern is a town or a canton.
pub(crate) fn link() -> LinkExample {
    LinkExample {
        id: "9".into(),
        doc_id: "12".into(),
        text: "Bern is old .".into(),
        token: ["Bern", "is", "old", "."].into(),
        span_start: vec![0],
        span_end: vec![0],
        entity: ["Q70"].into(),
        candidate_span: vec![0, 0],
        candidate: ["Q70", "Q11911"].into(),
        prior: vec![0.75, 0.25],
    }
}
