//! A table of results for people: as Markdown, and as the page above the runs.

use std::collections::BTreeSet;
use std::fmt::Write;

use kprep_schemas::Dataset;

use crate::evaluate::metrics::Scores;
use crate::evaluate::splits::Splits;
use crate::files::identity::Identity;
use crate::report::card::{distinct, in_words, origin};
use crate::report::table::{Figure, Row, Table, numbers};

/// A split and the name of a score.
type Column = (&'static str, String);

impl Table {
    /// As a Markdown table, with one standard deviation. Scores that no row has are no columns.
    pub fn markdown(&self) -> String {
        let (head, rows) = self.cells();
        grid(&head, rows.into_iter())
    }

    /// What the columns are called, and the cells of each row.
    pub(super) fn cells(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let scores = self.columns();
        let keys = self.keys();
        let has_seeds = self.rows.iter().any(|row| row.seeds.len() > 1);
        let mut head: Vec<String> = Vec::new();
        head.extend(self.has_named_rows.then(|| "row".to_owned()));
        head.extend(keys.iter().map(|key| (*key).to_owned()));
        head.extend(has_seeds.then(|| "seeds".to_owned()));
        head.extend(scores.iter().map(|column| self.column_name(column)));
        let rows = self.rows.iter().map(|row| {
            let mut cells = Vec::new();
            cells.extend(self.has_named_rows.then(|| row.name.clone()));
            cells.extend(keys.iter().map(|key| in_words(&row.settings[*key])));
            cells.extend(has_seeds.then(|| seeds(row)));
            let figures = |(split, name): &Column| of_split(&row.scores, split).get(name);
            cells.extend(scores.iter().map(|column| figure_cell(figures(column))));
            cells
        });
        let rows = rows.collect();
        (head, rows)
    }

    /// As a Markdown table with a row for each run.
    fn runs_markdown(&self) -> String {
        let columns = self.columns();
        let mut head = vec!["row".to_owned(), "seed".to_owned()];
        head.extend(columns.iter().map(|column| self.column_name(column)));
        let runs = self
            .rows
            .iter()
            .flat_map(|row| row.runs.iter().map(move |run| (row, run)));
        let rows = runs.map(|(row, run)| {
            let mut cells = vec![row.name.clone(), run.seed.to_string()];
            let score = |(split, name): &Column| {
                let scores: &Scores = of_split(&run.scores, split).as_ref()?;
                let found = numbers(scores).into_iter().find(|(own, _)| own == name);
                found.map(|(_, score)| score)
            };
            cells.extend(columns.iter().map(|column| per_cent(score(column))));
            cells
        });
        grid(&head, rows)
    }

    /// The settings in which rows differ.
    pub(super) fn keys(&self) -> Vec<&str> {
        let settings = self.rows.first().map(|row| &row.settings);
        let keys = settings.into_iter().flat_map(|settings| settings.keys());
        keys.map(String::as_str).collect()
    }

    /// Of each split the score by which rows are ranked, then the others.
    fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        for split in ["test", "validation"] {
            let names = self.rows.iter();
            let names: BTreeSet<&String> = names
                .flat_map(|row| of_split(&row.scores, split).keys())
                .collect();
            let ranked = names.iter().filter(|name| **name == &self.ranked_by);
            let others = names.iter().filter(|name| **name != &self.ranked_by);
            columns.extend(ranked.chain(others).map(|name| (split, (*name).clone())));
        }
        columns
    }

    fn column_name(&self, (split, name): &Column) -> String {
        format!("{split} {}", self.score_name(name))
    }

    /// A score's name for people.
    pub(super) fn score_name(&self, name: &str) -> String {
        match name {
            "accuracy" => self.task.facts().figures.score.to_owned(),
            "macro_f1" => "macro-F1".to_owned(),
            other => other.replace('_', " "),
        }
    }

    /// In what the runs differ.
    fn differ(&self) -> String {
        let mut all = Vec::new();
        all.extend(self.has_named_rows.then_some("row"));
        all.extend(self.keys());
        all.extend(
            self.rows
                .iter()
                .any(|row| row.seeds.len() > 1)
                .then_some("seed"),
        );
        match all.as_slice() {
            [] => String::new(),
            [one] => format!(" that differ in {one}"),
            [all @ .., last] => format!(" that differ in {} and {last}", all.join(", ")),
        }
    }
}

/// `README.md` above the runs: the table, and what all runs were made from.
pub(super) fn page(table: &Table, dataset: &Dataset) -> String {
    let runs: usize = table.rows.iter().map(|row| row.runs.len()).sum();
    let most = table
        .rows
        .iter()
        .map(|row| row.seeds.len())
        .max()
        .unwrap_or(0);
    let several = most > 1;
    let name = table
        .benchmark
        .map_or(String::new(), |one| format!("{}, ", one.name()));
    let plural = if runs == 1 { "" } else { "s" };
    let mut page = format!(
        "# {name}{}: {runs} run{plural}{}\n\nScores of each run's best weights by validation{}.{}\n\n{}",
        table.dataset,
        table.differ(),
        if several {
            format!(": mean ± sd over {most} seeds")
        } else {
            String::new()
        },
        baseline(table),
        table.markdown()
    );
    if let Some(best) = &table.best {
        let _ = write!(page, "\nThe best row by validation is {best}.\n"); // writing to a String cannot fail
    }
    page += "\n![bars](rows.svg)\n\n";
    if several {
        let _ = write!(
            page,
            "## Runs\n\n{}\n## Settings\n\n",
            table.runs_markdown()
        );
    }
    page += "| | |\n|---|---|\n";
    for key in table.keys() {
        let values = distinct(table.rows.iter().map(|row| in_words(&row.settings[key])));
        let _ = writeln!(page, "| {key} | {} |", values.join(", "));
    }
    let seeds = distinct(
        table
            .identities
            .iter()
            .map(|run| run.config.seed.to_string()),
    );
    let _ = writeln!(page, "| seeds | {} |", seeds.join(", "));
    let left_out: Vec<&str> = table.keys().into_iter().chain(["seed"]).collect();
    let identities: Vec<&Identity> = table.identities.iter().collect();
    page += &origin(dataset, &identities, &left_out);
    page
}

fn baseline(table: &Table) -> String {
    let baselines = table.baseline.test_first().into_iter();
    let baselines: Vec<String> = baselines
        .filter_map(|(split, share)| Some(format!("{} ({split})", per_cent(Some((*share)?)))))
        .collect();
    if baselines.is_empty() {
        return String::new();
    }
    let name = table.task.facts().figures.baseline;
    format!(" The baseline\n({name}) has {}.", baselines.join(" and "))
}

fn grid(head: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(head);
    let _ = writeln!(text, "|{}", "---|".repeat(head.len())); // writing to a String cannot fail
    text.extend(rows.map(|cells| line(&cells)));
    text
}

fn seeds(row: &Row) -> String {
    let seeds: Vec<String> = row.seeds.iter().map(u64::to_string).collect();
    seeds.join(", ")
}

fn of_split<'a, T>(splits: &'a Splits<T>, split: &str) -> &'a T {
    if split == "test" {
        &splits.test
    } else {
        &splits.validation
    }
}

fn figure_cell(figure: Option<&Figure>) -> String {
    let deviation = figure.and_then(|figure| figure.standard_deviation);
    let mean = per_cent(figure.map(|figure| figure.mean));
    deviation.map_or_else(
        || mean.clone(),
        |deviation| format!("{mean} ± {}", per_cent(Some(deviation))),
    )
}

fn per_cent(share: Option<f64>) -> String {
    share.map_or("–".to_owned(), |share| format!("{:.1}%", 100.0 * share))
}
