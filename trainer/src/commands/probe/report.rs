//! The results of a probe, as tables.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::data::cloze::{Candidates, Clozes, Lost};
use crate::evaluate::ranks::{self, Ranking};
use crate::files::identity::AdapterIdentity;
use crate::files::identity::BackboneIdentity;
use crate::tasks::mlm::HeldOut;
use serde::Serialize;
use serde_json::{Map, Value};

use super::ask::{Queries, Ranked};

/// Facts shown of each relation.
const SHOWN: usize = 3;

/// Everything, as `probe.json` has it.
#[derive(Serialize)]
pub(super) struct Report {
    /// [`FORMAT`], by which the file is known as ours.
    format: &'static str,
    version: &'static str,
    backbone: BackboneIdentity,
    adapters: Vec<AdapterIdentity>,
    #[serde(flatten)]
    learning: Learning,
    /// Number of candidate words.
    candidates: usize,
    lost: Lost,
    models: Vec<Model>,
    examples: Vec<Example>,
    /// SHA-256 of the MLM heads that were trained, by file name.
    files: BTreeMap<String, String>,
}

/// The value of the field `format` in `probe.json`.
pub(super) const FORMAT: &str = "ktrain probe";

/// What every `probe.md` says, and no other file.
pub(super) const ABOUT: &str =
    "Cloze queries (LAMA probe): the share of facts whose word ranks first (P@1)";

/// What the figures are a function of, beside backbone and adapters.
#[derive(Serialize)]
pub(super) struct Learning {
    /// What is ranked.
    pub(super) facts: Map<String, Value>,
    /// Of MLM heads that were trained here.
    #[serde(rename = "learning", skip_serializing_if = "Option::is_none")]
    pub(super) settings: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct Model {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out: Option<HeldOut>,
    /// Unweighted mean over relations.
    #[serde(rename = "macro")]
    all: Ranking,
    relations: BTreeMap<String, Relation>,
}

#[derive(Serialize)]
struct Relation {
    #[serde(flatten)]
    ranking: Ranking,
    /// Facts whose word ranks first here, and not in the first model.
    gained: u64,
    /// The other way round.
    lost: u64,
}

/// A fact with the guesses of the models.
#[derive(Serialize)]
struct Example {
    relation: String,
    text: String,
    answer: String,
    /// The first guesses of each model.
    guesses: BTreeMap<String, Vec<String>>,
    ranks: BTreeMap<String, usize>,
}

impl Report {
    pub(super) fn new(
        queries: &Queries,
        ranked: &[Ranked],
        learning: Learning,
        files: BTreeMap<String, String>,
    ) -> Self {
        let (encoder, clozes, candidates) = (queries.encoder, queries.clozes, queries.candidates);
        let relations = || clozes.all.iter().map(|cloze| cloze.relation.as_str());
        let model = |model: &Ranked| {
            let rankings = ranks::by_relation(relations(), &model.ranks);
            let all = Ranking::macro_mean(rankings.values());
            let mut own: BTreeMap<String, Relation> = rankings
                .into_iter()
                .map(|(name, ranking)| {
                    let (gained, lost) = (0, 0);
                    (
                        name,
                        Relation {
                            ranking,
                            gained,
                            lost,
                        },
                    )
                })
                .collect();
            let first = ranked.first().map_or(&model.ranks, |first| &first.ranks);
            for ((relation, &now), &then) in relations().zip(&model.ranks).zip(first) {
                if let Some(relation) = own.get_mut(relation) {
                    relation.gained += u64::from(now == 1 && then != 1);
                    relation.lost += u64::from(now != 1 && then == 1);
                }
            }
            Model {
                name: model.name.clone(),
                held_out: model.held_out,
                all,
                relations: own,
            }
        };
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION"),
            files,
            backbone: encoder.backbone().clone(),
            adapters: encoder.adapters().cloned().collect(),
            learning,
            candidates: candidates.tokens().len(),
            lost: clozes.lost.clone(),
            models: ranked.iter().map(model).collect(),
            examples: examples(clozes, candidates, ranked),
        }
    }

    /// A line a model.
    pub(super) fn summary(&self) -> String {
        let facts = self.models.first().map_or(0, |model| model.all.facts);
        let mut out = format!(
            "{facts} facts, {} candidates, mean over relations\n",
            self.candidates
        );
        for (why, count) in &self.lost {
            let _ = writeln!(out, "  - {count} facts left out: {why}");
        }
        out.push_str(&self.table());
        out
    }

    fn table(&self) -> String {
        let mut out = String::from(
            "| model | P@1 | P@10 | MRR | masked-token accuracy |\n|---|---|---|---|---|\n",
        );
        for Model {
            name,
            held_out,
            all,
            ..
        } in &self.models
        {
            let accuracy = match held_out {
                Some(held_out) => percent(held_out.accuracy),
                None if self.learning.settings.is_some() => "–".to_owned(),
                None => "own MLM head".to_owned(),
            };
            let Ranking {
                first,
                ten,
                reciprocal,
                ..
            } = all;
            let [first, ten] = [first, ten].map(|&share| percent(share));
            let _ = writeln!(
                out,
                "| {name} | {first} | {ten} | {reciprocal:.3} | {accuracy} |"
            );
        }
        out
    }

    pub(super) fn markdown(&self) -> String {
        let mut out = format!(
            "# LAMA probe of {}\n\n{ABOUT} or \
             among the first ten (P@10), and the mean of 1 / rank (MRR), each a mean over relations.\n\n{}",
            self.backbone.name,
            self.summary()
        );
        out.push_str("\n## Relations, P@1\n\n| relation | facts |");
        for model in &self.models {
            let _ = write!(out, " {} |", model.name);
        }
        out.push_str("\n|---|---|");
        out.push_str(&"---|".repeat(self.models.len()));
        out.push('\n');
        let relations = self.models.first().map(|model| &model.relations);
        for (name, first) in relations.into_iter().flatten() {
            let _ = write!(out, "| {name} | {} |", first.ranking.facts);
            for (i, model) in self.models.iter().enumerate() {
                let Some(relation) = model.relations.get(name) else {
                    continue;
                };
                let share = percent(relation.ranking.first);
                let _ = match i {
                    0 => write!(out, " {share} |"),
                    _ => write!(out, " {share} (+{} -{}) |", relation.gained, relation.lost),
                };
            }
            out.push('\n');
        }
        out.push_str(
            "\n(+gained -lost: facts whose word ranks first here and not in the first model, and the reverse.)\n\n## Examples\n",
        );
        for example in &self.examples {
            let text = example.text.replace("[MASK]", "\\_\\_\\_");
            let _ = writeln!(
                out,
                "\n{}: {text} **{}**\n\n| model | rank | first guesses |\n|---|---|---|",
                example.relation, example.answer
            );
            for model in &self.models {
                let guesses = example
                    .guesses
                    .get(&model.name)
                    .map(|words| words.join(", "));
                let rank = example.ranks.get(&model.name).copied().unwrap_or_default();
                let guesses = guesses.unwrap_or_default().replace('|', "\\|");
                let _ = writeln!(out, "| {} | {rank} | {guesses} |", model.name);
            }
        }
        out
    }
}

/// Of each relation the facts on which the models differ most, in their order.
fn examples(clozes: &Clozes, candidates: &Candidates, ranked: &[Ranked]) -> Vec<Example> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, cloze) in clozes.all.iter().enumerate() {
        of.entry(&cloze.relation).or_default().push(i);
    }
    let apart = |i: usize| {
        let reciprocal = ranked.iter().map(|model| 1.0 / model.ranks[i] as f64);
        let (low, high) = reciprocal.fold((f64::MAX, 0.0), |(low, high): (f64, f64), r| {
            (low.min(r), high.max(r))
        });
        high - low
    };
    let example = |i: usize| {
        let cloze = &clozes.all[i];
        let words = |model: &Ranked| {
            let guesses = model.guesses[i].iter();
            guesses
                .map(|&word| candidates.name(word).to_owned())
                .collect()
        };
        Example {
            relation: cloze.relation.clone(),
            text: cloze.text.clone(),
            answer: candidates.name(cloze.answer).to_owned(),
            guesses: ranked.iter().map(|m| (m.name.clone(), words(m))).collect(),
            ranks: ranked
                .iter()
                .map(|m| (m.name.clone(), m.ranks[i]))
                .collect(),
        }
    };
    of.into_values()
        .flat_map(|mut facts| {
            // Stable: of equal ones the first.
            facts.sort_by(|&a, &b| apart(b).total_cmp(&apart(a)));
            facts.truncate(SHOWN);
            facts
        })
        .map(example)
        .collect()
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}
