//! What the card of a relation dataset says.

use std::fmt::Write;

use kprep_schemas::{Card, RelationCount, thousands};

use super::example::{Examples, escaped};
use crate::build::citations;

/// The card of a set with these relations.
pub(crate) fn card(
    relations: &[RelationCount],
    examples: &Examples,
    languages: Vec<String>,
    command_line: Vec<String>,
) -> Card {
    Card {
        title: "Relation classification from T-REx".into(),
        summary: "Sentences of Wikipedia in which a subject and an object stand that Wikidata relates, \
                  as T-REx's aligners found them. The task is relation classification: given the \
                  sentence and the places of the two mentions, which relation holds? One row is one \
                  fact at one place: the same fact found by several aligners is one row with a list of \
                  them, and a pair of mentions with several relations is several rows."
            .into(),
        languages,
        license: "cc-by-sa-4.0",
        source: "T-REx (Elsahar et al., LREC 2018), CC BY-SA 4.0; its text is Wikipedia's (CC \
                 BY-SA), its facts are Wikidata's (CC0). The bundled sample of this project is \
                 CC0.",
        task_categories: &["text-classification"],
        details: table(relations, examples),
        limits: limits(),
        citations: &[citations::TREX, citations::K_ADAPTER, citations::WIKIDATA],
        command_line,
    }
}

fn limits() -> Vec<String> {
    [
        "The labels are made by distant supervision: that a sentence mentions two entities with a fact \
         does not mean that it states the fact. `aligners` tells how strict the match was: \
         `SPOAligner` also found a name of the relation, `Simple-Aligner` (T-REx's AllEnt) any two \
         entities of the sentence, `NoSubject-Triple-aligner` took the page's own entity for the \
         subject.",
        "There is no row for pairs without a relation, so a model never learns to say \"none\".",
        "Two mentions can stand in several rows with different relations, of which a classifier with \
         one answer can be right on one only: `kprep stats` counts them; `--multi-label` chooses.",
        "Relations are far from equally frequent: compare scores with the largest one's share.",
        "What the splits share beyond the group that is never divided is in the table under Splits: \
         pairs that occur in train and in test can be remembered instead of read. `--split-by pair` \
         keeps them apart.",
        "Facts are as old as the source's copy of Wikidata.",
    ]
    .map(str::to_owned)
    .into()
}

fn table(relations: &[RelationCount], examples: &Examples) -> String {
    let rows = |r: &RelationCount| (r.train + r.validation + r.test) as u64;
    let all: u64 = relations.iter().map(rows).sum();
    let mut out = format!(
        "## Relations\n\n{} relations. A pair is a distinct (subject, object); the share is that of all \
         rows. In the examples the subject is <b>bold</b> and the object <i>italic</i>.\n\n\
         | label | relation | name | pairs | rows | share | train | validation | test | example |\n\
         |---:|---|---|---:|---:|---:|---:|---:|---:|---|\n",
        relations.len()
    );
    for row in relations {
        let name: Vec<char> = row.name.as_deref().unwrap_or("").chars().collect();
        let share = 100.0 * rows(row) as f64 / all.max(1) as f64;
        let _ = writeln!(
            out,
            "| {} | [{relation}](https://www.wikidata.org/wiki/Property:{relation}) | {} | {} | {} | \
             {share:.1}% | {} | {} | {} | {} |",
            row.label,
            escaped(&name),
            thousands(row.pairs as u64),
            thousands(rows(row)),
            thousands(row.train as u64),
            thousands(row.validation as u64),
            thousands(row.test as u64),
            examples.markdown(row.label),
            relation = row.relation,
        );
    }
    out.push('\n');
    out
}
