//! The report of a dependency dataset.

use anyhow::Result;
use kprep_report::{AMBER, BLUE, Bar, Page, Section, TEAL, Table, counted, percent};
use kprep_schemas::{Dataset, thousands};

use super::about;
use super::head_report::Report;

/// Labels shown.
const LABELS: usize = 15;

/// The page.
pub(crate) fn of(report: &Report, dataset: &Dataset) -> Result<String> {
    let manifest = &dataset.manifest;
    let summary = &report.summary;
    let mut sections: Vec<Section> = about::examples(dataset)?.into_iter().collect();
    sections.extend([
        Section::histogram(
            "Sentence length",
            "words",
            "sentences",
            &summary.sentence_length,
        ),
        Section::histogram(
            "Arc length",
            "words to the head",
            "arcs",
            &summary.arcs.length,
        ),
        Section::histogram(
            "Tree depth",
            "arcs to the deepest word",
            "trees",
            &summary.trees.depth,
        ),
        labels(report),
        shares(report),
        Section::funnel(&manifest.funnel),
    ]);
    sections.extend(Section::overlap(&report.overlap));
    let page = Page {
        title: format!(
            "{}: {}, {}",
            report.dataset,
            counted(summary.sentences, "sentence"),
            counted(summary.words, "word")
        ),
        lead: format!(
            "A dependency dataset that {} wrote (kprep {}): each row is a sentence with the head of each word.",
            manifest.generator, manifest.command
        ),
        facts: facts(report),
        sections,
        about: about::origin(dataset),
    };
    Ok(page.html())
}

fn facts(report: &Report) -> Vec<(String, String)> {
    let (rows, summary) = (&report.rows, &report.summary);
    [
        ("sentences in train", thousands(rows.train)),
        ("sentences in validation", thousands(rows.validation)),
        ("sentences in test", thousands(rows.test)),
        ("labels", thousands(summary.labels.len() as u64)),
        ("words without a head", percent(summary.headless_words)),
        (
            "trees that are not projective",
            percent(summary.trees.non_projective),
        ),
        (
            "right neighbour guessed right",
            percent(summary.right_neighbour_baseline),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn labels(report: &Report) -> Section {
    let labels = &report.summary.labels;
    let rows = labels.iter().map(|label| {
        let length = label.mean_arc_length;
        vec![
            if label.label.is_empty() {
                "(none)".to_owned()
            } else {
                label.label.clone()
            },
            thousands(label.words.count),
            percent(label.words),
            length.map_or_else(|| "-".to_owned(), |length| format!("{length:.1}")),
        ]
    });
    let table = Table::new(
        &["label", "words", "share", "mean arc length"],
        rows.collect(),
    );
    let line = format!(
        "{}, the most frequent first",
        counted(labels.len() as u64, "label")
    );
    let bars = label_bars(report);
    Section::bars("Labels", &line, "% of words with a head", &bars, table)
}

fn shares(report: &Report) -> Section {
    let bars = share_bars(report);
    let rows = bars.iter().map(|bar| {
        let (count, of) = (thousands(bar.share.count), thousands(bar.share.of));
        vec![bar.name.clone(), count, of, percent(bar.share)]
    });
    let table = Table::new(&["what", "count", "of", "share"], rows.collect());
    Section::bars(
        "Heads and trees",
        "of arcs, words or trees",
        "%",
        &bars,
        table,
    )
}

fn label_bars(report: &Report) -> Vec<Bar> {
    let labels = report.summary.labels.iter().take(LABELS);
    let bar = |label: &kprep_parse::Label| Bar::new(&label.label, label.words, BLUE);
    labels.map(bar).collect()
}

fn share_bars(report: &Report) -> Vec<Bar> {
    let summary = &report.summary;
    let bars = [
        ("head on the right", summary.arcs.head_right, BLUE),
        ("head on the left", summary.arcs.head_left, BLUE),
        ("right neighbour", summary.arcs.right_neighbour, TEAL),
        ("left neighbour", summary.arcs.left_neighbour, TEAL),
        ("words without a head", summary.headless_words, AMBER),
        ("non-projective trees", summary.trees.non_projective, AMBER),
        (
            "non-projective arcs",
            summary.trees.non_projective_arcs,
            AMBER,
        ),
    ];
    bars.map(|(name, share, colour)| Bar::new(name, share, colour))
        .into()
}
