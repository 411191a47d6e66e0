//! The page of a dataset of which `kprep stats` counts lengths, names and shares.

use anyhow::Result;
use kprep_align::Named;
use kprep_report::{AMBER, BLUE, Bar, Page, Section, TEAL, Table, counted, percent};
use kprep_schemas::{Dataset, Share, thousands};

use super::about;
use super::benchmark_report::{Baseline, Majority, Report};
use super::benchmark_text::title;
use super::class_table::ClassTable;

/// Names that have a bar of their own.
const BARS: usize = 20;

/// The page.
pub(crate) fn of(report: &Report, dataset: &Dataset) -> Result<String> {
    let manifest = &dataset.manifest;
    let mut sections: Vec<Section> = about::examples(dataset)?.into_iter().collect();
    sections.extend(report.names.iter().map(|(of, named)| names(of, named)));
    let lengths = report.lengths.iter();
    sections.extend(
        lengths.map(|(of, spread)| Section::histogram(&upper(of), &title(of), "all", spread)),
    );
    sections.extend(shares(report));
    sections.extend(report.majority.as_ref().map(majority));
    sections.extend(baselines(&report.baselines));
    sections.extend(tables(&report.tables));
    sections.push(Section::funnel(&manifest.funnel));
    sections.extend(Section::overlap(&manifest.overlap));
    let rows = &report.rows;
    let all = rows.train + rows.validation + rows.test;
    let mut facts = Vec::new();
    for (split, count) in [
        ("train", rows.train),
        ("validation", rows.validation),
        ("test", rows.test),
    ] {
        if count > 0 {
            facts.push((format!("{} in {split}", report.unit), thousands(count)));
        }
    }
    let of_names = report.names.iter();
    facts.extend(of_names.map(|(of, named)| {
        (
            format!("different {}", title(of)),
            thousands(named.len() as u64),
        )
    }));
    let page = Page {
        title: format!("{}: {} {}", report.dataset, thousands(all), report.unit),
        lead: format!(
            "{} records that {} wrote (kprep {}).",
            manifest.record, manifest.generator, manifest.command
        ),
        facts,
        sections,
        about: about::origin(dataset),
    };
    Ok(page.html())
}

/// `Words a question`.
fn upper(key: &str) -> String {
    let title = title(key);
    let mut chars = title.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

fn names(of: &str, named: &[Named]) -> Section {
    let bars = named.iter().take(BARS);
    let mut bars: Vec<Bar> = bars
        .map(|one| Bar::new(&one.name, one.rows, BLUE))
        .collect();
    let rest = named.get(BARS..).unwrap_or_default();
    if let Some(first) = rest.first() {
        let count = rest.iter().map(|one| one.rows.count).sum();
        let name = format!("{} others", thousands(rest.len() as u64));
        bars.push(Bar::new(name, Share::new(count, first.rows.of), TEAL));
    }
    let row = |one: &Named| {
        vec![
            one.name.clone(),
            thousands(one.rows.count),
            percent(one.rows),
        ]
    };
    let table = Table::new(
        &[&title(of), "count", "share"],
        named.iter().map(row).collect(),
    );
    let line = format!(
        "{}, the most frequent first",
        counted(named.len() as u64, "name")
    );
    Section::bars(&upper(of), &line, "%", &bars, table)
}

fn shares(report: &Report) -> Option<Section> {
    let bars = report.shares.iter();
    let bars: Vec<Bar> = bars
        .map(|(of, share)| Bar::new(title(of), *share, BLUE))
        .collect();
    let rows = bars.iter().map(|bar| {
        let (count, of) = (thousands(bar.share.count), thousands(bar.share.of));
        vec![bar.name.clone(), count, of, percent(bar.share)]
    });
    let table = Table::new(&["what", "count", "of", "share"], rows.collect());
    let section = || Section::bars("Shares", "how many of how many", "%", &bars, table);
    (!bars.is_empty()).then(section)
}

/// The answer that is always given, for each that is asked.
fn majority(majority: &Majority) -> Section {
    let first = majority.guesses.iter().take(BARS);
    let bars = first.map(|guess| {
        let share = [guess.test, guess.validation, guess.train];
        let told = share.into_iter().find(|share| share.of > 0);
        let name = format!("{}: always {}", guess.asked, guess.answer);
        Bar::new(name, told.unwrap_or(guess.train), AMBER)
    });
    let bars: Vec<Bar> = bars.collect();
    let rows = majority.guesses.iter().map(|guess| {
        let shares = [guess.train, guess.validation, guess.test].map(percent);
        let told = [
            guess.asked.clone(),
            thousands(guess.answers),
            guess.answer.clone(),
        ];
        told.into_iter().chain(shares).collect()
    });
    let head = [
        "asked",
        "answers",
        "most frequent",
        "train",
        "validation",
        "test",
    ];
    let line = "how often the most frequent answer of train is right, in test where there is one";
    let table = Table::new(&head, rows.collect());
    Section::bars("Always the same answer", line, "% right", &bars, table)
}

fn baselines(baselines: &[Baseline]) -> Option<Section> {
    let rows = baselines.iter().map(|one| {
        let shares = [one.train, one.validation, one.test].map(percent);
        [title(one.name)].into_iter().chain(shares).collect()
    });
    let table = Table::new(&["", "train", "validation", "test"], rows.collect());
    let section = || Section::table("Right without a model", "how often, in each split", table);
    (!baselines.is_empty()).then(section)
}

fn tables(tables: &[ClassTable]) -> Option<Section> {
    let rows = tables.iter().map(|one| {
        let shares = [one.train, one.validation, one.test].map(percent);
        let told = [one.by.to_owned(), thousands(one.values)];
        told.into_iter().chain(shares).collect()
    });
    let table = Table::new(
        &["known", "values in train", "train", "validation", "test"],
        rows.collect(),
    );
    let line = "how often the class is right that one value of a row had most often in train";
    let section = || Section::table("What one value gives away", line, table);
    (!tables.is_empty()).then(section)
}
