//! What the card of a dataset that is made of others takes from theirs.

use std::fs;

use kprep_schemas::{
    Card, ChoiceExample, ClozeExample, Dataset, DependencyExample, LabelExample, LinkExample,
    PairExample, QuestionExample, Record, RelationExample, TypingExample, languages,
};

/// Licences that a card of kprep's can name.
const LICENSES: [&str; 3] = ["cc-by-sa-4.0", "cc0-1.0", "cc-by-4.0"];

/// The card of a dataset of rows of these, which are of one record type; its text is still missing.
pub(crate) fn card(datasets: &[Dataset], command_line: Vec<String>) -> Card {
    let (title, task_categories) = title(&datasets[0].manifest.record);
    let tags = datasets
        .iter()
        .flat_map(|dataset| &dataset.manifest.languages);
    Card {
        title: title.to_owned(),
        languages: languages(tags.map(String::as_str)),
        license: license(datasets),
        task_categories,
        command_line,
        ..Card::default()
    }
}

/// The licence that all of the datasets' cards name, else `other`.
pub(crate) fn license(datasets: &[Dataset]) -> &'static str {
    let mut named = datasets.iter().map(|dataset| {
        let card = fs::read_to_string(dataset.dir.join("README.md")).unwrap_or_default();
        let license = card.lines().find_map(|line| line.strip_prefix("license: "));
        LICENSES.into_iter().find(|known| license == Some(known))
    });
    let first = named.next().flatten();
    first
        .filter(|_| named.all(|license| license == first))
        .unwrap_or("other")
}

/// The section of a dataset's card under this heading, with the heading; empty where there is none.
pub(crate) fn section(dataset: &Dataset, heading: &str) -> String {
    let card = fs::read_to_string(dataset.dir.join("README.md")).unwrap_or_default();
    let heading = format!("## {heading}\n");
    let found = card.find(&format!("\n{heading}")).map(|at| &card[at + 1..]);
    let section = found.unwrap_or_default();
    let end = section.find("\n## ").map_or(section.len(), |end| end + 1);
    section[..end].to_owned()
}

/// A heading, and the task categories of the Hugging Face hub.
pub(crate) fn title(record: &str) -> (&str, &'static [&'static str]) {
    match record {
        RelationExample::NAME => ("Relation classification", &["text-classification"]),
        DependencyExample::NAME => ("Dependency heads", &["token-classification"]),
        TypingExample::NAME => ("Entity typing", &["token-classification"]),
        ChoiceExample::NAME => ("Multiple choice", &["multiple-choice"]),
        QuestionExample::NAME => ("Open-domain questions", &["question-answering"]),
        ClozeExample::NAME => ("Cloze queries", &["fill-mask"]),
        LabelExample::NAME => ("Classes of spans", &["token-classification"]),
        LinkExample::NAME => ("Entity linking", &["token-classification"]),
        PairExample::NAME => ("Pairs of phrases", &["text-classification"]),
        name => (name, &[]),
    }
}
