//! Facts between the mentions of a sentence: the three aligners of T-REx.

use std::ops::Range;

use super::mention::{Key, Mention, Source, Target};

/// A fact that stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundTriple {
    /// Number of a mention; `None` where the page's item is meant and not mentioned.
    pub(super) subject: Option<usize>,
    pub(super) property: u16,
    /// Number of a mention of a property.
    pub(super) property_mention: Option<usize>,
    /// Number of a mention.
    pub(super) object: usize,
    pub(super) sentence: usize,
    pub(super) aligner: Aligner,
}

/// Who found a triple, in the order in which T-REx lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aligner {
    /// The page's item is the subject of every sentence, and the object is mentioned in it.
    NoSubject,
    /// Any two mentions of a sentence.
    AllEntities,
    /// Two mentions and a name of the property.
    SubjectPropertyObject,
}

impl Aligner {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NoSubject => "NoSubject-Triple-aligner",
            Self::AllEntities => "Simple-Aligner",
            Self::SubjectPropertyObject => "SPOAligner",
        }
    }
}

/// The facts of a page: subject, object, property; sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PageFacts(Vec<(u32, Key, u16)>);

impl PageFacts {
    pub(super) fn new(mut facts: Vec<(u32, Key, u16)>) -> Self {
        facts.sort_unstable();
        Self(facts)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn between(&self, subject: u32, object: Key) -> impl Iterator<Item = u16> {
        let start = self
            .0
            .partition_point(|fact| (fact.0, fact.1) < (subject, object));
        let facts = self.0[start..].iter();
        facts
            .take_while(move |fact| (fact.0, fact.1) == (subject, object))
            .map(|fact| fact.2)
    }
}

/// What the aligners look at.
pub(super) struct Scene<'a> {
    /// The item that the page is about.
    pub(super) item: u32,
    /// Mentions by their place.
    pub(super) mentions: &'a [Mention],
    /// Names of properties by their place.
    pub(super) properties: &'a [(Range<usize>, u16)],
    pub(super) facts: &'a PageFacts,
}

/// The triples of all sentences, first those of `NoSubject`, then `AllEntities`, then
/// `SubjectPropertyObject`, each from left to right.
pub(super) fn triples(
    scene: &Scene<'_>,
    sentences: impl Iterator<Item = Range<usize>>,
) -> Vec<FoundTriple> {
    let keys: Vec<Key> = scene.mentions.iter().map(|m| m.target.key()).collect();
    let mut found = Vec::new();
    for (number, sentence) in sentences.enumerate() {
        let start = scene
            .mentions
            .partition_point(|m| m.points.start < sentence.start);
        let inside: Vec<usize> = scene.mentions[start..]
            .iter()
            .take_while(|m| m.points.start < sentence.end)
            .zip(start..)
            .filter(|(mention, _)| mention.points.end <= sentence.end)
            .map(|(_, i)| i)
            .collect();
        no_subject(scene, number, &inside, &keys, &mut found);
        pairs(scene, number, &sentence, &inside, &keys, &mut found);
    }
    found.sort_by_key(|triple| triple.aligner); // stable
    found
}

/// As in T-REx, the subject is the first mention of the page's item by name, if there is one:
/// pronouns are no names.
fn no_subject(
    scene: &Scene<'_>,
    sentence: usize,
    inside: &[usize],
    keys: &[Key],
    found: &mut Vec<FoundTriple>,
) {
    let is_name = |i: usize| scene.mentions[i].source != Source::Pronoun;
    let page = Target::Item(scene.item);
    let subject = inside
        .iter()
        .copied()
        .filter(|&i| is_name(i))
        .find(|&i| scene.mentions[i].target == page);
    for &object in inside.iter().filter(|&&i| is_name(i) && Some(i) != subject) {
        for property in scene.facts.between(scene.item, keys[object]) {
            found.push(FoundTriple {
                subject,
                property,
                property_mention: None,
                object,
                sentence,
                aligner: Aligner::NoSubject,
            });
        }
    }
}

fn pairs(
    scene: &Scene<'_>,
    sentence: usize,
    place: &Range<usize>,
    inside: &[usize],
    keys: &[Key],
    found: &mut Vec<FoundTriple>,
) {
    let start = scene
        .properties
        .partition_point(|p| p.0.start < place.start);
    let named: Vec<_> = scene.properties[start..]
        .iter()
        .zip(start..)
        .take_while(|((points, _), _)| points.start < place.end)
        .filter(|((points, _), _)| points.end <= place.end)
        .collect();
    for &subject in inside {
        let Target::Item(item) = scene.mentions[subject].target else {
            continue;
        };
        for &object in inside.iter().filter(|&&object| object != subject) {
            for property in scene.facts.between(item, keys[object]) {
                let triple = FoundTriple {
                    subject: Some(subject),
                    property,
                    property_mention: None,
                    object,
                    sentence,
                    aligner: Aligner::AllEntities,
                };
                for ((_, _), mention) in named.iter().filter(|((_, name), _)| *name == property) {
                    found.push(FoundTriple {
                        property_mention: Some(*mention),
                        aligner: Aligner::SubjectPropertyObject,
                        ..triple.clone()
                    });
                }
                found.push(triple);
            }
        }
    }
}
