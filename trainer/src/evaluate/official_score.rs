//! The scores by which a benchmark is ranked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::config::Benchmark;
use crate::evaluate::scoring::Prf;
use crate::evaluate::scoring::classes::{self, NO_RELATION};
use crate::evaluate::scoring::labels::{self, Typed};

pub(crate) mod spans;

/// A benchmark's scores.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Official {
    /// What the first of them is called.
    pub name: String,
    /// The one that models are ranked by.
    pub score: f64,
    /// The others.
    #[serde(flatten)]
    pub more: BTreeMap<String, f64>,
}

impl Official {
    /// F1, and beside it precision and recall.
    pub fn of(name: &str, prf: Prf) -> Self {
        let more = [("precision", prf.precision), ("recall", prf.recall)];
        Self::new(name, prf.f1, &more)
    }

    /// Scores by name, the first apart.
    pub fn new(name: &str, score: f64, more: &[(&str, f64)]) -> Self {
        let more = more.iter().map(|&(name, share)| (name.to_owned(), share));
        Self {
            name: name.to_owned(),
            score,
            more: more.collect(),
        }
    }
}

/// Of relations: pairs of label and prediction, both indexes of class names. `None` where accuracy and macro-F1 are
/// all that is asked for.
pub fn relation(
    benchmark: Option<Benchmark>,
    names: &[String],
    pairs: &[(i64, i64)],
) -> Option<Official> {
    match benchmark? {
        Benchmark::Tacred => {
            let none = names.iter().position(|name| name == NO_RELATION);
            let prf = classes::micro_without(pairs, none.map(|none| none as i64));
            Some(Official::of("micro-F1", prf))
        }
        Benchmark::Semeval => {
            let name = |class: i64| names.get(class as usize).map_or("", String::as_str);
            let pairs = pairs.iter();
            let pairs = pairs.map(|&(gold, guess)| (name(gold), Some(name(guess))));
            let prf = classes::macro_directed(pairs);
            Some(Official::of("official macro-F1", prf))
        }
        _ => None,
    }
}

/// Of types: OpenEntity is ranked by micro-F1; FIGER by strict accuracy, beside which stand loose macro and micro F1.
pub fn typing(benchmark: Option<Benchmark>, typed: &[Typed]) -> Option<Official> {
    let micro = labels::micro(typed);
    match benchmark? {
        Benchmark::Figer => {
            let more = [
                ("loose_macro_f1", labels::loose_macro(typed).f1),
                ("loose_micro_f1", micro.f1),
            ];
            Some(Official::new(
                "strict accuracy",
                labels::strict(typed),
                &more,
            ))
        }
        _ => Some(Official::of("micro-F1", micro)),
    }
}
