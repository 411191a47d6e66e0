//! What is to be learnt from all examples of a split, a few bytes each.

use std::collections::BTreeMap;
use std::ops::Range;

use super::range;
use crate::config::Task;
use crate::data::examples::{Answer, Entities, Paragraph, Target, Word};

/// The targets of all examples of a split.
pub enum TargetStore {
    /// Entities and label.
    Relation(Vec<(Entities, u16)>),
    /// Scored words.
    Heads {
        /// Of all examples.
        words: Vec<Word>,
        /// Where each example's end.
        ends: Vec<u64>,
    },
    /// Types of entities.
    Typing {
        /// The marker before the entity.
        open: Vec<u16>,
        /// Types of all examples.
        labels: Vec<u16>,
        /// Where each example's end.
        ends: Vec<u64>,
    },
    /// Answers to choose from.
    Choice {
        /// Tokens of all inputs.
        lengths: Vec<u16>,
        /// Where each example's inputs end.
        ends: Vec<u64>,
        /// The right ones.
        labels: Vec<u16>,
    },
    /// Answers in paragraphs.
    Span {
        /// The answer, and the paragraph's first token.
        spans: Vec<(Option<Answer>, u16)>,
        /// What scores need: for splits that are scored alone.
        paragraphs: Option<Vec<Paragraph>>,
    },
}

impl TargetStore {
    /// None yet. `is_scored` keeps what scores need of the text.
    pub(super) fn new(task: Task, is_scored: bool) -> Self {
        match task {
            Task::Relation => Self::Relation(Vec::new()),
            Task::Dependency => Self::Heads {
                words: Vec::new(),
                ends: Vec::new(),
            },
            Task::Typing => Self::Typing {
                open: Vec::new(),
                labels: Vec::new(),
                ends: Vec::new(),
            },
            Task::Choice => Self::Choice {
                lengths: Vec::new(),
                ends: Vec::new(),
                labels: Vec::new(),
            },
            Task::Span => Self::Span {
                spans: Vec::new(),
                paragraphs: is_scored.then(Vec::new),
            },
        }
    }

    /// Adds an example's.
    pub(super) fn push(&mut self, target: Target) {
        match (self, target) {
            (Self::Relation(all), Target::Relation { entities, label }) => {
                all.push((entities, label));
            }
            (Self::Heads { words, ends }, Target::Heads(scored)) => {
                words.extend(scored);
                ends.push(words.len() as u64);
            }
            (
                Self::Typing { open, labels, ends },
                Target::Typing {
                    open: at,
                    labels: own,
                },
            ) => {
                open.push(at);
                labels.extend(own);
                ends.push(labels.len() as u64);
            }
            (
                Self::Choice {
                    lengths,
                    ends,
                    labels,
                },
                Target::Choice {
                    lengths: own,
                    label,
                },
            ) => {
                lengths.extend(own);
                ends.push(lengths.len() as u64);
                labels.push(label);
            }
            (
                Self::Span { spans, paragraphs },
                Target::Span {
                    answer,
                    first,
                    paragraph,
                },
            ) => {
                spans.push((answer, first));
                if let Some(paragraphs) = paragraphs {
                    paragraphs.push(*paragraph);
                }
            }
            // A row type makes one kind of target, and `new` was told which.
            _ => {}
        }
    }

    /// The entities and the label of an example; `None` where heads are learnt.
    pub fn relation(&self, i: usize) -> Option<(Entities, u16)> {
        match self {
            Self::Relation(all) => all.get(i).copied(),
            _ => None,
        }
    }

    /// The marker before the entity, and its types; `None` where none are learnt.
    pub fn typing(&self, i: usize) -> Option<(u16, &[u16])> {
        let Self::Typing { open, labels, ends } = self else {
            return None;
        };
        let (start, end) = range(ends, i);
        Some((*open.get(i)?, &labels[start..end]))
    }

    /// The right answer; `None` where none is chosen.
    pub fn choice(&self, i: usize) -> Option<u16> {
        match self {
            Self::Choice { labels, .. } => labels.get(i).copied(),
            _ => None,
        }
    }

    /// The answer's tokens, if it is there, and the first token of the paragraph; `None` where none is looked for.
    pub fn span(&self, i: usize) -> Option<(Option<Answer>, u16)> {
        match self {
            Self::Span { spans, .. } => spans.get(i).copied(),
            _ => None,
        }
    }

    /// The paragraph of an example, in a split that is scored.
    pub fn paragraph(&self, i: usize) -> Option<&Paragraph> {
        match self {
            Self::Span { paragraphs, .. } => paragraphs.as_ref()?.get(i),
            _ => None,
        }
    }

    /// The inputs of an example by their tokens, where it has several.
    pub(super) fn inputs(&self, i: usize) -> Option<Vec<Range<usize>>> {
        let Self::Choice { lengths, ends, .. } = self else {
            return None;
        };
        let (start, end) = range(ends, i);
        let mut from = 0;
        let inputs = lengths[start..end].iter().map(|&length| {
            let input = from..from + usize::from(length);
            from = input.end;
            input
        });
        Some(inputs.collect())
    }

    /// The scored words of an example; none where relations are learnt.
    pub fn words(&self, i: usize) -> &[Word] {
        match self {
            Self::Heads { words, ends } => {
                let (start, end) = range(ends, i);
                &words[start..end]
            }
            _ => &[],
        }
    }

    /// The most frequent label, the lowest of several.
    pub fn majority(&self) -> Option<u16> {
        match self {
            Self::Relation(all) => usual(all.iter().map(|&(_, label)| label)),
            Self::Choice { labels, .. } => usual(labels.iter().copied()),
            _ => None,
        }
    }

    /// The highest index of a class; `None` where there are no classes.
    pub fn highest_class(&self) -> Option<u16> {
        match self {
            Self::Relation(all) => all.iter().map(|&(_, label)| label).max(),
            Self::Typing { labels, .. } => labels.iter().copied().max(),
            _ => None,
        }
    }

    /// The most frequent set of types, the first of several.
    pub fn usual_types(&self) -> Option<&[u16]> {
        let Self::Typing { ends, .. } = self else {
            return None;
        };
        let all = (0..ends.len()).filter_map(|i| self.typing(i));
        usual(all.map(|(_, labels)| labels))
    }
}

/// The most frequent item, the lowest of several.
fn usual<T: Ord>(items: impl Iterator<Item = T>) -> Option<T> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_insert(0u64) += 1;
    }
    let counts = counts.into_iter().rev();
    let usual = counts.max_by_key(|&(_, count)| count);
    usual.map(|(item, _)| item)
}
