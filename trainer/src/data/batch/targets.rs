//! What is to be learnt from a batch, as tensors.
//!
//! Shapes: b = sentence, w = scored word, n = token of an entity, or pair of an entity and a type.

use tch::{Device, Tensor};

use crate::config::{Config, Entity, Task};
use crate::data::examples::{Answer, Entities, Mention};
use crate::data::store::Store;

/// What is to be learnt from a batch.
pub enum Targets {
    /// The relation of each sentence.
    Relation {
        /// The tokens of the entities, as indexes into the batch's positions one sentence after the
        /// other, int64.
        place_n: Tensor,
        /// The entity that each is a token of, int64: twice the sentence, and 1 more for an object.
        entity_n: Tensor,
        /// Its share of the entity, fp32.
        weight_n: Tensor,
        /// The labels, int64.
        label_b: Tensor,
    },
    /// The head of each scored word. All int64.
    Heads {
        /// The word's first token, as an index into the batch's positions one sentence after the other.
        place_w: Tensor,
        /// Position of its head's first token in the sentence.
        head_w: Tensor,
        /// Tokens of its sentence.
        length_w: Tensor,
    },
    /// The types of each entity. All int64.
    Typing {
        /// The marker before it, as an index into the batch's positions one sentence after the other.
        place_b: Tensor,
        /// The entity that has a type, for each pair of the two.
        entity_n: Tensor,
        /// The type.
        class_n: Tensor,
    },
    /// The right answer of each question. All int64.
    Choice {
        /// The first token of each input, as an index into the batch's positions one input after the other.
        place_n: Tensor,
        /// The answer that an input is for, as an index into answers × questions, `most` for each question.
        at_n: Tensor,
        /// The right ones.
        label_b: Tensor,
        /// Most answers of a question.
        most: i64,
    },
    /// The answer of each paragraph. All int64.
    Span {
        /// Its first token; the paragraph's input starts with 0 where there is none.
        start_b: Tensor,
        /// Its last token.
        end_b: Tensor,
        /// The first token of the paragraph.
        first_b: Tensor,
        /// Tokens of the input.
        length_b: Tensor,
    },
}

impl Targets {
    /// Those of some examples whose inputs are `width` wide.
    pub(super) fn new(store: &Store, config: &Config, examples: &[usize], width: usize) -> Self {
        match config.task {
            Task::Relation => relation_targets(store, config.entity, examples, width),
            Task::Dependency => head_targets(store, examples, width),
            Task::Typing => typing_targets(store, examples, width),
            Task::Choice => choice_targets(store, examples, width),
            Task::Span => span_targets(store, examples),
        }
    }

    /// Whose they are.
    pub fn task(&self) -> Task {
        match self {
            Self::Relation { .. } => Task::Relation,
            Self::Heads { .. } => Task::Dependency,
            Self::Typing { .. } => Task::Typing,
            Self::Choice { .. } => Task::Choice,
            Self::Span { .. } => Task::Span,
        }
    }

    /// How many labels there are.
    pub(super) fn labels(&self) -> i64 {
        match self {
            Self::Relation { label_b, .. } | Self::Choice { label_b, .. } => label_b.size()[0],
            Self::Heads { head_w, .. } => head_w.size()[0],
            Self::Typing { place_b, .. } => place_b.size()[0],
            Self::Span { start_b, .. } => start_b.size()[0],
        }
    }

    /// The same on a device.
    pub(super) fn to_device(&self, device: Device) -> Self {
        let moved = |tensor: &Tensor| tensor.to_device(device);
        match self {
            Self::Relation {
                place_n,
                entity_n,
                weight_n,
                label_b,
            } => Self::Relation {
                place_n: moved(place_n),
                entity_n: moved(entity_n),
                weight_n: moved(weight_n),
                label_b: moved(label_b),
            },
            Self::Heads {
                place_w,
                head_w,
                length_w,
            } => Self::Heads {
                place_w: moved(place_w),
                head_w: moved(head_w),
                length_w: moved(length_w),
            },
            Self::Typing {
                place_b,
                entity_n,
                class_n,
            } => Self::Typing {
                place_b: moved(place_b),
                entity_n: moved(entity_n),
                class_n: moved(class_n),
            },
            Self::Choice {
                place_n,
                at_n,
                label_b,
                most,
            } => Self::Choice {
                place_n: moved(place_n),
                at_n: moved(at_n),
                label_b: moved(label_b),
                most: *most,
            },
            Self::Span {
                start_b,
                end_b,
                first_b,
                length_b,
            } => Self::Span {
                start_b: moved(start_b),
                end_b: moved(end_b),
                first_b: moved(first_b),
                length_b: moved(length_b),
            },
        }
    }
}

pub(super) fn int64(values: impl Iterator<Item = usize>) -> Tensor {
    Tensor::from_slice(&values.map(|value| value as i64).collect::<Vec<_>>())
}

fn relation_targets(store: &Store, entity: Entity, examples: &[usize], width: usize) -> Targets {
    let (mut places, mut entities, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let mut labels = Vec::with_capacity(examples.len());
    for (row, &i) in examples.iter().enumerate() {
        if let Some((Entities { subject, object }, label)) = store.targets().relation(i) {
            for (e, tokens) in [(0, subject, object), (1, object, subject)]
                .map(|(e, mention, other)| (e, tokens(entity, mention, other)))
            {
                entities.extend(tokens.iter().map(|_| 2 * row + e));
                weights.extend(tokens.iter().map(|_| 1.0 / tokens.len() as f32));
                places.extend(tokens.iter().map(|&i| row * width + usize::from(i)));
            }
            labels.push(usize::from(label));
        }
    }
    Targets::Relation {
        place_n: int64(places.into_iter()),
        entity_n: int64(entities.into_iter()),
        weight_n: Tensor::from_slice(&weights),
        label_b: int64(labels.into_iter()),
    }
}

/// The positions whose mean an entity is.
fn tokens(entity: Entity, mention: Mention, other: Mention) -> Vec<u16> {
    match entity {
        Entity::Marker => vec![mention.open],
        Entity::Mean => mention.places(other).collect(),
    }
}

fn head_targets(store: &Store, examples: &[usize], width: usize) -> Targets {
    let words = || {
        examples.iter().enumerate().flat_map(|(row, &i)| {
            store
                .targets()
                .words(i)
                .iter()
                .map(move |word| (row, i, word))
        })
    };
    Targets::Heads {
        place_w: int64(words().map(|(row, _, word)| row * width + usize::from(word.place))),
        head_w: int64(words().map(|(_, _, word)| usize::from(word.head))),
        length_w: int64(words().map(|(_, i, _)| store.length(i))),
    }
}

fn typing_targets(store: &Store, examples: &[usize], width: usize) -> Targets {
    let all = || (0..).zip(examples.iter().filter_map(|&i| store.targets().typing(i)));
    let pairs =
        || all().flat_map(|(row, (_, labels))| labels.iter().map(move |&class| (row, class)));
    Targets::Typing {
        place_b: int64(all().map(|(row, (open, _))| row * width + usize::from(open))),
        entity_n: int64(pairs().map(|(row, _)| row)),
        class_n: int64(pairs().map(|(_, class)| usize::from(class))),
    }
}

fn choice_targets(store: &Store, examples: &[usize], width: usize) -> Targets {
    let answers: Vec<usize> = examples.iter().map(|&i| store.inputs(i).len()).collect();
    let most = answers.iter().copied().max().unwrap_or(0);
    let at = (0..)
        .zip(&answers)
        .flat_map(|(row, &n)| (0..n).map(move |answer| row * most + answer));
    let labels = examples.iter().filter_map(|&i| store.targets().choice(i));
    Targets::Choice {
        place_n: int64((0..answers.iter().sum()).map(|row| row * width)),
        at_n: int64(at),
        label_b: int64(labels.map(usize::from)),
        most: most as i64,
    }
}

fn span_targets(store: &Store, examples: &[usize]) -> Targets {
    let all = || examples.iter().filter_map(|&i| store.targets().span(i));
    let token =
        |of: fn(Answer) -> u16| int64(all().map(|(answer, _)| usize::from(answer.map_or(0, of))));
    Targets::Span {
        start_b: token(|answer| answer.start),
        end_b: token(|answer| answer.end),
        first_b: int64(all().map(|(_, first)| usize::from(first))),
        length_b: int64(examples.iter().map(|&i| store.length(i))),
    }
}
