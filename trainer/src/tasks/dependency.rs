//! Dependencies: the head of each word of a parsed sentence (linguistic knowledge).
//!
//! Shapes: w = scored word, p = position that a head can have.

use std::iter;

use kprep_schemas::{DependencyExample, NO_HEAD};
use tch::{Device, Kind, Reduction, Tensor};

use crate::Result;
use crate::config::LengthLimit;
use crate::config::{Config, ParserHead, ParserLoss, Preset, Schedule, Task};
use crate::data::batch::Batch;
use crate::data::examples::{Counts, Example, Targets, TrainingRow, place};
use crate::data::store::Store;
use crate::data::tensors::int64;
use crate::data::tokenizer::Words;
use crate::evaluate::metrics::{Names, Scores, numbers};
use crate::evaluate::scorer::Scorer;
use crate::model::attention_head::{self, AttentionHead};
use crate::model::biaffine::{self, Biaffine};
use crate::model::dropout::DropoutRng;
use crate::model::heads::{outside, side_by_side};
use crate::model::pair::Pair;
use crate::model::params::{Params, Spec};
use crate::tasks::{TaskDefinition, Titles};

/// A word whose head is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Its first token.
    pub place: u16,
    /// The first token of its head; the start token for the root.
    pub head: u16,
    /// The first token of the next word, or the start token: the simplest guess at the head.
    pub right: u16,
}

/// `<s> w … w </s>`. The start token is the root. The target is the words that are scored.
impl TrainingRow for DependencyExample {
    type Target = Box<[Word]>;
    type Targets = DependencyTargets;

    fn examples(
        &self,
        words: &mut Words,
        LengthLimit { max_length, .. }: LengthLimit,
        counts: &mut Counts,
    ) -> Vec<Example<Box<[Word]>>> {
        counts.read += 1;
        let mut ids = vec![words.vocabulary().start];
        let mut places = vec![0u16]; // of the root, then of each word
        for word in self.token.iter() {
            places.push(place(ids.len()));
            ids.extend_from_slice(words.tokens(word));
        }
        ids.push(words.vocabulary().end);
        if ids.len() > max_length {
            counts.too_long += 1;
            return Vec::new();
        }
        let rights = places.iter().skip(2).chain(iter::once(&0));
        let target: Box<[Word]> = iter::zip(&places[1..], rights)
            .zip(&self.head)
            .filter(|&(_, &head)| head != NO_HEAD)
            .filter_map(|((&place, &right), &head)| {
                let head = *places.get(usize::try_from(head).ok()?)?;
                Some(Word { place, head, right })
            })
            .collect();
        if target.is_empty() {
            counts.no_target += 1;
            return Vec::new();
        }
        counts.kept += 1;
        vec![Example { ids, target }]
    }

    fn collate(examples: &[(&Box<[Word]>, usize)], _: &Config, width: usize) -> DependencyTargets {
        let words = || {
            let examples = examples.iter().enumerate();
            examples.flat_map(|(row, (target, length))| {
                target.iter().map(move |word| (row, *length, word))
            })
        };
        DependencyTargets {
            place_w: int64(words().map(|(row, _, word)| row * width + usize::from(word.place))),
            head_w: int64(words().map(|(_, _, word)| word.head.into())),
            length_w: int64(words().map(|(_, length, _)| length)),
        }
    }
}

/// The head of each scored word. All int64.
pub struct DependencyTargets {
    /// The word's first token, as an index into the batch's positions one sentence after the other.
    pub place_w: Tensor,
    /// Position of its head's first token in the sentence.
    pub head_w: Tensor,
    /// Tokens of its sentence.
    pub length_w: Tensor,
}

impl Targets for DependencyTargets {
    fn labels(&self) -> i64 {
        self.head_w.size()[0]
    }

    fn to_device(&self, device: Device) -> Self {
        Self {
            place_w: self.place_w.to_device(device),
            head_w: self.head_w.to_device(device),
            length_w: self.length_w.to_device(device),
        }
    }
}

/// The parser head, and its loss.
pub struct Parser {
    layers: ParserLayers,
    loss: ParserLoss,
}

enum ParserLayers {
    /// One linear layer (K-Adapter, section 3.3).
    Linear(Pair),
    Biaffine(Biaffine),
    /// The released code's.
    Attention(AttentionHead),
}

/// The task.
pub struct Dependency;

impl TaskDefinition for Dependency {
    const TASK: Task = Task::Dependency;
    const NAME: &'static str = "dependency";
    const FIGURES: Names = Names {
        score: "UAS",
        baseline: "right neighbour",
    };
    const KNOWLEDGE: Option<Titles> = Some(Titles {
        adapter: "Linguistic knowledge adapter",
        backbone: "Parser head without an adapter",
        random: "Randomly initialised adapter, with a parser head,",
    });
    type Row = DependencyExample;
    type Head = Parser;
    type Scorer = DependencyScorer;

    fn schedule(preset: Preset) -> Schedule {
        let (max_length, batch_size, learning_rate, warmup_steps) = match preset {
            Preset::Scaled | Preset::Paper => (128, 256, 1e-5, 0),
            Preset::Released => (64, 128, 2e-5, 500),
        };
        Schedule {
            max_length,
            batch_size,
            learning_rate,
            epochs: 10,
            warmup_steps,
        }
    }

    fn specs(config: &Config, hidden: i64, features: i64, _: i64) -> Vec<Spec> {
        let places = config.max_length as i64;
        match config.parser {
            ParserHead::Linear => Spec::linear("head", features, places).to_vec(),
            ParserHead::Biaffine => biaffine::specs(features, config.biaffine_size),
            ParserHead::Released => attention_head::specs(hidden, features, places),
        }
    }

    fn head(config: &Config, params: &Params) -> Result<Parser> {
        let layers = match config.parser {
            ParserHead::Linear => ParserLayers::Linear(Pair::new(params, "head")?),
            ParserHead::Biaffine => {
                ParserLayers::Biaffine(Biaffine::new(params, config.adapter_dropout)?)
            }
            ParserHead::Released => ParserLayers::Attention(AttentionHead::new(config, params)?),
        };
        Ok(Parser {
            layers,
            loss: config.parser_loss,
        })
    }

    fn reads<'a>(head: &Parser, targets: &'a DependencyTargets) -> Option<&'a Tensor> {
        match head.layers {
            ParserLayers::Linear(_) => Some(&targets.place_w),
            ParserLayers::Biaffine(_) | ParserLayers::Attention(_) => None,
        }
    }

    /// w × p, from the feature at each scored word's first token, or from those of its sentence.
    fn logits(
        head: &Parser,
        features: &[Tensor],
        Batch { input, targets, .. }: &Batch<DependencyExample>,
        rng: Option<&DropoutRng>,
    ) -> Tensor {
        let all = side_by_side(features);
        let place_w = &targets.place_w;
        match &head.layers {
            ParserLayers::Linear(pair) => pair.linear(&all, Kind::Float),
            ParserLayers::Biaffine(biaffine) => {
                biaffine.logits(&all, place_w, &targets.length_w, rng)
            }
            ParserLayers::Attention(attention) => {
                attention.logits(&all, input.mask_bt.as_ref(), place_w, rng)
            }
        }
    }

    /// Over all positions that a head can have; the mean is over words, and for the binary loss over positions, too.
    fn loss(head: &Parser, logits_wp: &Tensor, targets: &DependencyTargets) -> Tensor {
        match head.loss {
            ParserLoss::CrossEntropy => logits_wp.cross_entropy_for_logits(&targets.head_w),
            ParserLoss::Binary => {
                let head_w1 = targets.head_w.unsqueeze(1);
                let one_hot = logits_wp.zeros_like().scatter_value(1, &head_w1, 1.0);
                let none: Option<&Tensor> = None;
                logits_wp.binary_cross_entropy_with_logits(&one_hot, none, none, Reduction::Mean)
            }
        }
    }

    /// The position of each scored word's head. A head lies in its sentence: no position behind the last token is
    /// predicted.
    fn predict(logits_wp: &Tensor, targets: &DependencyTargets) -> Tensor {
        let outside = outside(&targets.length_w, logits_wp);
        logits_wp
            .masked_fill(&outside, f64::NEG_INFINITY)
            .argmax(-1, false)
    }
}

/// The share of words with the right head (UAS), against that of the word to the right, the root for the last word.
#[derive(Clone, Default)]
pub struct DependencyScorer {
    examples: u64,
    words: u64,
    right: u64,
    right_by_baseline: u64,
}

impl DependencyScorer {
    fn count(&mut self, heads: &[i64], predicted: &[i64], right_neighbours: &[i64]) {
        for ((head, guess), right) in heads.iter().zip(predicted).zip(right_neighbours) {
            self.words += 1;
            self.right += u64::from(head == guess);
            self.right_by_baseline += u64::from(head == right);
        }
    }
}

impl Scorer<DependencyExample> for DependencyScorer {
    fn new(_: &Store<DependencyExample>, _: &Config) -> Self {
        Self::default()
    }

    fn add(
        &mut self,
        store: &Store<DependencyExample>,
        examples: &[usize],
        targets: &DependencyTargets,
        predicted: &Tensor,
    ) -> Result<()> {
        self.examples += examples.len() as u64;
        let words = examples.iter().flat_map(|&i| &store.targets()[i]);
        let right: Vec<i64> = words.map(|word| word.right.into()).collect();
        self.count(&numbers(&targets.head_w)?, &numbers(predicted)?, &right);
        Ok(())
    }

    fn scores(&self, _: &Store<DependencyExample>, _: &[String]) -> Scores {
        let counts = [self.words, self.right, self.right_by_baseline];
        Scores::of_counts(self.examples, counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_scored_by_word() {
        let mut scorer = DependencyScorer::default();
        scorer.count(&[2, 0, 2, 4], &[2, 0, 1, 1], &[2, 3, 4, 0]);
        let found = scorer.scores(&Store::of([]), &[]);
        assert_eq!(
            (found.accuracy, found.baseline, found.macro_f1),
            (0.5, 0.25, None)
        );
    }
}
