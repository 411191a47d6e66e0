//! A sentence from lists of typed dependencies, and from its words where the file has them.

use std::collections::{BTreeMap, BTreeSet};

use kprep_schemas::Position;

use crate::arcs::{Arc, Arcs};
use crate::choice::unescape;
use crate::row::quoted;
use crate::typed::{Mention, TypedArc};
use crate::{Fault, Sentence, Structure};

/// The words of a sentence with their tags, where the file gives them.
pub(crate) type Words = Vec<(String, Option<String>)>;

/// One kind of dependencies of a sentence.
#[derive(Debug, Default)]
pub(crate) struct TypedList {
    /// Where it starts.
    pub(crate) position: Position,
    arcs: Vec<Arc>,
    /// The words that it mentions, by number.
    pub(crate) forms: BTreeMap<usize, String>,
    /// Whether something in it is not basic.
    collapsed: bool,
    fault: Option<Fault>,
}

impl TypedList {
    pub(crate) fn new(position: Position) -> Self {
        Self {
            position,
            ..Self::default()
        }
    }

    pub(crate) fn push(&mut self, arc: &TypedArc<'_>) {
        let TypedArc {
            label,
            governor,
            dependent,
        } = *arc;
        self.collapsed |= governor.is_copy || dependent.is_copy || is_collapsed(label);
        for mention in [governor, dependent] {
            self.mention(mention);
        }
        self.arcs.push(Arc {
            label: label.to_owned(),
            governor: governor.index,
            dependent: dependent.index,
            to_copy: dependent.is_copy,
        });
    }

    fn mention(&mut self, mention: Mention<'_>) {
        let Mention { form, index, .. } = mention;
        if index == 0 {
            return;
        }
        let known = self.forms.entry(index).or_insert_with(|| form.to_owned());
        if known != form {
            let expected = format!("word {index} to be {}", quoted(known));
            let found = quoted(form);
            self.fail(Fault::Syntax { expected, found });
        }
    }

    /// Notes what is wrong with the list. The first fault is the one that is told.
    pub(crate) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Whether something is wrong with it.
    pub(crate) fn is_faulty(&self) -> bool {
        self.fault.is_some()
    }

    /// Says that the file calls these dependencies collapsed or enhanced.
    pub(crate) fn set_collapsed(&mut self) {
        self.collapsed = true;
    }

    /// Whether these are no basic dependencies, by their labels, by copies of words, or because a
    /// word has several heads.
    pub(crate) fn is_collapsed(&self) -> bool {
        let mut arcs: Vec<_> = self
            .arcs
            .iter()
            .map(|arc| (arc.dependent, arc.governor))
            .collect();
        arcs.sort_unstable();
        arcs.dedup();
        self.collapsed
            || arcs.windows(2).any(|pair| pair[0].0 == pair[1].0)
            || self.has_words_in_labels()
    }

    /// Enhanced dependencies of Universal Dependencies: `nmod:of` where `of` is a word of its own
    /// that depends on the same word. Basic ones have other words there (`nmod:poss`).
    fn has_words_in_labels(&self) -> bool {
        if !self.arcs.iter().any(|arc| arc.label.contains(':')) {
            return false;
        }
        let is_marker = |arc: &&Arc| {
            let relation = arc.label.split(':').next();
            matches!(relation, Some("case" | "mark" | "cc"))
        };
        let markers: BTreeSet<(usize, String)> = self
            .arcs
            .iter()
            .filter(is_marker)
            .filter_map(|arc| Some((arc.governor, self.forms.get(&arc.dependent)?.to_lowercase())))
            .collect();
        self.arcs.iter().any(|arc| {
            let word = arc
                .label
                .split_once(':')
                .map(|(_, word)| word.to_lowercase());
            word.is_some_and(|word| markers.contains(&(arc.dependent, word)))
        })
    }

    /// Whether the two say the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.arcs == other.arcs && self.forms == other.forms
    }

    /// The first word that is another one there than here, up to what `same` takes for the same.
    fn difference(&self, words: &Words, same: Same) -> Option<Fault> {
        let found = self.forms.iter().find_map(|(&index, form)| {
            let word = words.get(index - 1);
            match word {
                Some((word, _)) if same(form, word) => None,
                _ => Some((index, form, word)),
            }
        });
        let (index, form, word) = found?;
        Some(Fault::Syntax {
            expected: match word {
                Some((word, _)) => format!("word {index} to be {}", quoted(word)),
                None => format!("a word from 1 to {}", words.len()),
            },
            found: match word {
                Some(_) => quoted(form),
                None => format!("{}-{index}", quoted(form)),
            },
        })
    }

    /// Numbers the words by their places among `numbers`, which has all of them.
    fn renumber(&mut self, numbers: &[usize]) {
        let place = |index: usize| numbers.binary_search(&index).map_or(0, |at| at + 1);
        for arc in &mut self.arcs {
            arc.governor = place(arc.governor);
            arc.dependent = place(arc.dependent);
        }
    }

    /// Whether all words that are mentioned here are mentioned there.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let mut forms = self.forms.iter();
        forms.all(|(index, form)| other.forms.get(index) == Some(form))
    }
}

/// Labels that basic dependencies do not have: collapsing puts words into labels (`prep_of`,
/// `nmod:in_front_of`), and has some of its own.
fn is_collapsed(label: &str) -> bool {
    let (relation, words) = label.split_once(['_', ':']).unwrap_or((label, ""));
    match relation {
        "prep" | "prepc" => label.contains('_'),
        "conj" => relation != label,
        "nmod" | "obl" | "acl" | "advcl" => words.contains('_'),
        "agent" | "ref" | "xsubj" => true,
        _ => label == "det:qmod" || label == "nsubj:xsubj",
    }
}

/// Whether a dependency's word is the sentence's.
type Same = fn(&str, &str) -> bool;

/// Parsers escape brackets in one place and not in the other.
fn is_word(form: &str, word: &str) -> bool {
    form == word || unescape(form) == unescape(word)
}

/// Parsers may add the tag.
fn is_tagged_word(form: &str, word: &str) -> bool {
    let plain = form.rsplit_once('/');
    is_word(form, word) || plain.is_some_and(|(plain, _)| is_word(plain, word))
}

/// The sentence of these dependencies. Its words are the first of `candidates` that agree with
/// them, of which no more are read than that; without candidates they are those that the dependencies mention, and the heads count
/// these.
pub(crate) fn sentence(
    position: Position,
    candidates: impl IntoIterator<Item = Words>,
    mut lists: Vec<TypedList>,
    structure: Structure,
) -> Result<Sentence, Fault> {
    if let Some(fault) = lists.iter_mut().find_map(|list| list.fault.take()) {
        return Err(fault);
    }
    let mut arcs = Arcs::default();
    let mut words_left_out = 0;
    let mut candidates = candidates.into_iter().peekable();
    if candidates.peek().is_none() {
        words_left_out = mentioned_words(&mut lists, &mut arcs)?;
    } else {
        let words = agreeing_words(candidates, &lists)?;
        for (i, (form, tag)) in words.iter().enumerate() {
            arcs.word(i + 1, form, tag.as_deref())?;
        }
    }
    let mut has_basic = false;
    for list in lists {
        if list.is_collapsed() {
            arcs.others(list.arcs);
        } else if !has_basic {
            has_basic = true;
            list.arcs.into_iter().for_each(|arc| arcs.arc(arc));
        }
    }
    let sentence = arcs.sentence(position, structure)?;
    Ok(Sentence {
        words_left_out,
        ..sentence
    })
}

/// Makes the words that the dependencies mention those of the sentence, and numbers them anew.
/// Returns how many words are not mentioned, as far as the numbers tell.
fn mentioned_words(lists: &mut [TypedList], arcs: &mut Arcs) -> Result<u64, Fault> {
    let forms = lists.iter().flat_map(|list| list.forms.clone());
    let mentioned: BTreeMap<usize, String> = forms.collect();
    let numbers: Vec<usize> = mentioned.keys().copied().collect();
    for list in lists {
        list.renumber(&numbers);
    }
    for (i, form) in mentioned.values().enumerate() {
        arcs.word(i + 1, form, None)?;
    }
    let last = numbers.last().copied().unwrap_or(0);
    Ok((last - numbers.len()) as u64)
}

/// The first of several ways to read the sentence's words in which they are those of its
/// dependencies.
fn agreeing_words(
    candidates: impl Iterator<Item = Words>,
    lists: &[TypedList],
) -> Result<Words, Fault> {
    let difference = |words: &Words, same: Same| {
        let mut differences = lists.iter().map(|list| list.difference(words, same));
        differences.find_map(|difference| difference)
    };
    let (mut fault, mut others) = (None, Vec::new());
    for words in candidates {
        let Some(found) = difference(&words, is_word) else {
            return Ok(words);
        };
        fault.get_or_insert(found);
        others.push(words);
    }
    let tagged = |words: &Words| difference(words, is_tagged_word).is_none();
    let agreeing = others.into_iter().find(tagged);
    agreeing.ok_or(fault.unwrap_or(Fault::NoHeads))
}
