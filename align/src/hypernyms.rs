//! `Hypernyms`: what is above a synset.

use kprep_schemas::Fact;
use rustc_hash::FxHashMap;

use crate::interner::Interner;

/// The direct hypernyms of synsets, by ids, made of the [`Fact`] rows of a wordnet. What a synset is an
/// instance of counts, too.
///
/// Memory: the ids twice, and some 60 bytes a synset.
#[derive(Debug, Default)]
pub struct Hypernyms {
    ids: Interner,
    above: FxHashMap<u32, Vec<u32>>,
}

impl Hypernyms {
    /// Takes a fact; other relations than hypernyms are passed over.
    pub fn add_fact(&mut self, fact: &Fact) {
        if !["hypernym", "instance_hypernym"].contains(&&*fact.relation) {
            return;
        }
        let (head, tail) = (self.ids.number(&fact.head), self.ids.number(&fact.tail));
        let above = self.above.entry(head).or_default();
        if !above.contains(&tail) {
            above.push(tail);
        }
    }

    /// The direct hypernyms of a synset, in the order of the facts; the synset itself where it has none.
    pub fn of<'a>(&'a self, synset: &'a str) -> Vec<&'a str> {
        let above = self.ids.find(synset).and_then(|id| self.above.get(&id));
        match above {
            Some(above) => above.iter().map(|&id| self.ids.get(id)).collect(),
            None => vec![synset],
        }
    }

    /// Candidates replaced by their direct hypernyms, each once, the likeliest first; of equally likely
    /// ones that of the earlier candidate. The prior of a candidate with several is divided among them
    /// equally, and the priors of one are added.
    pub fn merged(&self, candidates: &[(String, f64)]) -> Vec<(String, f64)> {
        let mut merged: Vec<(String, f64)> = Vec::new();
        for (candidate, prior) in candidates {
            let above = self.of(candidate);
            let share = prior / above.len() as f64;
            for id in above {
                match merged.iter_mut().find(|(known, _)| known == id) {
                    Some((_, sum)) => *sum += share,
                    None => merged.push((id.to_owned(), share)),
                }
            }
        }
        merged.sort_by(|a, b| b.1.total_cmp(&a.1));
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn candidates_are_merged_by_their_hypernyms() {
        let mut hypernyms = Hypernyms::default();
        for (head, relation, tail) in [
            ("shore-n", "hypernym", "slope-n"),
            ("ridge-n", "hypernym", "slope-n"),
            ("ridge-n", "hypernym", "formation-n"),
            ("ridge-n", "hypernym", "formation-n"),
            ("bern-n", "instance_hypernym", "city-n"),
            ("shore-n", "antonym", "sea-n"),
        ] {
            let [head, relation, tail] = [head, relation, tail].map(str::to_owned);
            hypernyms.add_fact(&Fact {
                head,
                relation,
                tail,
                source: String::new(),
            });
        }
        assert_eq!(hypernyms.of("ridge-n"), ["slope-n", "formation-n"]);
        assert_eq!(hypernyms.of("bern-n"), ["city-n"]);
        assert_eq!(hypernyms.of("slope-n"), ["slope-n"]);
        let candidates = [("ridge-n", 0.5), ("shore-n", 0.25), ("bern-n", 0.25)];
        let candidates = candidates.map(|(id, prior)| (id.to_owned(), prior));
        let merged = hypernyms.merged(&candidates);
        let expected = [("slope-n", 0.5), ("formation-n", 0.25), ("city-n", 0.25)];
        assert_eq!(merged, expected.map(|(id, prior)| (id.to_owned(), prior)));
    }
}
