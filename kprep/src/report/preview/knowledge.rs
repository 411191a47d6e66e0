//! Rows of Wikidata's and Wikipedia's tables for people to read.

use std::fmt::Write;

use kprep_schemas::{Entity, EntityId, Page, Property, Triple, Value, Words};

use crate::datasets::labels::{Labels, called};

/// Characters of a page that are shown.
const SHOWN: usize = 400;

/// Id and label, and under them what is known.
pub(crate) fn entity(row: &Entity) -> String {
    let mut out = format!(
        "{} {}",
        row.id,
        row.label.as_deref().unwrap_or("(no label)")
    );
    if let Some(lang) = &row.label_lang {
        let _ = write!(out, " ({lang})");
    }
    out.push('\n');
    line(&mut out, "is", &list(&row.instance_of));
    line(&mut out, "about", row.description.as_deref().unwrap_or(""));
    line(&mut out, "also", &list(&row.aliases));
    line(&mut out, "title", row.title.as_deref().unwrap_or(""));
    let _ = writeln!(out, "  {} sites", row.sitelinks);
    out
}

pub(crate) fn property(row: &Property) -> String {
    let label = row.label.as_deref().unwrap_or("(no label)");
    let mut out = format!("{} {label} ({})\n", row.id, row.datatype);
    line(&mut out, "about", row.description.as_deref().unwrap_or(""));
    line(&mut out, "also", &list(&row.aliases));
    out
}

/// The ids of a statement: its subject, its property and value, and those of its qualifiers.
pub(crate) fn triple_ids(row: &Triple) -> Vec<String> {
    let mut ids = vec![row.subject.to_string(), row.property.to_string()];
    if let Value::Entity(id) = row.value {
        ids.push(id.to_string());
    }
    for qualifier in &row.qualifiers {
        ids.push(qualifier.property.to_string());
        if qualifier.value.parse::<EntityId>().is_ok() {
            ids.push(qualifier.value.clone());
        }
    }
    ids
}

/// The statement in one line, a qualifier in each of the next ones.
pub(crate) fn triple(row: &Triple, labels: &Labels) -> String {
    let Triple {
        subject,
        property,
        value,
        datatype,
        rank,
        qualifiers,
    } = row;
    let [subject, property] = [subject, property].map(|id| called(&id.to_string(), labels));
    let value = match value {
        Value::Entity(id) => called(&id.to_string(), labels),
        other => other.to_string(),
    };
    let mut out = format!(
        "{subject}  {property}  {value}  ({datatype}, {})",
        rank.name()
    );
    for qualifier in qualifiers {
        let property = called(&qualifier.property.to_string(), labels);
        let value = called(&qualifier.value, labels);
        let _ = write!(out, "\n  {property}  {value}");
    }
    out
}

/// Title, start of the text, and how much there is.
pub(crate) fn page(row: &Page) -> String {
    let start: String = row.text.chars().take(SHOWN).collect();
    let more = if start.len() < row.text.len() {
        " …"
    } else {
        ""
    };
    format!(
        "{} ({})\n{start}{more}\n  {} sentences, {} words, {} links: {}\n",
        row.title,
        row.id,
        row.sentence_start.len(),
        row.word_start.len(),
        row.mention_start.len(),
        list(&row.mention_title),
    )
}

fn line(out: &mut String, name: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "  {name}: {text}");
    }
}

/// The first few words.
fn list(words: &Words) -> String {
    const FEW: usize = 6;
    let few: Vec<&str> = words.iter().take(FEW).collect();
    let more = if words.len() > FEW { ", …" } else { "" };
    format!("{}{more}", few.join(", "))
}
