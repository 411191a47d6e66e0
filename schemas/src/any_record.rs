//! One piece of work for records of any type: the only place that lists all of them.

use crate::{
    AlignedPage, ChoiceExample, ClozeExample, Concept, DependencyExample, Entity, Fact,
    LabelExample, LinkExample, Page, PairExample, Property, QuestionExample, Record, Redirect,
    RelationExample, Synset, Triple, TypingExample,
};

/// Names of all record types of datasets.
pub const RECORD_NAMES: [&str; 18] = [
    RelationExample::NAME,
    DependencyExample::NAME,
    AlignedPage::NAME,
    Entity::NAME,
    Property::NAME,
    Triple::NAME,
    Page::NAME,
    Redirect::NAME,
    TypingExample::NAME,
    ChoiceExample::NAME,
    QuestionExample::NAME,
    ClozeExample::NAME,
    Synset::NAME,
    Fact::NAME,
    Concept::NAME,
    PairExample::NAME,
    LabelExample::NAME,
    LinkExample::NAME,
];

/// What can be done with records of any type.
pub trait Work {
    /// What it gives.
    type Output;

    /// Does it for one record type.
    fn run<R: Record>(self) -> Self::Output;
}

/// Does the work for the record type of this name; none if there is no such type in this version.
pub fn for_record<W: Work>(name: &str, work: W) -> Option<W::Output> {
    Some(match name {
        RelationExample::NAME => work.run::<RelationExample>(),
        DependencyExample::NAME => work.run::<DependencyExample>(),
        AlignedPage::NAME => work.run::<AlignedPage>(),
        Entity::NAME => work.run::<Entity>(),
        Property::NAME => work.run::<Property>(),
        Triple::NAME => work.run::<Triple>(),
        Page::NAME => work.run::<Page>(),
        Redirect::NAME => work.run::<Redirect>(),
        TypingExample::NAME => work.run::<TypingExample>(),
        ChoiceExample::NAME => work.run::<ChoiceExample>(),
        QuestionExample::NAME => work.run::<QuestionExample>(),
        ClozeExample::NAME => work.run::<ClozeExample>(),
        Synset::NAME => work.run::<Synset>(),
        Fact::NAME => work.run::<Fact>(),
        Concept::NAME => work.run::<Concept>(),
        PairExample::NAME => work.run::<PairExample>(),
        LabelExample::NAME => work.run::<LabelExample>(),
        LinkExample::NAME => work.run::<LinkExample>(),
        _ => return None,
    })
}
