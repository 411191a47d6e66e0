//! Rows of datasets for people to read.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use kprep_schemas::{
    AlignedPage, ChoiceExample, ClozeExample, Concept, Dataset, DependencyExample, Entity, Fact,
    LabelExample, LinkExample, Page, PairExample, Property, QuestionExample, Record, Redirect,
    RelationExample, Split, Synset, Triple, TypingExample,
};

use crate::datasets::labels::{self, Labels};
use crate::datasets::relation_table::relation_names;

mod aligned;
mod knowledge;
mod pair;
mod sentence;
mod spans;
mod task;
mod wordnet;

/// Rows whose ids are looked up together.
const TOGETHER: usize = 256;

/// What is done with a row as text.
type Show<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// Shows the first `n` rows of a split, each as text of one line or several.
pub(crate) fn each(dataset: &Dataset, split: Split, n: usize, show: Show) -> Result<()> {
    let rows = Rows { dataset, split, n };
    match dataset.manifest.record.as_str() {
        RelationExample::NAME => {
            let names = relation_names(dataset)?;
            rows.each(show, |row| sentence::relation(row, &names))
        }
        DependencyExample::NAME => rows.each(show, sentence::heads),
        AlignedPage::NAME => rows.each(show, aligned::aligned),
        Entity::NAME => rows.each(show, knowledge::entity),
        Property::NAME => rows.each(show, knowledge::property),
        Triple::NAME => rows.labelled(show, knowledge::triple_ids, knowledge::triple),
        Page::NAME => rows.each(show, knowledge::page),
        Redirect::NAME => rows.each(show, |row: &Redirect| {
            format!("{} -> {}", row.title, row.target)
        }),
        TypingExample::NAME => rows.each(show, task::typing),
        ChoiceExample::NAME => rows.each(show, task::choice),
        QuestionExample::NAME => rows.each(show, task::question),
        ClozeExample::NAME => rows.each(show, task::cloze),
        Synset::NAME => rows.each(show, wordnet::synset),
        Fact::NAME => rows.labelled(show, wordnet::fact_ids, wordnet::fact),
        LabelExample::NAME => rows.each(show, spans::label),
        LinkExample::NAME => rows.each(show, spans::link),
        PairExample::NAME => rows.each(show, pair::pair),
        Concept::NAME => rows.each(show, pair::concept),
        other => bail!(
            "{}: no view of {other} records in this version",
            dataset.dir.display()
        ),
    }
}

/// The first rows of a split.
struct Rows<'a> {
    dataset: &'a Dataset,
    split: Split,
    n: usize,
}

impl Rows<'_> {
    fn each<R: Record>(&self, show: Show, view: impl Fn(&R) -> String) -> Result<()> {
        for row in self.dataset.rows::<R>(self.split)?.take(self.n) {
            show(&view(&row?))?;
        }
        Ok(())
    }

    /// The same with the labels of ids.
    fn labelled<R: Record>(
        &self,
        show: Show,
        ids: impl Fn(&R) -> Vec<String>,
        view: impl Fn(&R, &Labels) -> String,
    ) -> Result<()> {
        let mut rows = self.dataset.rows::<R>(self.split)?.take(self.n);
        loop {
            let some = rows.by_ref().take(TOGETHER);
            let some = some.collect::<kprep_schemas::Result<Vec<R>>>()?;
            if some.is_empty() {
                return Ok(());
            }
            let wanted: BTreeSet<String> = some.iter().flat_map(&ids).collect();
            let labels = labels::beside(self.dataset, &wanted)?;
            for row in &some {
                show(&view(row, &labels))?;
            }
        }
    }
}
