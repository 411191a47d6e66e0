//! A sentence from formats that list words and dependencies apart.

use kprep_schemas::{NO_HEAD, Position, Words};

use crate::{Fault, Sentence, Structure};

/// The words and the dependencies of a sentence, as they come.
#[derive(Debug, Default)]
pub(crate) struct Arcs {
    token: Words,
    /// `_` for a word without.
    tags: Words,
    basic: Vec<Arc>,
    /// The first list of collapsed or enhanced dependencies, if there is one.
    others: Option<Vec<Arc>>,
}

/// `label(governor, dependent)`, words counted from 1; governor 0 is the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Arc {
    pub(crate) label: String,
    pub(crate) governor: usize,
    pub(crate) dependent: usize,
    /// The dependent is a copy of its word, which collapsing made.
    pub(crate) to_copy: bool,
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

    /// Whether a list of collapsed or enhanced dependencies is wanted: the first one is, unless there
    /// are basic ones.
    pub(crate) fn wants_others(&self) -> bool {
        self.others.is_none() && self.basic.is_empty()
    }

    /// Adds a list of collapsed or enhanced dependencies. One without any says nothing.
    pub(crate) fn others(&mut self, arcs: Vec<Arc>) {
        if !arcs.is_empty() {
            self.others.get_or_insert(arcs);
        }
    }

    /// The sentence, if its basic dependencies have the structure asked for. Other ones stand in
    /// for them where any structure will do.
    pub(crate) fn sentence(
        self,
        position: Position,
        structure: Structure,
    ) -> Result<Sentence, Fault> {
        let words = self.token.len();
        if words == 0 {
            return Err(Fault::Syntax {
                expected: "words".into(),
                found: "a sentence without any".into(),
            });
        }
        let arcs = match (self.basic, self.others, structure) {
            (basic, _, _) if !basic.is_empty() => basic,
            (_, Some(others), Structure::Any) => others,
            (_, Some(_), Structure::Tree) => return Err(Fault::NotBasic),
            (_, None, _) => Vec::new(),
        };
        let mut heads = Heads::new(words);
        for arc in &arcs {
            heads.add(arc, structure)?;
        }
        let Heads {
            mut head,
            mut label,
            left_out,
        } = heads;
        if head.iter().all(|&head| head == NO_HEAD) {
            return Err(Fault::NoHeads);
        }
        if !head.contains(&0)
            && let Some(root) = only_headless_governor(&head)
        {
            head[root - 1] = 0;
            label[root - 1] = "root";
        }
        structure.check(&head)?;
        let tagged = self.tags.iter().any(|tag| tag != "_");
        Ok(Sentence {
            position,
            token: self.token,
            head,
            deprel: label.iter().collect(),
            xpos: tagged.then_some(self.tags),
            heads_left_out: left_out,
            ..Sentence::default()
        })
    }
}

/// The head of each word and its label, as arcs give them.
struct Heads<'a> {
    head: Vec<i32>,
    label: Vec<&'a str>,
    /// Further heads of words that have one already.
    left_out: u64,
}

impl<'a> Heads<'a> {
    fn new(words: usize) -> Self {
        Self {
            head: vec![NO_HEAD; words],
            label: vec![""; words],
            left_out: 0,
        }
    }

    fn add(&mut self, arc: &'a Arc, structure: Structure) -> Result<(), Fault> {
        let at = arc.dependent.wrapping_sub(1);
        let (Some(head), Some(label)) = (self.head.get_mut(at), self.label.get_mut(at)) else {
            return Err(Fault::Syntax {
                expected: format!("a dependent from 1 to {}", self.head.len()),
                found: match arc.dependent {
                    usize::MAX => "none".into(),
                    dependent => dependent.to_string(),
                },
            });
        };
        if structure == Structure::Any
            && (*head != NO_HEAD || arc.to_copy || arc.governor == arc.dependent)
        {
            self.left_out += 1;
        } else if *head != NO_HEAD {
            let word = arc.dependent;
            return Err(Fault::SeveralHeads { word });
        } else {
            *head = i32::try_from(arc.governor).unwrap_or(i32::MAX);
            *label = &arc.label;
        }
        Ok(())
    }
}

/// Version 1 of `CoreNLP` writes no arc to the root. It is the one word on which others depend and
/// that depends on none; punctuation without a head has no dependents.
fn only_headless_governor(head: &[i32]) -> Option<usize> {
    let mut roots = head
        .iter()
        .filter_map(|&governor| usize::try_from(governor).ok())
        .filter(|&governor| head.get(governor.wrapping_sub(1)) == Some(&NO_HEAD));
    let first = roots.next()?;
    roots.all(|root| root == first).then_some(first)
}
