//! The prediction head of entity linking: a span's features as a vector, and its dot products with those of entities.
//!
//! Shapes: s = span, k = most candidates of a span, m = candidate, n = entity, d = width of a vector, h = width of a
//! feature.

use std::rc::Rc;

use tch::{Kind, Tensor};

use crate::Result;
use crate::config::{Config, LinkLoss, LinkPrior, SpanPooling, Vectors};
use crate::data::entities::Entities;
use crate::model::dropout::DropoutRng;
use crate::model::heads::side_by_side;
use crate::model::pair::Pair;
use crate::model::params::{Init, Params, Spec};
use crate::model::pooled::Pooled;
use crate::model::product;

/// What the right candidate is to score at least, and each other one at most with a minus (`KnowBERT`).
const MARGIN: f64 = 0.2;
/// Width between the two layers that join dot product and prior (`KnowBERT`).
const PRIOR_SIZE: i64 = 100;
/// Entities that are ranked at a time.
const BLOCK: i64 = 4096;
const EPSILON: f64 = 1e-5;

/// The width of entities' vectors on a backbone of width `hidden`.
fn width(config: &Config, hidden: i64) -> i64 {
    match config.vectors {
        Vectors::Text => hidden,
        Vectors::Learned | Vectors::File(_) => config.vector_size,
    }
}

/// The parameters, for features of width `features`, with so many entities.
pub(super) fn specs(config: &Config, hidden: i64, features: i64, entities: i64) -> Vec<Spec> {
    let d = width(config, hidden);
    let mut specs = Spec::linear("head.project", features, d).to_vec();
    specs.extend(Spec::layer_norm("head.norm", d));
    if config.span_pooling == SpanPooling::Attention {
        specs.extend(Spec::linear("head.attention", features, 1));
    }
    if config.link_prior == LinkPrior::Mlp {
        specs.extend(Spec::linear("head.prior.0", 2, PRIOR_SIZE));
        specs.extend(Spec::linear("head.prior.1", PRIOR_SIZE, 1));
    }
    specs.push(Spec {
        name: "head.none".to_owned(),
        shape: vec![1],
        init: Init::Constant(0.0),
    });
    if config.vectors == Vectors::Learned {
        specs.push(Spec {
            name: "head.vectors".to_owned(),
            shape: vec![entities, d],
            init: Init::Normal { std: 1.0 },
        });
    }
    specs
}

/// Scores entities as what a span means.
pub struct LinkHead {
    project: Pair,
    norm: Pair,
    attention: Option<Pair>,
    prior: Option<[Pair; 2]>,
    none: Tensor,
    /// Parameters that a batch may not read.
    unread: Vec<Tensor>,
    loss: LinkLoss,
    /// Draws of more candidates.
    extra: usize,
    /// The vectors, n × d: learned ones, or those that [`LinkHead::set_vectors`] gave.
    vector_nd: Option<Tensor>,
    /// What tells which entity is which.
    pub entities: Option<Rc<Entities>>,
}

impl LinkHead {
    /// The head whose parameters are those of [`specs`].
    ///
    /// # Errors
    /// [`crate::Error::Parameters`] if `params` were made for other settings.
    pub fn new(config: &Config, params: &Params) -> Result<Self> {
        let pair = |name: &str| Pair::new(params, name);
        let attends = config.span_pooling == SpanPooling::Attention;
        let prior = match config.link_prior {
            LinkPrior::Mlp => Some([pair("head.prior.0")?, pair("head.prior.1")?]),
            LinkPrior::None => None,
        };
        let learns = config.vectors == Vectors::Learned;
        let mut unread = vec![params.get("head.none")?];
        if prior.is_some() {
            for name in ["0.weight", "0.bias", "1.weight", "1.bias"] {
                unread.push(params.get(&format!("head.prior.{name}"))?);
            }
        }
        Ok(Self {
            unread,
            project: pair("head.project")?,
            norm: pair("head.norm")?,
            attention: attends.then(|| pair("head.attention")).transpose()?,
            prior,
            none: params.get("head.none")?,
            loss: config.link_loss,
            extra: config.extra_candidates,
            vector_nd: learns.then(|| params.get("head.vectors")).transpose()?,
            entities: None,
        })
    }

    /// Gives it frozen vectors, if there are some.
    pub fn set_vectors(&mut self, vector_nd: Option<&Tensor>) {
        if let Some(vector_nd) = vector_nd {
            self.vector_nd = Some(vector_nd.shallow_clone());
        }
    }

    /// The vectors of spans, s × d: the layer norm of a projection of their features.
    pub fn spans(&self, slots: &Pooled, features: &[Tensor]) -> Tensor {
        let pooled_sh = match &self.attention {
            Some(attention) => {
                let all_nh = side_by_side(features);
                let score_n = attention.linear(&all_nh, Kind::Float).squeeze_dim(-1);
                slots.attended(&all_nh, &score_n)
            }
            None => slots.mean(features),
        };
        let projected_sd = self.project.linear(&pooled_sh, Kind::Float).gelu("none");
        self.norm.layer_norm(&projected_sd, EPSILON)
    }

    /// The vectors of these entities; all without them.
    fn vectors(&self, span_sd: &Tensor, row: Option<&Tensor>) -> Tensor {
        let none = Tensor::zeros([1, span_sd.size()[1]], (Kind::Float, span_sd.device()));
        let all = self.vector_nd.as_ref().unwrap_or(&none);
        row.map_or_else(|| all.shallow_clone(), |row| all.index_select(0, row))
    }

    /// The rows of a batch's entities with these keys, and behind them those of others, which are a function of the next
    /// number of `rng`.
    pub fn with_extra(&self, row_e: Tensor, keys: &[i64], rng: &DropoutRng) -> Tensor {
        let Some(entities) = self.entities.as_ref().filter(|_| self.extra > 0) else {
            return row_e;
        };
        let extra = entities.draw(self.extra, keys, rng.draw());
        Tensor::cat(
            &[
                &row_e,
                &Tensor::from_slice(&extra).to_device(row_e.device()),
            ],
            0,
        )
    }

    /// The scores of these entities for each span, s × e: dot products over the root of the width.
    pub fn scores(&self, span_sd: &Tensor, row_e: &Tensor) -> Tensor {
        let vector_ed = self.vectors(span_sd, Some(row_e));
        let scale = (span_sd.size()[1] as f64).sqrt();
        product::linear(span_sd, &vector_ed, None) / scale
    }

    /// The scores of the candidates of each span, s × (k + 1), the last that of none. `row_m` are the entities, `span_m`
    /// the spans, `at_m` the places in the table, `prior_m` the priors.
    pub fn listed(
        &self,
        span_sd: &Tensor,
        [row_m, span_m, at_m, prior_m]: [&Tensor; 4],
        most: i64,
    ) -> Tensor {
        let (s, d) = (span_sd.size()[0], span_sd.size()[1] as f64);
        let products = span_sd.index_select(0, span_m) * self.vectors(span_sd, Some(row_m));
        let dot_m = products.sum_dim_intlist([-1].as_slice(), false, Kind::Float) / d.sqrt();
        let score_m = match &self.prior {
            Some([first, second]) => {
                let both_m2 = Tensor::stack(&[&dot_m, prior_m], 1);
                let inner = first.linear(&both_m2, Kind::Float).relu();
                second.linear(&inner, Kind::Float).squeeze_dim(-1)
            }
            None => dot_m,
        };
        let none = (Kind::Float, span_sd.device());
        let table = Tensor::full([s * (most + 1)], f64::NEG_INFINITY, none);
        let table = table.scatter(0, at_m, &score_m).view([s, most + 1]);
        let none_s1 = match self.loss {
            LinkLoss::Softmax => self.none.expand([s, 1], false),
            // A span means a candidate that scores above 0.
            LinkLoss::Margin => Tensor::zeros([s, 1], none),
        };
        Tensor::cat(&[table.narrow(1, 0, most), none_s1], 1)
    }

    /// The loss of [`LinkHead::listed`]'s scores or, where no candidates are listed, of [`LinkHead::scores`].
    pub fn loss(&self, score_sk: &Tensor, right_s: &Tensor, listed: bool) -> Tensor {
        let mut loss = match self.loss {
            LinkLoss::Margin if listed => margin(score_sk, right_s),
            _ => score_sk.cross_entropy_for_logits(right_s),
        };
        // These have a gradient in any case: zero.
        for leaf in &self.unread {
            loss += leaf.sum(Kind::Float) * 0.0;
        }
        loss
    }

    /// The rank of an entity for each span among all, from 1, in fp64; it is behind half of its equals.
    pub fn ranks(&self, span_sd: &Tensor, right_s: &Tensor) -> Tensor {
        let all = self.vectors(span_sd, None);
        let row_s1 = right_s.unsqueeze(1);
        let own_s1 = {
            let products = span_sd * all.index_select(0, right_s);
            products.sum_dim_intlist([-1].as_slice(), true, Kind::Float)
        };
        let mut rank_s = Tensor::ones([span_sd.size()[0]], (Kind::Double, span_sd.device()));
        for from in (0..all.size()[0]).step_by(BLOCK as usize) {
            let size = BLOCK.min(all.size()[0] - from);
            let score_sb = product::linear(span_sd, &all.narrow(0, from, size), None);
            let number_b = Tensor::arange_start(from, from + size, (Kind::Int64, span_sd.device()));
            let others_sb = number_b.unsqueeze(0).ne_tensor(&row_s1);
            let count = |which_sb: Tensor| {
                let which_sb = which_sb.logical_and(&others_sb);
                which_sb.sum_dim_intlist([1].as_slice(), false, Kind::Double)
            };
            // What is no number is above: it is never the better for the right one.
            rank_s += count(score_sb.le_tensor(&own_s1).logical_not());
            rank_s += count(score_sb.eq_tensor(&own_s1)) * 0.5;
        }
        rank_s
    }
}

/// The mean over candidates of what the right one lacks to the margin, and the others have above minus the margin
/// (`KnowBERT`). The last column, which stands for none, is no candidate.
fn margin(score_sk: &Tensor, right_s: &Tensor) -> Tensor {
    let most = score_sk.size()[1] - 1;
    let score_sk = score_sk.narrow(1, 0, most);
    let is_there = score_sk.isfinite();
    let place_k = Tensor::arange(most, (Kind::Int64, score_sk.device()));
    let is_right = place_k.unsqueeze(0).eq_tensor(&right_s.unsqueeze(1));
    let score_sk = score_sk.masked_fill(&is_there.logical_not(), 0.0);
    let right_sk: Tensor = (MARGIN - &score_sk).relu();
    let other_sk: Tensor = (&score_sk + MARGIN).relu();
    let loss_sk = right_sk.where_self(&is_right, &other_sk);
    loss_sk.masked_select(&is_there).mean(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Objective, Preset, Task};
    use crate::data::entities::key;
    use tch::Device;

    fn head(sets: &[&str], entities: i64) -> LinkHead {
        let sets: Vec<String> = sets.iter().map(|&set| set.to_owned()).collect();
        let config = Config::of_objective(Preset::Paper, Task::Link, Objective::Ernie);
        let config = config.with_all(&sets).unwrap();
        let params = Params::new(specs(&config, 4, 8, entities), 1, Device::Cpu);
        LinkHead::new(&config, &params).unwrap()
    }

    fn floats(x: &Tensor) -> Vec<f64> {
        Vec::try_from(x.to_kind(Kind::Double).flatten(0, -1)).unwrap()
    }

    #[test]
    fn the_margin_is_that_of_its_formula() {
        let infinite = f32::NEG_INFINITY;
        let scores = [0.1f32, -0.5, infinite, 0.0, 0.3, infinite, infinite, 0.0];
        let scores = Tensor::from_slice(&scores).view([2, 4]);
        // Right is the first of the first span, and none of the second.
        let found = margin(&scores, &Tensor::from_slice(&[0i64, 3])).double_value(&[]);
        assert!((found - (0.1 + 0.0 + 0.5) / 3.0).abs() < 1e-6, "{found}");
    }

    #[test]
    fn candidates_are_scored_by_dot_product_and_others_are_never_chosen() {
        let sets = ["vectors=learned", "vector_size=4", "link_prior=none"];
        let head = head(&sets, 3);
        let vectors = head.vector_nd.as_ref().unwrap();
        let span = Tensor::from_slice(&[1.0f32, 0.0, -1.0, 2.0])
            .view([1, 4])
            .repeat([2, 1]);
        let int = |list: &[i64]| Tensor::from_slice(list);
        let places = [&int(&[2, 0, 1]), &int(&[0, 0, 1]), &int(&[0, 1, 3])];
        let prior = Tensor::from_slice(&[0.5f32, 0.5, 1.0]);
        let found = floats(&head.listed(&span, [places[0], places[1], places[2], &prior], 2));
        let dots = floats(&(vectors.matmul(&span.get(0)) / 2.0));
        let expected = [dots[2], dots[0], 0.0, dots[1], f64::NEG_INFINITY, 0.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!(found == &expected || (found - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn ranks_are_among_all_entities() {
        let mut head = head(&["vectors=file", "vector_size=2"], 0);
        let vectors = [1.0f32, 0.0, 2.0, 0.0, 1.0, 5.0, 3.0, 0.0];
        head.set_vectors(Some(&Tensor::from_slice(&vectors).view([4, 2])));
        let spans = Tensor::from_slice(&[1.0f32, 0.0, 0.0, 1.0, 1.0, 0.0]).view([3, 2]);
        let ranks = head.ranks(&spans, &Tensor::from_slice(&[0i64, 2, 3]));
        // Products of the first span: 1, 2, 1, 3.
        assert_eq!(floats(&ranks), [3.5, 1.0, 1.0]);
        let nan = Tensor::from_slice(&[f32::NAN, 0.0]).view([1, 2]);
        assert_eq!(
            floats(&head.ranks(&nan, &Tensor::from_slice(&[2i64]))),
            [4.0]
        );
    }

    #[test]
    fn candidates_are_drawn_beside_those_of_the_batch() {
        let mut head = head(&["vectors=learned", "vector_size=2"], 5);
        let mut ids: Vec<String> = (0..5).map(|i| format!("Q{i}")).collect();
        ids.sort_by_key(|id| key(id));
        let mut keys = vec![key(&ids[1]), key(&ids[3])];
        keys.sort_unstable();
        head.entities = Some(Rc::new(Entities::new(ids, Device::Cpu).unwrap()));
        let own = Tensor::from_slice(&[1i64, 3]);
        let with = |head: &LinkHead, seed| {
            let rng = DropoutRng::new(seed);
            let found = head.with_extra(own.shallow_clone(), &keys, &rng);
            Vec::<i64>::try_from(found).unwrap()
        };
        assert_eq!(with(&head, 7), [1, 3, 0, 2, 4]);
        head.extra = 1;
        let found: Vec<Vec<i64>> = (0..20).map(|seed| with(&head, seed)).collect();
        assert!(
            found
                .iter()
                .all(|rows| rows.len() <= 3 && rows[..2] == [1, 3])
        );
        assert!(found.iter().any(|rows| rows != &found[0]));
        assert_eq!(with(&head, 0), found[0]);
        head.extra = 0;
        assert_eq!(with(&head, 7), [1, 3]);
    }
}
