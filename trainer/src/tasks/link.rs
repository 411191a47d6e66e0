//! Links: the entity that a span means, among listed candidates (`KnowBERT`) or among all (ERNIE).
//!
//! Shapes: s = span, k = most candidates of a span, m = candidate, e = entity of the batch, d = width of a vector,
//! h = width of a feature.

use std::rc::Rc;

use kprep_schemas::LinkExample;
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::{Config, LengthLimit, LinkLoss, SpanPooling, Task};
use crate::data::batch::Batch;
use crate::data::entities::{Entities, key};
use crate::data::examples::{Counts, Example, Targets, TrainingRow};
use crate::data::masks::WordMasks;
use crate::data::span_words::{SpanWords, WordSpan};
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::Names;
use crate::model::dropout::DropoutRng;
use crate::model::params::{Params, Spec};
use crate::model::pooled::Pooled;
use crate::tasks::{TaskDefinition, Titles};

pub use self::head::LinkHead;
pub use self::scorer::LinkScorer;

mod head;
mod scorer;

/// The spans of a text with what each may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkTarget {
    /// Its words, and the spans.
    pub text: SpanWords,
    /// What each span means.
    pub links: Box<[Link]>,
}

/// What a span means. Entities are told by their [`key`]s.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// A hash of its words, to tell what they meant elsewhere.
    pub form: u64,
    /// The right entity; `None` where it is none of those at hand.
    pub gold: Option<i64>,
    /// The candidates with their priors; none where the dataset tells none.
    pub candidates: Box<[(i64, f32)]>,
}

impl Link {
    /// The place of the right one among the candidates; behind them for none.
    pub fn right(&self) -> Option<usize> {
        let mut candidates = self.candidates.iter();
        candidates.position(|&(candidate, _)| Some(candidate) == self.gold)
    }
}

/// `<s> w … w </s>`, of which the end is cut off where it is too long. A span is left out where it has no candidate in a
/// row that has some, means something else than its candidates, or means none in a row without candidates.
impl TrainingRow for LinkExample {
    type Target = LinkTarget;
    type Targets = LinkTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<LinkTarget>> {
        let spans = self
            .span_start
            .iter()
            .copied()
            .zip(self.span_end.iter().copied());
        let read = SpanWords::read(
            self.token.iter(),
            spans.collect(),
            words,
            max_length,
            counts,
        );
        let Some((ids, mut text)) = read else {
            return Vec::new();
        };
        let all = text.spans.len();
        let links = text
            .spans
            .iter()
            .filter_map(|&span| Some((span, link(self, span)?)));
        let (spans, links): (Vec<WordSpan>, Vec<Link>) = links.unzip();
        if !counts.keep_spans(all, links.len()) {
            return Vec::new();
        }
        text.spans = spans.into();
        let links = links.into();
        vec![Example {
            ids,
            target: LinkTarget { text, links },
        }]
    }

    fn masked_share(config: &Config, is_scored: bool) -> f64 {
        if is_scored { 0.0 } else { config.mask_mentions }
    }

    fn mask(target: &LinkTarget, ids: &mut [i64], masks: &mut WordMasks) -> Option<LinkTarget> {
        for &span in &target.text.spans {
            masks.hide(&mut ids[target.text.tokens(span)]);
        }
        Some(target.clone())
    }

    fn collate(examples: &[(&LinkTarget, usize)], config: &Config, width: usize) -> LinkTargets {
        let rows = || examples.iter().enumerate();
        let slots = rows().flat_map(|(row, (target, _))| {
            let spans = target.text.spans.iter();
            spans.flat_map(move |&span| target.text.slots(span, config.span_pooling, row * width))
        });
        let slots = Pooled::new(&slots.collect::<Vec<_>>());
        let links = rows().flat_map(|(_, (target, _))| target.links.iter());
        let mut targets = LinkTargets::new(slots, &links.collect::<Vec<_>>());
        if let (LinkLoss::Margin, Some(listed)) = (config.link_loss, &targets.listed) {
            targets.labels = listed.key_m.size()[0];
        }
        targets
    }

    fn unfit(targets: &[LinkTarget], _: &Config, _: usize) -> Option<&'static str> {
        let links = || targets.iter().flat_map(|target| &target.links);
        let lists = |link: &Link| !link.candidates.is_empty();
        (links().any(lists) && !links().all(lists)).then_some(
            "some rows of the training split list candidates, others none: train on them apart",
        )
    }

    fn entities(target: &LinkTarget) -> Vec<i64> {
        let links = target.links.iter();
        let all = links.flat_map(|link| {
            let candidates = link.candidates.iter().map(|&(candidate, _)| candidate);
            candidates.chain(link.gold)
        });
        all.collect()
    }
}

/// What a span of the row means, if there is something to learn.
fn link(row: &LinkExample, span: WordSpan) -> Option<Link> {
    let gold = row.entity.iter().nth(span.number)?;
    let candidates = row.candidates(span.number);
    let candidates: Box<[(i64, f32)]> = candidates
        .map(|(candidate, prior)| (key(candidate), prior as f32))
        .collect();
    let has_none = match &candidates[..] {
        [] => gold.is_empty() || !row.candidate.is_empty(),
        some => !gold.is_empty() && some.iter().all(|&(candidate, _)| candidate != key(gold)),
    };
    (!has_none).then(|| Link {
        form: span.form(&row.token),
        gold: (!gold.is_empty()).then(|| key(gold)),
        candidates,
    })
}

/// What the spans of a batch may mean. All tensors int64 where nothing else is said.
pub struct LinkTargets {
    /// What stands for each span.
    pub slots: Pooled,
    /// The listed candidates of each span; `None` where none are told.
    pub listed: Option<Listed>,
    /// How many labels the mean of the loss is over: spans, or candidates each of which has its own loss.
    labels: i64,
    /// The right entity's place: among the span's candidates, `k` for none; or among the batch's entities.
    pub right_s: Tensor,
    /// The keys of the distinct right entities of the batch; empty where candidates are listed.
    pub key_e: Tensor,
    /// The same, ascending, where no device has to be waited for.
    pub keys: Vec<i64>,
}

/// The candidates of all spans, one behind the other.
pub struct Listed {
    /// Their keys.
    pub key_m: Tensor,
    /// The span of each.
    pub span_m: Tensor,
    /// The place of each in s × (k + 1).
    pub at_m: Tensor,
    /// Their priors, fp32.
    pub prior_m: Tensor,
    /// Most candidates of a span.
    pub most: i64,
}

impl LinkTargets {
    fn new(slots: Pooled, links: &[&Link]) -> Self {
        let most = links.iter().map(|link| link.candidates.len()).max();
        let most = most.unwrap_or(0);
        if most == 0 {
            let mut keys: Vec<i64> = links.iter().filter_map(|link| link.gold).collect();
            keys.sort_unstable();
            keys.dedup();
            let right = links.iter().map(|link| {
                let gold = link.gold.unwrap_or_default();
                keys.partition_point(|&key| key < gold)
            });
            return Self {
                slots,
                labels: links.len() as i64,
                listed: None,
                right_s: int64(right),
                key_e: Tensor::from_slice(&keys),
                keys,
            };
        }
        let each = || {
            let links = links.iter().enumerate();
            links.flat_map(|(s, link)| {
                let candidates = link.candidates.iter().enumerate();
                candidates.map(move |(c, &one)| (s, c, one))
            })
        };
        let keys: Vec<i64> = each().map(|(.., (key, _))| key).collect();
        let priors: Vec<f32> = each().map(|(.., (_, prior))| prior).collect();
        let listed = Listed {
            key_m: Tensor::from_slice(&keys),
            span_m: int64(each().map(|(s, ..)| s)),
            at_m: int64(each().map(|(s, c, _)| s * (most + 1) + c)),
            prior_m: Tensor::from_slice(&priors),
            most: most as i64,
        };
        Self {
            slots,
            labels: links.len() as i64,
            listed: Some(listed),
            right_s: int64(links.iter().map(|link| link.right().unwrap_or(most))),
            key_e: Tensor::from_slice::<i64>(&[]),
            keys: Vec::new(),
        }
    }
}

impl Targets for LinkTargets {
    fn labels(&self) -> i64 {
        self.labels
    }

    fn to_device(&self, device: Device) -> Self {
        let listed = self.listed.as_ref().map(|listed| Listed {
            key_m: listed.key_m.to_device(device),
            span_m: listed.span_m.to_device(device),
            at_m: listed.at_m.to_device(device),
            prior_m: listed.prior_m.to_device(device),
            most: listed.most,
        });
        Self {
            slots: self.slots.to_device(device),
            listed,
            labels: self.labels,
            right_s: self.right_s.to_device(device),
            key_e: self.key_e.to_device(device),
            keys: self.keys.clone(),
        }
    }
}

/// The task.
pub struct Linking;

impl TaskDefinition for Linking {
    const TASK: Task = Task::Link;
    const NAME: &'static str = "link";
    const FIGURES: Names = Names {
        score: "accuracy",
        baseline: "prior",
    };
    const KNOWLEDGE: Option<Titles> = Some(Titles {
        adapter: "Entity linking adapter",
        backbone: "Linking head without an adapter",
        random: "Randomly initialised adapter, with a linking head,",
    });
    const READS_ENTITIES: bool = true;
    type Row = LinkExample;
    type Head = LinkHead;
    type Scorer = LinkScorer;

    fn broken_rule(config: &Config) -> Option<&'static str> {
        let known = [
            SpanPooling::Mean,
            SpanPooling::First,
            SpanPooling::Attention,
        ];
        let is_known = known.contains(&config.span_pooling);
        (!is_known).then_some("span_pooling must be mean, first or attention for links")
    }

    fn specs(config: &Config, hidden: i64, features: i64, classes: i64) -> Vec<Spec> {
        head::specs(config, hidden, features, classes)
    }

    fn head(config: &Config, params: &Params) -> Result<LinkHead> {
        LinkHead::new(config, params)
    }

    fn set_entities(head: &mut LinkHead, entities: &Rc<Entities>) {
        head.set_vectors(entities.vector_nd.as_ref());
        head.entities = Some(Rc::clone(entities));
    }

    fn reads<'a>(_: &LinkHead, targets: &'a LinkTargets) -> Option<&'a Tensor> {
        Some(&targets.slots.place_n)
    }

    /// Of listed candidates the scores s × (k + 1), the last that of none. Without them, the scores of the batch's
    /// entities and of those drawn beside them, s × e, or, where nothing is trained, s × 2 in fp64: the rank of the right one among all entities, and
    /// whether it is the first of the batch's.
    fn logits(
        head: &LinkHead,
        features: &[Tensor],
        batch: &Batch<LinkExample>,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let targets = &batch.targets;
        let span_sd = head.spans(&targets.slots, features);
        let rows = |key: &Tensor| head.entities.as_ref().map(|all| all.rows(key));
        if let Some(listed) = &targets.listed {
            let row_m = rows(&listed.key_m).unwrap_or_else(|| listed.key_m.zeros_like());
            let places = [&row_m, &listed.span_m, &listed.at_m, &listed.prior_m];
            return head.listed(&span_sd, places, listed.most);
        }
        let row_e = rows(&targets.key_e).unwrap_or_else(|| targets.key_e.zeros_like());
        if let Some(rng) = rng {
            let row_e = head.with_extra(row_e, &targets.keys, rng);
            return head.scores(&span_sd, &row_e);
        }
        let score_se = head.scores(&span_sd, &row_e);
        let is_first = score_se.argmax(-1, false).eq_tensor(&targets.right_s);
        let right_row_s = row_e.index_select(0, &targets.right_s);
        let rank_s = head.ranks(&span_sd, &right_row_s);
        Tensor::stack(&[rank_s, is_first.to_kind(Kind::Double)], 1)
    }

    fn loss(head: &LinkHead, logits: &Tensor, targets: &LinkTargets) -> Tensor {
        head.loss(logits, &targets.right_s, targets.listed.is_some())
    }

    /// In fp64: of listed candidates the place of the best, `k` for none; without them what the scorer reads.
    fn predict(logits: &Tensor, targets: &LinkTargets) -> Tensor {
        match &targets.listed {
            Some(_) => logits.argmax(-1, false).to_kind(Kind::Double),
            None => logits.shallow_clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Objective, Preset};
    use crate::data::masks::MaskTokens;
    use crate::data::tokenizer::Vocabulary;
    use std::path::Path;

    fn link(gold: &str, candidates: &[(&str, f32)]) -> Link {
        Link {
            form: 0,
            gold: (!gold.is_empty()).then(|| key(gold)),
            candidates: candidates
                .iter()
                .map(|&(id, prior)| (key(id), prior))
                .collect(),
        }
    }

    fn list(x: &Tensor) -> Vec<i64> {
        Vec::try_from(x).unwrap()
    }

    #[test]
    fn candidates_of_all_spans_stand_in_one_table() {
        let links = [
            link("b", &[("a", 0.75), ("b", 0.25)]),
            link("", &[("a", 1.0)]),
        ];
        let slots = Pooled::new(&[vec![1], vec![2]]);
        let targets = LinkTargets::new(slots, &links.iter().collect::<Vec<_>>());
        assert_eq!(list(&targets.right_s), [1, 2]);
        let listed = targets.listed.unwrap();
        assert_eq!(
            (list(&listed.span_m), list(&listed.at_m)),
            (vec![0, 0, 1], vec![0, 1, 3])
        );
        assert_eq!(
            (list(&listed.key_m), listed.most),
            (vec![key("a"), key("b"), key("a")], 2)
        );
    }

    #[test]
    fn without_candidates_the_entities_of_the_batch_are_told_apart() {
        let links = [link("b", &[]), link("a", &[]), link("b", &[])];
        let slots = Pooled::new(&[vec![1], vec![2], vec![3]]);
        let targets = LinkTargets::new(slots, &links.iter().collect::<Vec<_>>());
        let keys = list(&targets.key_e);
        let right = list(&targets.right_s);
        let right: Vec<i64> = right.iter().map(|&one| keys[one as usize]).collect();
        assert_eq!((keys.len(), right), (2, vec![key("b"), key("a"), key("b")]));
    }

    #[test]
    fn a_share_of_the_spans_is_hidden_in_training() {
        let config = Config::of_objective(Preset::Paper, Task::Link, Objective::Ernie);
        let share = |is_scored| LinkExample::masked_share(&config, is_scored);
        assert_eq!((share(false), share(true)), (0.15, 0.0));
        let span = |number: u16| WordSpan {
            number: number.into(),
            first: 2 * number,
            last: 2 * number + 1,
        };
        let target = LinkTarget {
            text: SpanWords {
                words: (1..202).collect(),
                spans: (0..100).map(span).collect(),
            },
            links: (0..100).map(|_| link("a", &[])).collect(),
        };
        let with = MaskTokens {
            mask: 4,
            tokens: 50,
        };
        let hidden = |example, epoch| {
            let mut ids = vec![9i64; 202];
            let mut masks = WordMasks::new(with, share(false), 42, epoch, example);
            let masked = LinkExample::mask(&target, &mut ids, &mut masks);
            assert_eq!(masked.as_ref(), Some(&target));
            ids
        };
        let mut count = 0;
        for example in 0..100 {
            let ids = hidden(example, 0);
            assert_eq!((ids[0], ids[201]), (9, 9));
            for span in ids[1..201].chunks(2) {
                assert!(span == [4, 4] || span == [9, 9]);
                count += u32::from(span == [4, 4]);
            }
        }
        // 1500 of 10,000, by four standard deviations.
        assert!((1360..1640).contains(&count), "{count}");
        assert_eq!(hidden(3, 1), hidden(3, 1));
        assert_ne!(hidden(3, 1), hidden(3, 2));
    }

    /// A row with a span a word, and candidates of the first ones.
    fn row(entities: &[&str], candidates: &[(i32, &str)]) -> LinkExample {
        let spans: Vec<i32> = (0..entities.len() as i32).collect();
        LinkExample {
            token: ["gold", "river", "paris"].into(),
            span_start: spans.clone(),
            span_end: spans,
            entity: entities.iter().copied().collect(),
            candidate_span: candidates.iter().map(|&(span, _)| span).collect(),
            candidate: candidates.iter().map(|&(_, id)| id).collect(),
            prior: candidates.iter().map(|_| 0.5).collect(),
            ..LinkExample::default()
        }
    }

    fn examples(row: &LinkExample) -> (Vec<Example<LinkTarget>>, Counts) {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/backbone/bert-tiny");
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let mut counts = Counts::default();
        let found = row.examples(&mut vocabulary.words(), 40.into(), &mut counts);
        (found, counts)
    }

    #[test]
    fn spans_with_nothing_to_learn_are_left_out_and_counted() {
        // The first means a candidate, the second none of its own, and the third has none.
        let listed = [(0, "a"), (0, "b"), (1, "a"), (1, "b")];
        let (found, counts) = examples(&row(&["b", "c", "d"], &listed));
        let golds: Vec<_> = found[0].target.links.iter().map(|link| link.gold).collect();
        assert_eq!((golds, counts.spans_cut), (vec![Some(key("b"))], 2));
        let (found, counts) = examples(&row(&["c"], &listed[..2]));
        assert!(found.is_empty());
        assert_eq!((counts.kept, counts.no_target), (0, 1));
        let mut turned = row(&["a", "b"], &[]);
        turned.span_start = vec![1, 1];
        turned.span_end = vec![0, 1];
        let (found, counts) = examples(&turned);
        assert_eq!((found[0].target.links.len(), counts.spans_cut), (1, 1));
    }

    #[test]
    fn rows_with_candidates_are_not_learnt_beside_rows_without() {
        let config = Config::preset(Preset::Paper, Task::Link);
        let target = |row: &LinkExample| examples(row).0.remove(0).target;
        let listed = target(&row(&["a"], &[(0, "a"), (0, "b")]));
        let open = target(&row(&["a"], &[]));
        let unfit = |targets: &[LinkTarget]| LinkExample::unfit(targets, &config, 0);
        assert_eq!(unfit(&[open.clone(), open.clone()]), None);
        assert_eq!(unfit(&[listed.clone(), listed.clone()]), None);
        assert!(unfit(&[listed.clone(), open]).is_some());
        // A part of a step counts by what its loss is a mean over.
        let labels = |set: &str| {
            let config = config.with(set).unwrap();
            LinkExample::collate(&[(&listed, 3)], &config, 5).labels()
        };
        let counts = ["link_loss=softmax", "link_loss=margin"].map(labels);
        assert_eq!(counts, [1, 2]);
    }
}
