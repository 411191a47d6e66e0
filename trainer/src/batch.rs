//! Examples to batches of tensors, made ahead of the step.
//!
//! Shapes: b = sentence, t = position, w = scored word, n = piece of an entity.

use std::ops::Range;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};
use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::cache::Cache;
use crate::config::{Config, Entity, Task};
use crate::examples::{Answer, Entities, Mention};
use crate::frozen::States;
use crate::order;
use crate::store::Store;

/// Batches made ahead of the step.
const AHEAD: usize = 4;

/// What a step reads.
pub struct Batch {
    /// Piece ids, int64.
    pub ids_bt: Tensor,
    /// False at pads; `None` if there are none.
    pub mask_bt: Option<Tensor>,
    /// What is to be learnt.
    pub targets: Targets,
    /// The backbone's hidden states, if they need not be computed.
    pub states: Option<States>,
    /// Sentences.
    pub examples: usize,
    /// Pieces, without pads.
    pub pieces: usize,
}

/// What is to be learnt from a batch.
pub enum Targets {
    /// The relation of each sentence.
    Relation {
        /// The pieces of the entities, as indexes into the batch's positions one sentence after the
        /// other, int64.
        place_n: Tensor,
        /// The entity that each is a piece of, int64: twice the sentence, and 1 more for an object.
        entity_n: Tensor,
        /// Its share of the entity, fp32.
        weight_n: Tensor,
        /// The labels, int64.
        label_b: Tensor,
    },
    /// The head of each scored word. All int64.
    Heads {
        /// The word's first piece, as an index into the batch's positions one sentence after the other.
        place_w: Tensor,
        /// Position of its head's first piece in the sentence.
        head_w: Tensor,
        /// Pieces of its sentence.
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
        /// The first piece of each input, as an index into the batch's positions one input after the other.
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
        /// Its first piece; the paragraph's input starts with 0 where there is none.
        start_b: Tensor,
        /// Its last piece.
        end_b: Tensor,
        /// The first piece of the paragraph.
        first_b: Tensor,
        /// Pieces of the input.
        length_b: Tensor,
    },
}

impl Targets {
    /// Whose they are.
    pub fn task(&self) -> Task {
        match self {
            Self::Relation { .. } => Task::Relation,
            Self::Heads { .. } => Task::Heads,
            Self::Typing { .. } => Task::Typing,
            Self::Choice { .. } => Task::Choice,
            Self::Span { .. } => Task::Span,
        }
    }
}

impl Batch {
    /// Makes a batch of some examples of a store.
    pub fn new(store: &Store, config: &Config, pad: u32, examples: &[usize]) -> Self {
        Self::of_width(store, config, pad, examples, width(store, config, examples))
    }

    /// The examples of a step as so many batches as are computed one after the other. All are as
    /// wide as the one big batch would be: a loss may be a mean over its positions.
    pub fn parts(store: &Store, config: &Config, pad: u32, examples: &[usize]) -> Vec<Self> {
        let width = width(store, config, examples);
        let parts = chunks(config, examples);
        parts
            .map(|part| Self::of_width(store, config, pad, part, width))
            .collect()
    }

    fn of_width(
        store: &Store,
        config: &Config,
        pad: u32,
        examples: &[usize],
        width: usize,
    ) -> Self {
        let inputs = examples.iter();
        let inputs = inputs.flat_map(|&i| store.inputs(i).into_iter().map(move |own| (i, own)));
        let inputs: Vec<(usize, Range<usize>)> = inputs.collect();
        let lengths: Vec<usize> = inputs.iter().map(|(_, pieces)| pieces.len()).collect();
        let copy = |row: usize, ids: &mut [i64]| {
            let (i, pieces) = &inputs[row];
            store.copy_ids(*i, pieces.clone(), ids);
        };
        let (ids_bt, mask_bt) = side_by_side(&lengths, width, pad, copy);
        let targets = match config.task {
            Task::Relation => relation_targets(store, config.entity, examples, width),
            Task::Heads => head_targets(store, examples, width),
            Task::Typing => typing_targets(store, examples, width),
            Task::Choice => choice_targets(store, examples, width),
            Task::Span => span_targets(store, examples),
        };
        Self {
            ids_bt,
            mask_bt,
            targets,
            states: None,
            examples: examples.len(),
            pieces: lengths.iter().sum(),
        }
    }

    /// How many labels there are to learn: sentences, or scored words.
    pub fn labels(&self) -> i64 {
        match &self.targets {
            Targets::Relation { label_b, .. } | Targets::Choice { label_b, .. } => {
                label_b.size()[0]
            }
            Targets::Heads { head_w, .. } => head_w.size()[0],
            Targets::Typing { place_b, .. } => place_b.size()[0],
            Targets::Span { start_b, .. } => start_b.size()[0],
        }
    }

    /// What gives subject (row 0) and object (row 1) of each sentence when it is multiplied with the
    /// features of all positions: b × 2 × t in fp32. `None` where no relation is learnt.
    pub fn pool(&self) -> Option<Tensor> {
        let Targets::Relation {
            place_n,
            entity_n,
            weight_n,
            ..
        } = &self.targets
        else {
            return None;
        };
        let [b, t] = [0, 1].map(|i| self.ids_bt.size()[i]);
        let at_n = entity_n * t + place_n.remainder(t);
        let none = Tensor::zeros([b * 2 * t], (Kind::Float, self.ids_bt.device()));
        Some(none.index_add(0, &at_n, weight_n).view([b, 2, t]))
    }

    /// The same batch on a device.
    #[must_use]
    pub fn to_device(&self, device: Device) -> Self {
        let moved = |tensor: &Tensor| tensor.to_device(device);
        let targets = match &self.targets {
            Targets::Relation {
                place_n,
                entity_n,
                weight_n,
                label_b,
            } => Targets::Relation {
                place_n: moved(place_n),
                entity_n: moved(entity_n),
                weight_n: moved(weight_n),
                label_b: moved(label_b),
            },
            Targets::Heads {
                place_w,
                head_w,
                length_w,
            } => Targets::Heads {
                place_w: moved(place_w),
                head_w: moved(head_w),
                length_w: moved(length_w),
            },
            Targets::Typing {
                place_b,
                entity_n,
                class_n,
            } => Targets::Typing {
                place_b: moved(place_b),
                entity_n: moved(entity_n),
                class_n: moved(class_n),
            },
            Targets::Choice {
                place_n,
                at_n,
                label_b,
                most,
            } => Targets::Choice {
                place_n: moved(place_n),
                at_n: moved(at_n),
                label_b: moved(label_b),
                most: *most,
            },
            Targets::Span {
                start_b,
                end_b,
                first_b,
                length_b,
            } => Targets::Span {
                start_b: moved(start_b),
                end_b: moved(end_b),
                first_b: moved(first_b),
                length_b: moved(length_b),
            },
        };
        Self {
            ids_bt: moved(&self.ids_bt),
            mask_bt: self.mask_bt.as_ref().map(moved),
            targets,
            states: self.states.as_ref().map(|states| states.to_device(device)),
            ..*self
        }
    }
}

/// The examples of the parts of a step.
fn chunks<'a>(config: &Config, examples: &'a [usize]) -> impl Iterator<Item = &'a [usize]> {
    examples.chunks(examples.len().div_ceil(config.accumulate_steps).max(1))
}

/// How many positions a batch of these examples has.
fn width(store: &Store, config: &Config, examples: &[usize]) -> usize {
    let inputs = examples.iter().flat_map(|&i| store.inputs(i));
    let lengths = inputs.map(|pieces| pieces.len());
    config.pads_to().or_else(|| lengths.max()).unwrap_or(0)
}

/// Rows of these lengths side by side in `width` positions: the ids, b × t in int64, that `copy` puts
/// at the start of a row, pads behind them, and the mask b × t that is false at pads, if there are
/// any.
pub(crate) fn side_by_side(
    lengths: &[usize],
    width: usize,
    pad: u32,
    copy: impl Fn(usize, &mut [i64]),
) -> (Tensor, Option<Tensor>) {
    let mut ids = vec![i64::from(pad); lengths.len() * width];
    for (row, ids) in ids.chunks_mut(width.max(1)).enumerate() {
        copy(row, ids);
    }
    let mask_bt = lengths.iter().any(|&length| length < width).then(|| {
        let length_b1 = int64(lengths.iter().copied()).unsqueeze(1);
        Tensor::arange(width as i64, (Kind::Int64, Device::Cpu))
            .unsqueeze(0)
            .lt_tensor(&length_b1)
    });
    let shape = [lengths.len() as i64, width as i64];
    (Tensor::from_slice(&ids).view(shape), mask_bt)
}

fn int64(values: impl Iterator<Item = usize>) -> Tensor {
    Tensor::from_slice(&values.map(|value| value as i64).collect::<Vec<_>>())
}

fn relation_targets(store: &Store, entity: Entity, examples: &[usize], width: usize) -> Targets {
    let (mut places, mut entities, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let mut labels = Vec::with_capacity(examples.len());
    for (row, &i) in examples.iter().enumerate() {
        if let Some((Entities { subject, object }, label)) = store.relation(i) {
            for (e, pieces) in [(0, subject, object), (1, object, subject)]
                .map(|(e, mention, other)| (e, pieces(entity, mention, other)))
            {
                entities.extend(pieces.iter().map(|_| 2 * row + e));
                weights.extend(pieces.iter().map(|_| 1.0 / pieces.len() as f32));
                places.extend(pieces.iter().map(|&i| row * width + usize::from(i)));
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
fn pieces(entity: Entity, mention: Mention, other: Mention) -> Vec<u16> {
    match entity {
        Entity::Marker => vec![mention.open],
        Entity::Mean => mention.places(other).collect(),
    }
}

fn head_targets(store: &Store, examples: &[usize], width: usize) -> Targets {
    let words = || {
        examples
            .iter()
            .enumerate()
            .flat_map(|(row, &i)| store.words(i).iter().map(move |word| (row, i, word)))
    };
    Targets::Heads {
        place_w: int64(words().map(|(row, _, word)| row * width + usize::from(word.place))),
        head_w: int64(words().map(|(_, _, word)| usize::from(word.head))),
        length_w: int64(words().map(|(_, i, _)| store.length(i))),
    }
}

fn typing_targets(store: &Store, examples: &[usize], width: usize) -> Targets {
    let all = || (0..).zip(examples.iter().filter_map(|&i| store.typing(i)));
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
    let labels = examples.iter().filter_map(|&i| store.choice(i));
    Targets::Choice {
        place_n: int64((0..answers.iter().sum()).map(|row| row * width)),
        at_n: int64(at),
        label_b: int64(labels.map(usize::from)),
        most: most as i64,
    }
}

fn span_targets(store: &Store, examples: &[usize]) -> Targets {
    let all = || examples.iter().filter_map(|&i| store.span(i));
    let piece =
        |of: fn(Answer) -> u16| int64(all().map(|(answer, _)| usize::from(answer.map_or(0, of))));
    Targets::Span {
        start_b: piece(|answer| answer.start),
        end_b: piece(|answer| answer.end),
        first_b: int64(all().map(|(_, first)| usize::from(first))),
        length_b: int64(examples.iter().map(|&i| store.length(i))),
    }
}

/// Makes the parts of each step on a thread of its own, from the given step on, epoch after epoch,
/// with the hidden states that a cache has of them. A cache that cannot be read ends the batches
/// with its error.
pub fn ahead(
    store: Arc<Store>,
    config: Config,
    pad: u32,
    cache: Option<Arc<Cache>>,
    first: u64,
    steps: u64,
) -> Receiver<Result<Vec<Batch>>> {
    let (sender, receiver) = bounded(AHEAD);
    thread::spawn(move || {
        let per_epoch = order::batches_per_epoch(&store, &config);
        let mut step = first;
        while step < steps {
            let batches = order::epoch(&store, &config, step / per_epoch);
            let rest = batches.iter().skip((step % per_epoch) as usize);
            for examples in rest.take((steps - step) as usize) {
                let mut parts = Batch::parts(&store, &config, pad, examples);
                let parts = match &cache {
                    Some(cache) => with_states(cache, &config, &mut parts, examples),
                    None => Ok(()),
                }
                .map(|()| parts);
                let failed = parts.is_err();
                if sender.send(parts).is_err() || failed {
                    return; // the run has ended
                }
                step += 1;
            }
        }
    });
    receiver
}

fn with_states(
    cache: &Cache,
    config: &Config,
    parts: &mut [Batch],
    examples: &[usize],
) -> Result<()> {
    for (part, examples) in parts.iter_mut().zip(chunks(config, examples)) {
        part.states = Some(cache.read(examples, part.ids_bt.size()[1] as usize)?);
    }
    Ok(())
}
