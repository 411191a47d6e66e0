//! A sentence from formats that list words and dependencies apart.

use kprep_schemas::{NO_HEAD, Position, Words, check_tree};

use crate::{Fault, Sentence};

/// The words and the basic dependencies of a sentence, as they come.
#[derive(Debug, Default)]
pub(crate) struct Arcs {
    token: Words,
    /// `_` for a word without.
    tags: Words,
    basic: Vec<Arc>,
    /// Whether there are collapsed or enhanced dependencies.
    others: bool,
}

/// `label(governor, dependent)`, words counted from 1; governor 0 is the root.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arc {
    pub(crate) label: String,
    pub(crate) governor: usize,
    pub(crate) dependent: usize,
}

impl Arcs {
    /// Adds the next word.
    pub(crate) fn word(&mut self, id: usize, form: &str, tag: Option<&str>) -> Result<(), Fault> {
        let expected = self.token.len() + 1;
        if id != expected {
            return Err(Fault::Syntax {
                expected: format!("word number {expected}"),
                found: id.to_string(),
            });
        }
        if form.is_empty() {
            return Err(Fault::Syntax {
                expected: format!("the form of word {id}"),
                found: "nothing".into(),
            });
        }
        self.token.push(form);
        self.tags.push(tag.unwrap_or("_"));
        Ok(())
    }

    /// Adds a basic dependency.
    pub(crate) fn arc(&mut self, arc: Arc) {
        self.basic.push(arc);
    }

    /// Notes a collapsed or enhanced dependency.
    pub(crate) fn other_arc(&mut self) {
        self.others = true;
    }

    /// The sentence, if its dependencies are a tree.
    pub(crate) fn sentence(self, position: Position) -> Result<Sentence, Fault> {
        let words = self.token.len();
        if words == 0 {
            return Err(Fault::Syntax {
                expected: "words".into(),
                found: "a sentence without any".into(),
            });
        }
        if self.basic.is_empty() {
            return Err(if self.others {
                Fault::NotBasic
            } else {
                Fault::NoHeads
            });
        }
        let mut head = vec![NO_HEAD; words];
        let mut label = vec![""; words];
        for arc in &self.basic {
            let at = arc.dependent.wrapping_sub(1);
            let (Some(head), Some(label)) = (head.get_mut(at), label.get_mut(at)) else {
                return Err(Fault::Syntax {
                    expected: format!("a dependent from 1 to {words}"),
                    found: arc.dependent.to_string(),
                });
            };
            if *head != NO_HEAD {
                let word = arc.dependent;
                return Err(Fault::SeveralHeads { word });
            }
            *head = i32::try_from(arc.governor).unwrap_or(i32::MAX);
            *label = &arc.label;
        }
        if !head.contains(&0)
            && let Some(root) = only_headless_governor(&head)
        {
            head[root - 1] = 0;
            label[root - 1] = "root";
        }
        check_tree(&head)?;
        let tagged = self.tags.iter().any(|tag| tag != "_");
        Ok(Sentence {
            position,
            token: self.token,
            head,
            deprel: label.iter().collect(),
            xpos: tagged.then_some(self.tags),
            ..Sentence::default()
        })
    }
}

/// Version 1 of `CoreNLP` writes no arc to the root. It is the one word on which others depend and
/// that depends on none; punctuation without a head has no dependents.
fn only_headless_governor(head: &[i32]) -> Option<usize> {
    let mut roots = head
        .iter()
        .filter_map(|&governor| usize::try_from(governor).ok())
        .filter(|&governor| head.get(governor - 1) == Some(&NO_HEAD));
    let first = roots.next()?;
    roots.all(|root| root == first).then_some(first)
}
