//! The report of a relation dataset.

use anyhow::Result;
use kprep_align::Named;
use kprep_report::{BLUE, Bar, Colour, Page, Section, TEAL, Table, counted, percent};
use kprep_schemas::{Dataset, Share, thousands};

use super::about;
use super::relation_report::{Relation, Report};

/// Relations that have a bar of their own.
const BARS: usize = 20;

/// The page.
pub(crate) fn of(report: &Report, dataset: &Dataset) -> Result<String> {
    let manifest = &dataset.manifest;
    let summary = &report.summary;
    let all = all(report);
    let mut sections = vec![relations(report)];
    sections.extend(about::examples(dataset)?);
    sections.extend([
        Section::funnel(&manifest.funnel),
        Section::histogram("Sentence length", "words", "rows", &summary.sentence_length),
        Section::histogram(
            "Distance between the mentions",
            "words between",
            "rows",
            &summary.mention_distance,
        ),
        Section::histogram("Subject length", "words", "rows", &summary.subject_length),
        Section::histogram("Object length", "words", "rows", &summary.object_length),
        names(
            "What the objects are",
            "object",
            &summary.object_types,
            BLUE,
        ),
        names(
            "Aligners that found the facts",
            "aligner",
            &summary.aligners,
            TEAL,
        ),
    ]);
    sections.extend(Section::overlap(&report.overlap));
    let page = Page {
        title: format!(
            "{}: {}, {}",
            report.dataset,
            counted(all, "row"),
            counted(report.table.len() as u64, "relation")
        ),
        lead: format!(
            "A relation dataset that {} wrote (kprep {}): each row is a sentence with a subject, an object and the \
             relation between them.",
            manifest.generator, manifest.command
        ),
        facts: facts(report),
        sections,
        about: about::origin(dataset),
    };
    Ok(page.html())
}

fn all(report: &Report) -> u64 {
    report.rows.train + report.rows.validation + report.rows.test
}

fn facts(report: &Report) -> Vec<(String, String)> {
    let (rows, summary, majority) = (&report.rows, &report.summary, &report.majority);
    let relation = majority.relation.as_deref().unwrap_or("none");
    [
        ("rows in train", thousands(rows.train)),
        ("rows in validation", thousands(rows.validation)),
        ("rows in test", thousands(rows.test)),
        ("pairs", thousands(summary.pairs_with_several_relations.of)),
        (
            "pairs with several relations",
            percent(summary.pairs_with_several_relations),
        ),
        ("subject before object", percent(summary.subject_first)),
        ("mentions overlap", percent(summary.overlapping_mentions)),
        (
            &*format!("always {relation}: right in test"),
            percent(majority.test),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn relations(report: &Report) -> Section {
    let all = all(report);
    let name = |relation: &Relation| {
        relation
            .name
            .clone()
            .unwrap_or_else(|| relation.property.clone())
    };
    let first = report.table.iter().take(BARS).map(|relation| {
        let share = Share::new(relation.rows(), all);
        Bar::new(name(relation), share, BLUE)
    });
    let mut bars: Vec<Bar> = first.collect();
    let rest = report.table.get(BARS..).unwrap_or_default();
    if !rest.is_empty() {
        let share = Share::new(rest.iter().map(Relation::rows).sum(), all);
        bars.push(Bar::new(format!("{} others", rest.len()), share, TEAL));
    }
    let rows = report.table.iter().map(|relation| {
        let count = |count: i64| thousands(count as u64);
        vec![
            relation.title(),
            count(relation.pairs),
            thousands(relation.rows()),
            percent(Share::new(relation.rows(), all)),
            count(relation.train),
            count(relation.validation),
            count(relation.test),
        ]
    });
    let head = [
        "relation",
        "pairs",
        "rows",
        "share",
        "train",
        "validation",
        "test",
    ];
    let table = Table::new(&head, rows.collect());
    let line = format!(
        "{}, the most frequent first",
        counted(report.table.len() as u64, "relation")
    );
    Section::bars("Relations", &line, "% of rows", &bars, table)
}

fn names(title: &str, what: &str, names: &[Named], colour: Colour) -> Section {
    let bar = |named: &Named| Bar::new(&named.name, named.rows, colour);
    let bars: Vec<Bar> = names.iter().take(BARS).map(bar).collect();
    let row = |named: &Named| {
        vec![
            named.name.clone(),
            thousands(named.rows.count),
            percent(named.rows),
        ]
    };
    let table = Table::new(&[what, "rows", "share"], names.iter().map(row).collect());
    let line = match what {
        "aligner" => "a row can have several",
        _ => "of each row",
    };
    Section::bars(title, line, "% of rows", &bars, table)
}
