//! `TransE` (Bordes et al., 2013): vectors of a graph's entities and relations, such that head + relation is near tail.
//!
//! Shapes: n = entity, r = relation, b = fact, d = width of a vector.

use std::collections::{BTreeSet, HashSet};

use kprep_schemas::{Fact, stable_hash};
use serde::Serialize;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, Preset, Task};
use crate::data::sampler::Random;
use crate::model::params::{Init, Params, Spec};
use crate::train::optimizer::AdamW;

/// Draws of a negative that turns out to be a fact, before it is taken even so.
const DRAWS: usize = 100;

/// How vectors are learned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Settings {
    /// Width of a vector.
    pub dim: i64,
    /// 1 or 2: the distance is that of L1 or L2.
    pub norm: u8,
    /// By how much a negative is to be farther than its fact.
    pub margin: f64,
    /// Passes over the facts.
    pub epochs: u64,
    /// Facts a step.
    pub batch_size: usize,
    /// The learning rate, which falls linearly to 0.
    pub learning_rate: f64,
    /// Of 100 facts so many are held out.
    pub test_percent: u64,
    /// The seed of all that is drawn.
    pub seed: u64,
}

/// How well facts that were held out are completed, among entities that do not make another fact (filtered).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Completion {
    /// Facts; head and tail of each are asked for.
    pub facts: usize,
    /// How often the right entity is among the first ten.
    pub hits_at_10: f64,
    /// Its mean reciprocal rank.
    pub mrr: f64,
}

/// A graph by numbers.
pub struct Graph {
    /// The ids of the entities, sorted.
    pub ids: Vec<String>,
    /// How many relations there are.
    pub relations: usize,
    /// The distinct facts to learn from: head, relation, tail.
    pub train: Vec<[i64; 3]>,
    /// Those that are held out.
    pub test: Vec<[i64; 3]>,
    known: HashSet<[i64; 3]>,
}

impl Graph {
    /// The distinct facts, of which some are held out by their hash. One with an entity or a relation that no other fact
    /// has is learned from.
    pub fn new(facts: &[Fact], test_percent: u64, seed: u64) -> Self {
        let ids: BTreeSet<&str> = facts
            .iter()
            .flat_map(|fact| [fact.head.as_str(), fact.tail.as_str()])
            .collect();
        let relations: BTreeSet<&str> = facts.iter().map(|fact| fact.relation.as_str()).collect();
        let (ids, relations): (Vec<&str>, Vec<&str>) =
            (ids.into_iter().collect(), relations.into_iter().collect());
        let number = |all: &[&str], one: &str| all.partition_point(|other| *other < one);
        let facts: BTreeSet<[i64; 3]> = facts
            .iter()
            .map(|fact| {
                let head = number(&ids, &fact.head);
                let relation = number(&relations, &fact.relation);
                [head, relation, number(&ids, &fact.tail)].map(|one| one as i64)
            })
            .collect();
        let mut left = vec![0u64; ids.len()];
        let mut of_relation = vec![0u64; relations.len()];
        for &[head, relation, tail] in &facts {
            left[head as usize] += 1;
            left[tail as usize] += 1;
            of_relation[relation as usize] += 1;
        }
        let (mut train, mut test) = (Vec::new(), Vec::new());
        for &fact in &facts {
            let [head, relation, tail] = fact.map(|one| one as usize);
            let parts = [ids[head], relations[relation], ids[tail]];
            let hash = stable_hash(
                parts
                    .map(str::as_bytes)
                    .into_iter()
                    .chain([&seed.to_le_bytes()[..]]),
            );
            let is_known = left[head] > 1 && left[tail] > 1 && of_relation[relation] > 1;
            if hash % 100 < test_percent && is_known {
                left[head] -= 1;
                left[tail] -= 1;
                of_relation[relation] -= 1;
                test.push(fact);
            } else {
                train.push(fact);
            }
        }
        Self {
            ids: ids.into_iter().map(str::to_owned).collect(),
            relations: relations.len(),
            train,
            test,
            known: facts.into_iter().collect(),
        }
    }

    /// A fact with another head or tail, drawn.
    fn negative(&self, fact: [i64; 3], random: &mut Random) -> [i64; 3] {
        let mut other = fact;
        for _ in 0..DRAWS {
            let place = 2 * random.below(2);
            other = fact;
            other[place] = random.below(self.ids.len()) as i64;
            if !self.known.contains(&other) {
                break;
            }
        }
        other
    }
}

/// The vectors.
pub struct TransE {
    params: Params,
    norm: f64,
}

impl TransE {
    /// Vectors as they start.
    pub fn new(graph: &Graph, settings: &Settings, device: Device) -> Self {
        let init = Init::Uniform {
            bound: 6.0 / (settings.dim as f64).sqrt(),
        };
        let spec = |name: &str, rows: usize| Spec {
            name: name.to_owned(),
            shape: vec![rows as i64, settings.dim],
            init,
        };
        let specs = vec![
            spec("entities", graph.ids.len()),
            spec("relations", graph.relations),
        ];
        let transe = Self {
            params: Params::new(specs, settings.seed, device),
            norm: settings.norm.into(),
        };
        transe.normalise(true);
        transe
    }

    /// Gives entities the length 1, and relations, too, where all is asked for.
    fn normalise(&self, all: bool) {
        let _guard = tch::no_grad_guard();
        for mut view in self
            .params
            .views(self.params.flat())
            .into_iter()
            .take(1 + usize::from(all))
        {
            let length = view.norm_scalaropt_dim(2.0, [-1i64].as_slice(), true);
            view.copy_(&(&view / length.clamp_min(1e-12)));
        }
    }

    /// Distances |head + relation - tail|, b, of facts by number.
    fn distance(&self, facts: &[[i64; 3]]) -> Tensor {
        let device = self.params.flat().device();
        let column = |place: usize| {
            let numbers: Vec<i64> = facts.iter().map(|fact| fact[place]).collect();
            Tensor::from_slice(&numbers).to_device(device)
        };
        let [entities, relations] = [0, 1].map(|i| &self.params.leaves()[i]);
        let head = entities.index_select(0, &column(0));
        let tail = entities.index_select(0, &column(2));
        (head + relations.index_select(0, &column(1)) - tail).norm_scalaropt_dim(
            self.norm,
            [-1i64].as_slice(),
            false,
        )
    }

    /// Learns. `after` is told the number of the epoch and its mean loss, and may end it.
    ///
    /// # Errors
    /// [`crate::Error::Torch`], and what `after` fails with.
    pub fn train(
        &self,
        graph: &Graph,
        settings: &Settings,
        mut after: impl FnMut(u64, f64) -> Result<()>,
    ) -> Result<()> {
        let config = Config {
            clip_norm: 0.0,
            ..Config::preset(Preset::Paper, Task::Relation)
        };
        let mut adam = AdamW::new(&self.params);
        let per_epoch = graph.train.len().div_ceil(settings.batch_size) as u64;
        let steps = (settings.epochs * per_epoch).max(1);
        let mut step = 0;
        for epoch in 0..settings.epochs {
            let mut random = Random::new(settings.seed, epoch);
            let mut facts = graph.train.clone();
            random.shuffle(&mut facts);
            let device = self.params.flat().device();
            let mut sum = Tensor::zeros([], (Kind::Float, device));
            for facts in facts.chunks(settings.batch_size) {
                let negatives = facts.iter().map(|&fact| graph.negative(fact, &mut random));
                let negatives: Vec<[i64; 3]> = negatives.collect();
                let gap = self.distance(facts) - self.distance(&negatives) + settings.margin;
                let loss = gap.relu().mean(Kind::Float);
                let grads = Tensor::f_run_backward(&[&loss], self.params.leaves(), false, false)?;
                let rate = settings.learning_rate * (steps - step) as f64 / steps as f64;
                let _norm = adam.step(&config, &self.params, &grads, step, rate)?;
                self.normalise(false);
                sum += loss.detach();
                step += 1;
            }
            after(epoch + 1, sum.double_value(&[]) / per_epoch.max(1) as f64)?;
        }
        Ok(())
    }

    /// The vectors of the entities, n × d.
    pub fn entities(&self) -> Tensor {
        self.params.leaves()[0].detach()
    }

    /// How well facts are completed.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub fn completion(&self, graph: &Graph, facts: &[[i64; 3]]) -> Result<Completion> {
        let _guard = tch::no_grad_guard();
        let [entities, relations] = [0, 1].map(|i| &self.params.leaves()[i]);
        let (mut hits, mut reciprocal) = (0usize, 0.0);
        for &fact in facts {
            let [head, relation, tail] = fact;
            let relation_1d = relations.narrow(0, relation, 1);
            let near_tail = entities.narrow(0, head, 1) + &relation_1d;
            let near_head = entities.narrow(0, tail, 1) - &relation_1d;
            for (place, near_1d) in [(2, near_tail), (0, near_head)] {
                let distance = Tensor::cdist(&near_1d, entities, self.norm, None).view([-1]);
                let distance = Vec::<f32>::try_from(distance)?;
                let right = distance[fact[place] as usize];
                let nearer = distance.iter().enumerate().filter(|&(n, &far)| {
                    let mut other = fact;
                    other[place] = n as i64;
                    far < right && !graph.known.contains(&other)
                });
                let rank = nearer.count() + 1;
                hits += usize::from(rank <= 10);
                reciprocal += 1.0 / rank as f64;
            }
        }
        let asked = (2 * facts.len()).max(1) as f64;
        Ok(Completion {
            facts: facts.len(),
            hits_at_10: hits as f64 / asked,
            mrr: reciprocal / asked,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            dim: 16,
            norm: 1,
            margin: 1.0,
            epochs: 60,
            batch_size: 64,
            learning_rate: 0.02,
            test_percent: 10,
            seed: 42,
        }
    }

    /// Things of three kinds: `far` leads where `near` and then `next` lead, so that each can be told from the others.
    fn facts() -> Vec<Fact> {
        let fact = |relation: &str, i: usize, kinds: [&str; 2]| Fact {
            head: format!("{}{i:02}", kinds[0]),
            relation: relation.to_owned(),
            tail: format!("{}{i:02}", kinds[1]),
            source: String::new(),
        };
        let all = [
            ("near", ["a", "b"]),
            ("next", ["b", "c"]),
            ("far", ["a", "c"]),
            ("far", ["a", "c"]),
        ];
        let each = all.into_iter();
        each.flat_map(|(relation, kinds)| (0..30).map(move |i| fact(relation, i, kinds)))
            .collect()
    }

    #[test]
    fn facts_that_were_held_out_are_completed_better_than_by_chance() {
        let graph = Graph::new(&facts(), 10, 42);
        assert_eq!((graph.ids.len(), graph.relations), (90, 3));
        assert_eq!(graph.train.len() + graph.test.len(), 90);
        assert!((3..20).contains(&graph.test.len()), "{}", graph.test.len());
        let transe = TransE::new(&graph, &settings(), Device::Cpu);
        let before = transe.completion(&graph, &graph.test).unwrap();
        let mut losses = Vec::new();
        let after = |_, loss| {
            losses.push(loss);
            Ok(())
        };
        transe.train(&graph, &settings(), after).unwrap();
        let found = transe.completion(&graph, &graph.test).unwrap();
        assert!(losses.last() < losses.first(), "{losses:?}");
        assert!(found.mrr > 2.0 * before.mrr, "{before:?} {found:?}");
    }

    #[test]
    fn distances_and_filtered_ranks_are_those_by_hand() {
        let fact = |head: &str, tail: &str| Fact {
            head: head.to_owned(),
            relation: "r".to_owned(),
            tail: tail.to_owned(),
            source: String::new(),
        };
        let graph = Graph::new(&[fact("a", "b"), fact("a", "c")], 0, 1);
        let transe = TransE::new(
            &graph,
            &Settings {
                dim: 1,
                ..settings()
            },
            Device::Cpu,
        );
        let numbers = Tensor::from_slice(&[0.0f32, 3.0, 1.5, 1.0]); // a, b, c, r
        tch::no_grad(|| transe.params.flat().shallow_clone().copy_(&numbers));
        let facts = [[0, 0, 1], [0, 0, 2]];
        let distance = Vec::<f32>::try_from(transe.distance(&facts).detach()).unwrap();
        assert_eq!(distance, [2.0, 0.5]);
        // a + r = 1: c (0.5) is a fact, so before b (2) there is a (1). b - r = 2: c (0.5) and b (1) are nearer than a (2).
        let found = transe.completion(&graph, &facts[..1]).unwrap();
        assert!(
            (found.mrr - f64::midpoint(1.0 / 2.0, 1.0 / 3.0)).abs() < 1e-9,
            "{found:?}"
        );
    }
}
