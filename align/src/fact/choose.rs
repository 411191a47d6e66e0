//! Which facts of a document stay where something else than their place decides.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{AlignedDocument, Fact, MultiLabel, Place};
use crate::{Loss, Lost, TestSets};

/// Applies `--exclude`.
pub(super) fn leave_tests_out(
    doc: &AlignedDocument<'_>,
    facts: &mut Vec<Fact<'_>>,
    lost: &mut Vec<Lost>,
    tests: &TestSets,
) {
    if tests.is_empty() {
        return;
    }
    // A sentence has several facts, and reading it costs more than anything else here.
    let mut known: FxHashMap<usize, bool> = FxHashMap::default();
    facts.retain(|fact| {
        let Range { start, end } = fact.place.sentence;
        let mut tested = || {
            let text = || doc.offsets.slice(&(start..end)).unwrap_or_default();
            *known
                .entry(start)
                .or_insert_with(|| tests.has_sentence(text()))
        };
        let reason = if tests.has_pair(fact.subject, fact.object.id) {
            Some(Loss::TestPair)
        } else {
            tested().then_some(Loss::TestSentence)
        };
        lost.extend(reason.map(|reason| fact.lost(reason)));
        reason.is_none()
    });
}

/// Applies `--multi-label`.
pub(super) fn choose_labels(facts: &mut Vec<Fact<'_>>, lost: &mut Vec<Lost>, choice: MultiLabel) {
    if choice == MultiLabel::All {
        return;
    }
    let mut relations: FxHashMap<Place, usize> = FxHashMap::default();
    for fact in facts.iter() {
        *relations.entry(fact.place.clone()).or_default() += 1;
    }
    let mut taken: FxHashSet<Place> = FxHashSet::default();
    facts.retain(|fact| {
        let keep = match choice {
            MultiLabel::First => taken.insert(fact.place.clone()),
            _ => relations[&fact.place] == 1,
        };
        if !keep {
            lost.push(fact.lost(Loss::OtherRelation));
        }
        keep
    });
}
