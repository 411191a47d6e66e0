//! What a model gets right and wrong: the confusion, each class, and examples.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kprep_report::{Heat, Section, Table as Numbers, percent};
use kprep_schemas::{Share, thousands};

/// Classes that the confusion has rows and columns of.
const CLASSES: usize = 12;

/// Examples that are shown of each kind.
const EXAMPLES: usize = 8;

/// A row of the dataset, and what the model says of it.
pub struct Judged {
    /// The row for people.
    pub text: String,
    /// Its class.
    pub right: usize,
    /// The class that the model gives it.
    pub said: usize,
    /// How sure the model is.
    pub probability: f64,
}

/// What a model says of rows.
pub struct Judgements {
    /// The split that they are of.
    pub split: &'static str,
    /// The classes.
    pub names: Vec<String>,
    /// The rows.
    pub rows: Vec<Judged>,
}

/// All parts of the page about predictions.
pub(super) fn sections(judgements: &Judgements) -> Vec<Section> {
    let [right, wrong] = examples(judgements);
    vec![confusion(judgements), classes(judgements), right, wrong]
}

/// What the rows of the most frequent classes are taken for.
fn confusion(judgements: &Judgements) -> Section {
    let mut rows: BTreeMap<usize, u64> = BTreeMap::new();
    for row in &judgements.rows {
        *rows.entry(row.right).or_default() += 1;
    }
    let mut first: Vec<(usize, u64)> = rows.into_iter().collect();
    first.sort_by_key(|&(class, count)| (Reverse(count), class));
    first.truncate(CLASSES);
    let place = |class: usize| first.iter().position(|&(other, _)| other == class);
    let mut counts = vec![vec![0; first.len() + 1]; first.len()];
    for row in &judgements.rows {
        if let Some(i) = place(row.right) {
            counts[i][place(row.said).unwrap_or(first.len())] += 1;
        }
    }
    let name = |class: usize| judgements.names.get(class).map_or("", String::as_str);
    let has_others = counts.iter().any(|counts| counts[first.len()] > 0);
    let mut head = vec!["right class".to_owned()];
    head.extend((1..=first.len()).map(|number| number.to_string()));
    head.push("others".to_owned());
    if !has_others {
        head.pop();
        for counts in &mut counts {
            counts.pop();
        }
    }
    let named = (1..).zip(&first).zip(counts);
    let named =
        named.map(|((number, &(class, _)), counts)| (format!("{number} {}", name(class)), counts));
    let line = format!(
        "rows of {} by their right class; columns are what the model says, by the same numbers. The diagonal is right",
        judgements.split
    );
    Section::heat(
        "What is taken for what",
        &line,
        Heat {
            head,
            rows: named.collect(),
        },
    )
}

/// Each class: how many of its rows are right, and what most of the others are taken for.
fn classes(judgements: &Judgements) -> Section {
    let mut all: BTreeMap<usize, (u64, u64, BTreeMap<usize, u64>)> = BTreeMap::new();
    for row in &judgements.rows {
        let (count, right, wrong) = all.entry(row.right).or_default();
        *count += 1;
        if row.said == row.right {
            *right += 1;
        } else {
            *wrong.entry(row.said).or_default() += 1;
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(class, (count, ..))| (Reverse(*count), *class));
    let name = |class: usize| judgements.names.get(class).cloned().unwrap_or_default();
    let rows = all.into_iter().map(|(class, (count, right, wrong))| {
        let most = wrong
            .into_iter()
            .max_by_key(|&(said, count)| (count, Reverse(said)));
        let most = most.map_or_else(String::new, |(said, count)| {
            format!("{} ({count})", name(said))
        });
        vec![
            name(class),
            thousands(count),
            percent(Share::new(right, count)),
            most,
        ]
    });
    let table = Numbers::new(
        &["class", "rows", "right", "most often taken for"],
        rows.collect(),
    );
    let line = format!("of {}, the most frequent first", judgements.split);
    Section::table("Each class", &line, table)
}

fn examples(judgements: &Judgements) -> [Section; 2] {
    let name = |class: usize| judgements.names.get(class).map_or("", String::as_str);
    let shown = |right: bool| {
        let rows = judgements.rows.iter();
        let rows = rows
            .filter(|row| (row.said == row.right) == right)
            .take(EXAMPLES);
        let text = |row: &Judged| {
            let (said, sure) = (name(row.said), 100.0 * row.probability);
            let told = if right {
                format!("{said}, {sure:.0}% sure")
            } else {
                format!(
                    "the model says {said}, {sure:.0}% sure; right is {}",
                    name(row.right)
                )
            };
            format!("{}\n  {told}", row.text)
        };
        rows.map(text).collect::<Vec<_>>()
    };
    let of = format!("the first of {}", judgements.split);
    [
        Section::examples("Right", &of, shown(true)),
        Section::examples("Wrong", &of, shown(false)),
    ]
}
